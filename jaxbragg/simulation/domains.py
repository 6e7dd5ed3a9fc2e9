"""The sum over mosaic domains, with a derivative that suits the processor.

The sum itself is a loop over domains: one kernel that keeps a block of pixels in the cache. Derived by
itself, that loop would write and reduce some forty arrays per domain, because XLA writes one array per kernel
and does not vectorise a sum that is fused with what it adds up. The derivative therefore takes domains in
blocks, evaluates the same terms on (domain, pixel) arrays, and leaves every sum over domains or pixels to
matrix products.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero

from jaxbragg.shapes import Array, Mat33
from jaxbragg.simulation.contractions import moved_indices, spread
from jaxbragg.simulation.loops import fold
from jaxbragg.simulation.point import IndexTerms, SampleConstants, domain_index, sample_terms

DOMAINS_PER_BLOCK = 16
"""Domains whose derivative is evaluated together (measured: the arrays of a block stay in the cache)."""


@jax.custom_jvp
def domain_sum(index: IndexTerms, change: Mat33, factor: Array, constants: SampleConstants) -> Array:
    """Sum of factor times intensity over the domains of one ray at one spindle angle.

    Args:
      index: the ray's index in the unrotated domain, components of any one shape.
      change: what every domain changes in the real vectors, components (n_domains,).
      factor: what every sample is multiplied with, shape of the index.
      constants: what every sample shares.

    Returns:
      The sum, shape of the index.

    Source: specs/summation.md SUM-1, SUM-9.
    """

    def add(total: Array, domain: Mat33) -> Array:
        moved = domain_index(index, domain, constants.cells)
        return total + factor * sample_terms(moved, constants).intensity

    return fold(add, jnp.zeros_like(factor), change)


@functools.partial(domain_sum.defjvp, symbolic_zeros=True)
def _domain_sum_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Array, Array]:
    """The same sum, and its tangent block by block."""
    index, change, factor, constants = primals
    index_dot, change_dot, factor_dot, constants_dot = jax.tree.map(_none_if_zero, tangents)
    counts, blocks = in_blocks((jnp.ones_like(change.row_0.x), change))

    def add(total: Array, item: tuple[Array, Mat33, Mat33]) -> Array:
        count, block, block_dot = item
        tangent = tangent_of(
            functools.partial(_block_sum, count),
            (index, block, factor, constants),
            (index_dot, block_dot, factor_dot, constants_dot),
        )
        return total + tangent

    start = jnp.zeros_like(factor)
    return domain_sum(*primals), fold(add, start, (counts, blocks, in_blocks(change_dot)))


def _none_if_zero(tangent: Any) -> Any:
    return None if isinstance(tangent, SymbolicZero) else tangent


def _block_sum(
    count: Array, index: IndexTerms, change: Mat33, factor: Array, constants: SampleConstants
) -> Array:
    """Sum over a block of domains.

    Args:
      count: 1 for a domain, 0 for what only fills up the block, (n_domains,).
      index, change, factor, constants: as in `domain_sum`.
    """
    pixels: IndexTerms = jax.tree.map(lambda x: x.reshape(1, -1), index)
    domains = jax.tree.map(lambda x: x[:, None], change)
    shape = (len(count), factor.size)
    constants = jax.tree.map(lambda x: spread(x, shape) if x.ndim == 0 else x, constants)
    moved = domain_index(pixels, domains, constants.cells)
    moved = moved._replace(rest=moved_indices(pixels.rest, pixels.q, domains))
    return factor * (count @ sample_terms(moved, constants).intensity).reshape(factor.shape)


def in_blocks(arrays: Any) -> Any:
    """Arrays with a leading axis of domains, in equal blocks of about `DOMAINS_PER_BLOCK` domains.

    Returns:
      The pytree with leaves (n_blocks, domains per block), the last one filled up with zeros.
    """
    n_domains = max((len(x) for x in jax.tree.leaves(arrays)), default=1)
    n_blocks = -(-n_domains // DOMAINS_PER_BLOCK)
    size = -(-n_domains // n_blocks)

    def fill(x: Array) -> Array:
        filling = jnp.zeros(n_blocks * size - n_domains, x.dtype)
        return jnp.concatenate([x, filling]).reshape(n_blocks, size)

    return jax.tree.map(fill, arrays)


def tangent_of(function: Callable[..., Array], primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Array:
    """Tangent of a function, where None stands for a tangent that is zero."""
    leaves, structure = jax.tree.flatten(primals)
    dots: list[Array | None] = structure.flatten_up_to(tangents)  # type: ignore[attr-defined]
    moving = [number for number, dot in enumerate(dots) if dot is not None]

    def of_moving(values: list[Array]) -> Array:
        filled = list(leaves)
        for number, value in zip(moving, values, strict=True):
            filled[number] = value
        return function(*jax.tree.unflatten(structure, filled))

    tangent: Array = jax.jvp(of_moving, ([leaves[i] for i in moving],), ([dots[i] for i in moving],))[1]
    return tangent
