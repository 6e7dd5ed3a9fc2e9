"""Tangent of the sum over one block of domains.

Sums over pixels are matrix products: XLA does not vectorise such a sum for CPUs when it is fused with what it
adds up.
"""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.geometry.vectors import apply, transpose
from jaxbragg.products import matrix_product
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.sample import IndexTerms, SampleConstants, domain_index, sample_terms
from jaxbragg.simulation.slopes import Slopes, sample_slopes
from jaxbragg.together import together


class Pixels(NamedTuple):
    """What differs between pixels, (n_pixels,), with tangents, of which None is zero.

    Attributes:
      split: the ray's index in the unrotated domain.
      q_dot: tangent of the scattering vector, by component.
      factor, factor_dot: what every sample is multiplied with.
    """

    split: IndexTerms
    q_dot: Vec3
    factor: Array
    factor_dot: Array | None


class Domains(NamedTuple):
    """A block of domains.

    Attributes:
      base: real vectors of the unrotated domain, m, one number each.
      counted: 1 for a domain, 0 for what only fills up the block, (n_domains,).
      change: what every domain changes in the real vectors, m, components (n_domains,).
      axes_dot: tangent of the real vectors of every domain, likewise, wide dtype, so that its transpose adds
        up blocks in it; None is zero.
    """

    base: Mat33
    counted: Array
    change: Mat33
    axes_dot: Mat33 | None


def number_tangents(constants: SampleConstants, constants_dot: Any) -> dict[int, Array]:
    """Tangents of the shared numbers that move, by position among the leaves of the constants."""
    dots = jax.tree.structure(constants).flatten_up_to(constants_dot)  # type: ignore[attr-defined]
    return {place: dot for place, dot in enumerate(dots) if dot is not None and dot.ndim == 0}


class _Totals(NamedTuple):
    """Sums over the domains of a block, (n_pixels,).

    Attributes:
      by_index: of the derivatives by h, k, l.
      by_q: of those by the scattering vector, as far as it acts through what a domain changes; None if it
        does not move.
      intensity: of the intensities; None if what they are multiplied with does not move.
      by_number: of the derivatives by shared numbers.
    """

    by_index: Vec3
    by_q: Vec3 | None
    intensity: Array | None
    by_number: dict[int, Array]


def block_tangent(pixels: Pixels, domains: Domains, constants: SampleConstants, constants_dot: Any) -> Array:
    """Tangent of the sum of factor times intensity over the domains but for the table's part, (n_pixels,)."""
    number_dots = number_tangents(constants, constants_dot)
    slopes = sample_slopes(_moved(pixels, domains, constants), constants, list(number_dots))
    totals = _totals(pixels, domains, slopes)
    pairs = [(total, number_dots[place]) for place, total in totals.by_number.items()]
    if totals.by_q is not None:
        by_base = apply(transpose(domains.base), totals.by_index)
        pairs.extend(zip(map(jnp.add, totals.by_q, by_base), pixels.q_dot, strict=True))
    tangents = [total * dot for total, dot in pairs if dot is not None]
    if domains.axes_dot is not None:
        tangents.extend(_by_axes(pixels.split.q, domains.axes_dot, slopes.by_index))
    parts = [pixels.factor * functools.reduce(jnp.add, tangents)] if tangents else []
    if pixels.factor_dot is not None and totals.intensity is not None:
        parts.append(pixels.factor_dot * totals.intensity)
    return functools.reduce(jnp.add, parts, jnp.zeros_like(pixels.factor))


def _totals(pixels: Pixels, domains: Domains, slopes: Slopes) -> _Totals:
    """Sums over domains, written out: one kernel then reads every derivative once."""

    def counted(of_domains: Array) -> Array:
        return _sum([(domains.counted, of_domains)])

    by_q = None
    if any(dot is not None for dot in pixels.q_dot):
        columns = zip(*domains.change, strict=True)
        by_q = Vec3(*(_sum(list(zip(column, slopes.by_index, strict=True))) for column in columns))
    totals: _Totals = together(
        _Totals(
            by_index=Vec3(*map(counted, slopes.by_index)),
            by_q=by_q,
            intensity=None if pixels.factor_dot is None else counted(slopes.intensity),
            by_number={place: counted(slope) for place, slope in slopes.by_number.items()},
        )
    )
    return totals


def _sum(weighted: list[tuple[Array, Array]]) -> Array:
    """Sum of numbers of domains (n_domains,) times arrays of domains (n_domains, n_pixels)."""
    terms = (w[d] * x[d] for w, x in weighted for d in range(len(w)))
    return functools.reduce(jnp.add, terms)


def _by_axes(q: Vec3, axes_dot: Mat33, slopes: Vec3) -> list[Array]:
    """Tangents of the sum of intensities by the real vectors of the domains.

    Args:
      q: scattering vector, (n_pixels,).
      axes_dot: tangent of the vectors, components (n_domains,).
      slopes: derivatives by h, k, l, (n_domains, n_pixels).
    """
    return [
        matrix_product(x.astype(slope.dtype), slope) * component
        for axis, slope in zip(axes_dot, slopes, strict=True)
        for x, component in zip(axis, q, strict=True)
    ]


def table_tangent(pixels: Pixels, domains: Domains, constants: SampleConstants, table_dot: Array) -> Array:
    """Tangent of the same sum by the table of structure factors, (n_pixels,)."""
    index = _moved(pixels, domains, constants)

    def intensities(table: Array) -> Array:
        factors = constants.factors
        with_table = jax.tree.map(lambda x: table if x is factors.table else x, factors)
        return sample_terms(index, constants._replace(factors=with_table)).intensity

    tangent: Array = jax.jvp(intensities, (constants.factors.table,), (table_dot,))[1]
    return pixels.factor * matrix_product(domains.counted, tangent)


def _moved(pixels: Pixels, domains: Domains, constants: SampleConstants) -> IndexTerms:
    """Indices of all domains, components (n_domains, n_pixels)."""
    index = jax.tree.map(lambda x: x[None], pixels.split)
    return domain_index(index, jax.tree.map(lambda x: x[:, None], domains.change), constants.cells)
