"""The sum over mosaic domains, with a derivative that suits the processor.

The sum itself is a loop over domains: one kernel that keeps a block of pixels in the cache. Derived by
itself, that loop would write and reduce some forty arrays per domain, because XLA writes one array per kernel
and does not vectorise a sum that is fused with what it adds up. The derivative therefore takes domains in
blocks, evaluates the same terms on (domain, pixel) arrays, and leaves every sum over domains or pixels to
matrix products.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero

from jaxbragg.config.choices import Shape
from jaxbragg.shapes import Array, Mat33
from jaxbragg.simulation.contractions import moved_indices, spread
from jaxbragg.simulation.loops import fold
from jaxbragg.simulation.point import IndexTerms, SampleConstants, domain_index, sample_terms

DOMAINS_PER_BLOCK = 17
"""Domains whose derivative is evaluated together (measured: the arrays of a block stay in the cache)."""


class Rules(NamedTuple):
    """The static choices among `SampleConstants`."""

    shape: Shape
    full_index_sines: bool


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
    rules = Rules(constants.shape, constants.full_index_sines)
    return _sum(rules, index, change, factor, constants._replace(shape=None, full_index_sines=None))


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def _sum(rules: Rules, index: IndexTerms, change: Mat33, factor: Array, numbers: SampleConstants) -> Array:
    constants = numbers._replace(**rules._asdict())

    def add(total: Array, domain: Mat33) -> Array:
        return total + factor * sample_terms(domain_index(index, domain, constants.cells), constants).intensity

    return fold(add, jnp.zeros_like(factor), change)


@functools.partial(_sum.defjvp, symbolic_zeros=True)
def _sum_jvp(rules: Rules, primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Array, Array]:
    """The same sum, and its tangent block by block."""
    index, change, factor, numbers = primals
    index_dot, change_dot, factor_dot, numbers_dot = jax.tree.map(_none_if_zero, tangents)
    counts, blocks = in_blocks((jnp.ones_like(change.row_0.x), change))
    blocks_dot = in_blocks(change_dot)

    def add(total: Array, item: tuple[Array, Mat33, Mat33]) -> Array:
        count, block, block_dot = item
        tangent = tangent_of(
            functools.partial(_block_sum, rules, count),
            (index, block, factor, numbers),
            (index_dot, block_dot, factor_dot, numbers_dot),
        )
        return total + tangent

    return _sum(rules, *primals), fold(add, jnp.zeros_like(factor), (counts, blocks, blocks_dot))


def _none_if_zero(tangent: Any) -> Any:
    return None if isinstance(tangent, SymbolicZero) else tangent


def _block_sum(
    rules: Rules, count: Array, index: IndexTerms, change: Mat33, factor: Array, numbers: SampleConstants
) -> Array:
    """Sum over a block of domains.

    Args:
      rules: static choices.
      count: 1 for a domain, 0 for what only fills up the block, (n_domains,).
      index, change, factor, numbers: as in `domain_sum`.
    """
    flat: IndexTerms = jax.tree.map(jnp.ravel, index)
    shape = (len(count), factor.size)
    numbers = jax.tree.map(lambda x: spread(x, shape) if x.ndim == 0 else x, numbers)
    domains = domain_index(flat, jax.tree.map(lambda x: x[:, None], change), numbers.cells)
    domains = domains._replace(rest=moved_indices(flat.rest, flat.q, change))
    intensity = sample_terms(domains, numbers._replace(**rules._asdict())).intensity
    return factor * (count @ intensity).reshape(factor.shape)


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
    dots = structure.flatten_up_to(tangents)
    moving = [number for number, dot in enumerate(dots) if dot is not None]

    def of_moving(values: list[Array]) -> Array:
        filled = list(leaves)
        for number, value in zip(moving, values, strict=True):
            filled[number] = value
        return function(*structure.unflatten(filled))

    return jax.jvp(of_moving, ([leaves[i] for i in moving],), ([dots[i] for i in moving],))[1]
