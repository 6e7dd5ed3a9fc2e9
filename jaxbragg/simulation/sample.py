"""The physics of one sample, every term by name.

The stages after those of `point.py`: the index of a ray at one spindle angle, and the sample of one mosaic
domain.
"""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from jaxbragg.config.choices import Shape
from jaxbragg.config.structure_factors import StructureFactorConfig
from jaxbragg.geometry.vectors import add, apply
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.terms import lattice
from jaxbragg.terms.interpolation import interpolation_range, tricubic_amplitude
from jaxbragg.terms.structure_factor import amplitude_at, nearest_amplitude, table_place
from jaxbragg.together import together


class IndexTerms(NamedTuple):
    """The ray's index in the unrotated domain at one spindle angle, split for the precision of the rest.

    Attributes:
      whole: nearest integers h, k, l, narrow dtype.
      rest: distance from them, narrow dtype.
      turns: number of unit cells times that distance, less the nearest integers, narrow dtype.
      q: scattering vector, 1/m, narrow dtype.
    """

    whole: Vec3
    rest: Vec3
    turns: Vec3
    q: Vec3


class SampleTerms(NamedTuple):
    """One mosaic domain.

    Attributes:
      nearest: nearest integers h, k, l.
      distance: of the index from them.
      turns: number of unit cells times that distance, less the nearest integers.
      lattice_axes: amplitude factors along a, b, c, without sign (1 for shapes that have no such factors).
      lattice: amplitude of the finite crystal, without sign.
      table_amplitude: F of the nearest reflection, or the default.
      inside_table: whether the table holds that reflection.
      interpolable: whether all nodes of the interpolation exist (False when there is none).
      amplitude: F used, electrons.
      intensity: F² times the squared lattice amplitude.
    """

    nearest: Vec3
    distance: Vec3
    turns: Vec3
    lattice_axes: Vec3
    lattice: Array
    table_amplitude: Array
    inside_table: Array
    interpolable: Array
    amplitude: Array
    intensity: Array


def index_terms(index: Vec3, q: Vec3, cells: Vec3, narrow: DTypeLike) -> IndexTerms:
    """Index of a ray in the unrotated domain, split at the nearest integer in double precision.

    Args:
      index: h, k, l: a.q, b.q, c.q.
      q: scattering vector, 1/m.
      cells: unit cells along a, b, c.
      narrow: dtype of what follows.

    Source: specs/scattering.md SCAT-3, SCAT-4; specs/precision.md PREC-4.
    """
    whole = Vec3(*(nearest_integer(x) for x in index))
    rest = Vec3(*(x - n for x, n in zip(index, whole, strict=True)))
    turns = Vec3(*(lattice.less_whole(x * n) for x, n in zip(rest, cells, strict=True)))
    return IndexTerms(
        whole=Vec3(*(x.astype(narrow) for x in whole)),
        rest=Vec3(*(x.astype(narrow) for x in rest)),
        turns=Vec3(*(x.astype(narrow) for x in turns)),
        q=Vec3(*(x.astype(narrow) for x in q)),
    )


def nearest_integer(x: Array) -> Array:
    """The nearest integer, halves downwards."""
    return jnp.ceil(x - 0.5)


def domain_index(index: IndexTerms, change: Mat33, cells: Vec3) -> IndexTerms:
    """Index of one mosaic domain, still split at the integers nearest to the unrotated domain's.

    Only the domain's own move is multiplied by the number of cells here (PREC-5).

    Args:
      index: the ray's index in the unrotated domain.
      change: what the domain changes in the real vectors, m, narrow dtype.
      cells: unit cells along a, b, c, narrow dtype.
    """
    move = apply(change, index.q)
    turns = Vec3(*(t + n * m for t, n, m in zip(index.turns, cells, move, strict=True)))
    return index._replace(rest=add(index.rest, move), turns=turns)


def sample_terms(
    index: IndexTerms, constants: "SampleConstants", interpolate: Array | None = None
) -> SampleTerms:
    """Terms of one mosaic domain.

    Args:
      index: the domain's index.
      constants: cell counts, shape, table.
      interpolate: whether this sample may interpolate; None follows the table alone.
    """
    return unmoved_sample_terms(to_nearest(index, constants.cells), constants, interpolate)


