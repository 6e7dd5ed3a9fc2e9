"""Tangent of the sum over one block of domains; its sums over domains or pixels are matrix products.

XLA does not vectorise such a sum for CPUs when it is fused with what it adds up, while a product of matrices
is fast on every backend.
"""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.products import matrix_product
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.sample import IndexTerms, SampleConstants, domain_index, sample_terms
from jaxbragg.simulation.slopes import sample_slopes


class Pixels(NamedTuple):
    """What differs between pixels, (n_pixels,), with tangents, of which None is zero.

    Attributes:
      split: the ray's index in the unrotated domain.
      index_dot: tangent of it, by component.
      q_dot: tangent of the scattering vector, likewise.
      factor, factor_dot: what every sample is multiplied with.
    """

    split: IndexTerms
    index_dot: Vec3
    q_dot: Vec3
    factor: Array
    factor_dot: Array | None


class Domains(NamedTuple):
    """A block of domains.

    Attributes:
      counted: 1 for a domain, 0 for what only fills up the block, (n_domains,).
      change: what every domain changes in the real vectors, components (n_domains,).
      change_dot: tangent of it, likewise; None is zero.
    """

    counted: Array
    change: Mat33
    change_dot: Mat33 | None


def number_tangents(constants: SampleConstants, constants_dot: Any) -> dict[int, Array]:
    """Tangents of the shared numbers that move, by position among the leaves of the constants."""
    dots = jax.tree.structure(constants).flatten_up_to(constants_dot)  # type: ignore[attr-defined]
    return {place: dot for place, dot in enumerate(dots) if dot is not None and dot.ndim == 0}


def block_tangent(pixels: Pixels, domains: Domains, constants: SampleConstants, constants_dot: Any) -> Array:
    """Tangent of the sum of factor times intensity over the domains, (n_pixels,)."""
    number_dots = number_tangents(constants, constants_dot)
    index = jax.tree.map(lambda x: x[None], pixels.split)
    moved = domain_index(index, jax.tree.map(lambda x: x[:, None], domains.change), constants.cells)
    slopes = sample_slopes(moved, constants, list(number_dots))
    tangents = _by_moves(pixels, domains, jnp.concatenate(slopes.by_index))
    for place, slope in slopes.by_number.items():
        tangents.append(matrix_product(domains.counted, slope) * number_dots[place])
    if constants_dot.factors.table is not None:
        by_table = _by_table(moved, constants, constants_dot.factors.table)
        tangents.append(matrix_product(domains.counted, by_table))
    tangent = pixels.factor * functools.reduce(jnp.add, tangents)
    if pixels.factor_dot is None:
        return tangent
    return tangent + pixels.factor_dot * matrix_product(domains.counted, slopes.intensity)


def _by_moves(pixels: Pixels, domains: Domains, slopes: Array) -> list[Array]:
    """Tangents of the sum of intensities by what moves the indices.

    Args:
      pixels, domains: as in `block_tangent`.
      slopes: derivatives by h of all domains, then by k, then by l, (3 n_domains, n_pixels).
    """
    counted, zero = domains.counted, jnp.zeros_like(domains.counted)
    by_index = Mat33(Vec3(counted, zero, zero), Vec3(zero, counted, zero), Vec3(zero, zero, counted))
    pairs = [*zip(matrix_product(_by_column(by_index), slopes), pixels.index_dot, strict=True)]
    if any(dot is not None for dot in pixels.q_dot):
        pairs.extend(zip(matrix_product(_by_column(domains.change), slopes), pixels.q_dot, strict=True))
    if domains.change_dot is not None:
        moves = [matrix_product(column, slopes) for column in _by_column(domains.change_dot)]
        pairs.extend(zip(moves, pixels.split.q, strict=True))
    return [total * dot for total, dot in pairs if dot is not None]


def _by_column(matrices: Mat33) -> Array:
    """Columns of matrices, each with the rows of all of them one after the other, (3, 3 n)."""
    return jnp.stack([jnp.concatenate(column) for column in zip(*matrices, strict=True)])


def _by_table(index: IndexTerms, constants: SampleConstants, table_dot: Array) -> Array:
    """Tangent of the intensities by the table of structure factors."""

    def of_table(table: Array) -> Array:
        factors = jax.tree.map(lambda x: table if x.shape == table.shape else x, constants.factors)
        return sample_terms(index, constants._replace(factors=factors)).intensity

    tangent: Array = jax.jvp(of_table, (constants.factors.table,), (table_dot,))[1]
    return tangent
