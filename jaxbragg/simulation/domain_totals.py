"""Sums over a block of mosaic domains."""

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.geometry.vectors import apply, transpose
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.domain_blocks import in_blocks
from jaxbragg.simulation.orientations import domain_axes, domain_changes, rotations
from jaxbragg.simulation.sample import IndexTerms, domain_index
from jaxbragg.simulation.slopes import Slopes
from jaxbragg.together import together


class Domains(NamedTuple):
    """A block of domains, narrow dtype, components (n_domains,); zeros where it is only filled up.

    Attributes:
      counted: 1.
      change: what a domain changes in the real vectors, m.
      axes: its real vectors, m; None if nobody asks for `DomainTotals.by_q`.
      rotations: what has turned it from the unrotated one; None if nobody asks for `DomainTotals.by_base`.
    """

    counted: Array
    change: Mat33
    axes: Mat33 | None
    rotations: Mat33 | None


class DomainTotals(NamedTuple):
    """Sums over domains of intensities and of their derivatives, of the pixels' shape.

    Attributes:
      intensity: the intensities.
      by_q: derivatives by the scattering vector; None if nobody asks.
      by_base: derivatives by the rows a, b, c of the unrotated domain; likewise.
      by_number: derivatives by shared numbers.
    """

    intensity: Array
    by_q: Vec3 | None
    by_base: Mat33 | None
    by_number: dict[int, Array]


def blocks_of_domains(base: Mat33, turns: Mat33 | None, dtype: Any, by_q: bool, by_base: bool) -> Domains:
    """All domains in blocks, leaves (n_blocks, domains per block).

    Args:
      base, turns: as in `domain_changes`.
      dtype: narrow.
      by_q, by_base: whether these sums are asked for.
    """
    change = domain_changes(base, turns, dtype)
    domains = Domains(
        counted=jnp.ones_like(change.row_0.x),
        change=change,
        axes=domain_axes(base, turns) if by_q else None,
        rotations=rotations(turns, base.row_0.x.dtype) if by_base else None,
    )
    blocks: Domains = in_blocks(jax.tree.map(lambda x: x.astype(dtype), domains))
    return blocks


def moved(index: IndexTerms, change: Mat33, cells: Vec3) -> IndexTerms:
    """Indices of a block of domains, components (n_domains, *pixels).

    Args:
      index: as in `domain_index`, components of any one shape.
      change: as in `Domains`.
      cells: unit cells along a, b, c.
    """
    pixels = jax.tree.map(lambda x: x[None], index)
    axes = range(1, pixels.q.x.ndim)
    return domain_index(pixels, jax.tree.map(lambda x: jnp.expand_dims(x, axes), change), cells)


def totals(slopes: Slopes, domains: Domains, q: Vec3) -> DomainTotals:
    """Sums over domains, written out: one kernel then reads every derivative once.

    Args:
      slopes: of the domains, (n_domains, *pixels).
      domains: the domains.
      q: scattering vector, components of the pixels' shape.
    """
    g = slopes.by_index

    def counted(of_domains: Array) -> Array:
        return _sum([(domains.counted, of_domains)])

    by_q, by_base = None, None
    if domains.axes is not None:
        columns = transpose(domains.axes)
        by_q = Vec3(*(_sum(list(zip(column, g, strict=True))) for column in columns))
    if domains.rotations is not None:
        back = [apply(transpose(rotation), q) for rotation in _one_by_one(domains.rotations)]
        by_base = Mat33(*(Vec3(*(_sum([(x, slope)]) for x in zip(*back, strict=True))) for slope in g))
    sums: DomainTotals = together(
        DomainTotals(
            intensity=counted(slopes.intensity),
            by_q=by_q,
            by_base=by_base,
            by_number={place: counted(slope) for place, slope in slopes.by_number.items()},
        )
    )
    return sums


def _one_by_one(matrices: Mat33) -> list[Mat33]:
    """Matrices with components (n_domains,) as so many matrices."""

    def numbered(d: int) -> Mat33:
        one: Mat33 = jax.tree.map(lambda x: x[d], matrices)
        return one

    return [numbered(d) for d in range(len(matrices.row_0.x))]


def _sum(weighted: list[tuple[Sequence[Array] | Array, Array]]) -> Array:
    """Sum of products over the leading axis."""
    terms = (w[d] * x[d] for w, x in weighted for d in range(len(w)))
    return functools.reduce(jnp.add, terms)