def to_nearest(index: IndexTerms, cells: Vec3) -> IndexTerms:
    """The same index, split at the integers nearest to it."""
    step = Vec3(*(jnp.round(x) for x in index.rest))
    return index._replace(
        whole=add(index.whole, step),
        rest=Vec3(*(x - s for x, s in zip(index.rest, step, strict=True))),
        turns=Vec3(*map(_stepped_turns, index.turns, step, cells)),
    )


def unmoved_sample_terms(
    index: IndexTerms, constants: "SampleConstants", interpolate: Array | None = None
) -> SampleTerms:
    """Terms of a domain that `domain_index` has not moved: its index is split at the nearest integers."""
    nearest, distance, turns = index.whole, index.rest, index.turns
    axes, amplitude = _lattice(nearest, distance, turns, constants)
    found = nearest_amplitude(nearest, constants.factors)
    factor, interpolable = found.amplitude, jnp.zeros_like(found.inside)
    if constants.factors.interpolate and constants.factors.table is not None:
        interpolable = interpolation_range(nearest, distance, constants.factors)
        usable = interpolable if interpolate is None else interpolable & interpolate
        cubic = tricubic_amplitude(nearest, distance, usable, constants.factors)
        factor = jnp.where(usable, cubic, factor)
    return SampleTerms(
        nearest=nearest,
        distance=distance,
        turns=turns,
        lattice_axes=axes,
        lattice=amplitude,
        table_amplitude=found.amplitude,
        inside_table=found.inside,
        interpolable=interpolable,
        amplitude=factor,
        intensity=_intensity(factor, amplitude),
    )


def weighted_intensity(index: IndexTerms, weight: Array, constants: "SampleConstants") -> Array:
    """Weight times the intensity of a domain that `domain_index` has not moved."""
    factors = constants.factors
    if factors.table is None or factors.interpolate:
        return weight * unmoved_sample_terms(index, constants).intensity
    # what leads to a lookup also leads to what its amplitude is multiplied with; what follows in the narrow
    # type has twice as many numbers per vector by itself
    place, rest, turns, weight = together(
        (table_place(index.whole, factors), index.rest, index.turns, weight)
    )
    _, lattice_amplitude = _lattice(index.whole, rest, turns, constants)
    return weight * _intensity(amplitude_at(place, factors).amplitude, lattice_amplitude)


def _intensity(amplitude: Array, lattice_amplitude: Array) -> Array:
    return (amplitude * amplitude) * (lattice_amplitude * lattice_amplitude)


def _stepped_turns(turns: Array, step: Array, cells: Array) -> Array:
    """Turns after the nearest integer made a step, of which whole cells notice nothing."""
    return lattice.less_whole(turns - lattice.less_whole(cells) * step)


@jax.tree_util.register_static
@dataclass(frozen=True)
class BlockRules:
    """Static choices of the lattice factor.

    Attributes:
      shape: shape of the block.
      full_index_sines: whether the program's unprotected sines are used (Q29).
    """

    shape: Shape
    full_index_sines: bool


class SampleConstants(NamedTuple):
    """What every sample shares, in the narrow dtype.

    Attributes:
      cells: unit cells along a, b, c.
      fudge: factor on the spot radius.
      axes: reciprocal vectors, 1/Å.
      factors: structure factors.
      rules: static choices.
    """

    cells: Vec3
    fudge: Array
    axes: lattice.ReciprocalAxes
    factors: StructureFactorConfig
    rules: BlockRules


def _lattice(nearest: Vec3, distance: Vec3, turns: Vec3, constants: SampleConstants) -> tuple[Vec3, Array]:
    """Axis factors and their product, for the shape of the block."""
    one = jnp.ones_like(distance.x)
    cells, fudge, axes = constants.cells, constants.fudge, constants.axes
    match constants.rules.shape:
        case Shape.ROUND:
            return Vec3(one, one, one), lattice.round_crystal(distance, cells, fudge)
        case Shape.GAUSS:
            return Vec3(one, one, one), lattice.gauss_crystal(distance, cells, fudge, axes)
        case Shape.TOPHAT:
            return Vec3(one, one, one), lattice.tophat_crystal(distance, cells, fudge, axes)
    if constants.rules.full_index_sines:  # Q29
        full = (lattice.square_axis_full(w + d, n) for w, d, n in zip(nearest, distance, cells, strict=True))
        factors = Vec3(*full)
        return factors, factors.x * factors.y * factors.z
    quotients = map(lattice.square_axis, distance, turns, cells)
    amplitude = lattice.square_crystal(distance, turns, cells)
    return Vec3(*(q.numerator / q.denominator for q in quotients)), amplitude
