"""The sum over mosaic domains, with a derivative that suits the processor.

The sum itself is a loop over domains: one kernel that keeps a block of pixels in the cache. Derived by
itself, that loop would write and reduce some forty arrays per domain, because XLA writes one array per kernel
and does not vectorise a sum that is fused with what it adds up. The derivative therefore takes domains in
blocks, evaluates the same terms on (domain, pixel) arrays, and leaves every sum over domains or pixels to
matrix products.

A pixel's sum depends on its own index and factor and on a few numbers that all pixels share. As long as the
domains keep their rotations and the table its values, each of these has one image of derivatives, and every
tangent or cotangent is a combination of the images (domain_images.py). A rotation for every domain and a
table have too many numbers for that: with them the tangent is followed through each block.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero

from jaxbragg.apart import apart
from jaxbragg.backend import on_gpu
from jaxbragg.products import matrix_product
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.contractions import moved_indices, spread
from jaxbragg.simulation.domain_blocks import in_blocks, tangent_of
from jaxbragg.simulation.domain_images import domain_images, tangent_from_images
from jaxbragg.simulation.loops import fold
from jaxbragg.simulation.orientations import domain_changes
from jaxbragg.simulation.point import (
    IndexTerms,
    SampleConstants,
    domain_index,
    index_terms,
    sample_terms,
    weighted_intensity,
)

DOMAINS_PER_KERNEL = 8
"""Domains that are added in one kernel at most, where no lookup breaks it up.

Measured: a block of pixels is then read and written once for all of them."""


@jax.custom_jvp
def domain_sum(
    index: Vec3,
    q: Vec3,
    base: Mat33,
    turns: Mat33 | None,
    factor: Array,
    cells: Vec3,
    constants: SampleConstants,
) -> Array:
    """Sum of factor times intensity over the domains of one ray at one spindle angle.

    Args:
      index: h, k, l of the ray in the unrotated domain, wide dtype, components of any one shape.
      q: scattering vector of the ray, 1/m, wide dtype, likewise.
      base: rows a, b, c of the unrotated domain, m, wide dtype.
      turns: rotation of every domain from there, less the identity, components (n_domains,); None for a
        single domain that is not turned from there.
      factor: what every sample is multiplied with, narrow dtype, of the same shape.
      cells: unit cells along a, b, c, wide dtype; derivatives are taken by those of the constants.
      constants: what every sample shares, narrow dtype.

    Returns:
      The sum, narrow dtype, of the same shape.

    Source: specs/summation.md SUM-1, SUM-9.
    """
    split = index_terms(index, q, cells, factor.dtype)
    if turns is None:
        return weighted_intensity(split, factor, constants)
    changes = domain_changes(base, turns, factor.dtype)
    if len(changes.row_0.x) == 1:
        return factor * _sum_in_a_loop(split, changes, constants)
    # else every domain's kernel would form the index anew
    total: Array = apart(_sum_of_intensities, ~(split.rest.x.reshape(-1)[0] > 1.0), split, changes, constants)
    return factor * total


def _sum_of_intensities(index: IndexTerms, changes: Mat33, constants: SampleConstants) -> Array:
    """Sum over more than one domain."""
    kernel = _kernel_of_gpu() if constants.factors.table is None else None
    if kernel is None:
        return _sum_in_a_loop(index, changes, constants)
    total: Array = jax.lax.platform_dependent(index, changes, constants, cuda=kernel, default=_sum_in_a_loop)
    return total


def _kernel_of_gpu() -> Callable[[IndexTerms, Mat33, SampleConstants], Array] | None:
    """The sum as one kernel; None without a GPU, or where JAX has dropped what the kernel is written with."""
    if not on_gpu():
        return None
    try:
        from jaxbragg.simulation.domain_kernel import sum_in_one_kernel
    except ImportError:
        return None
    return sum_in_one_kernel


def _sum_in_a_loop(index: IndexTerms, changes: Mat33, constants: SampleConstants) -> Array:
    def add(total: Array, change: Mat33) -> Array:
        domain = domain_index(index, change, constants.cells)
        return total + sample_terms(domain, constants).intensity

    per_kernel = DOMAINS_PER_KERNEL if constants.factors.table is None else 1
    return fold(add, jnp.zeros_like(index.rest.x), changes, per_kernel)


@functools.partial(domain_sum.defjvp, symbolic_zeros=True)
def _domain_sum_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Array, Array]:
    """The sum and its tangent; None stands for a tangent that is zero."""
    tangents = jax.tree.map(lambda x: None if isinstance(x, SymbolicZero) else x, tangents)
    turns_dot, constants_dot = tangents[3], tangents[6]
    many = jax.tree.leaves((turns_dot, constants_dot.factors.table))
    tangent = _followed(primals, tangents) if many else _from_images(primals, tangents)
    return domain_sum(*primals), tangent


def _from_images(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Array:
    """Tangent from images of derivatives."""
    index, q, base, turns, factor, cells, constants = primals
    index_dot, q_dot, base_dot, _, factor_dot, _, constants_dot = tangents
    if turns is None:  # q and base act through the domains' turns only
        q_dot, base_dot = jax.tree.map(lambda _: None, (q, base))
    dots = jax.tree.structure(constants).flatten_up_to(constants_dot)  # type: ignore[attr-defined]
    asked = [position for position, dot in enumerate(dots) if dot is not None]
    images = domain_images(index_terms(index, q, cells, factor.dtype), base, turns, constants, asked)
    number_dots = [dots[position] for position in asked]
    of_intensity = tangent_from_images(images, index_dot, (q, q_dot), (base, base_dot), number_dots)
    tangent: Array = factor * of_intensity.reshape(factor.shape)
    return tangent if factor_dot is None else tangent + factor_dot * images.intensity.reshape(factor.shape)


def _followed(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Array:
    """Tangent through each block of domains."""
    index, q, base, turns, factor, cells, constants = primals
    index_dot, q_dot, base_dot, turns_dot, factor_dot, _, constants_dot = tangents
    split = index_terms(index, q, cells, factor.dtype)

    def smooth(index: Vec3, q: Vec3, base: Mat33, turns: Mat33) -> tuple[Vec3, Vec3, Mat33]:
        here = index_terms(index, q, cells, factor.dtype)
        return here.rest, here.q, domain_changes(base, turns, factor.dtype)

    moving, dots = (index, q, base, turns), (index_dot, q_dot, base_dot, turns_dot)
    changes = domain_changes(base, turns, factor.dtype)
    rest_dot, narrow_q_dot, changes_dot = tangent_of(smooth, moving, dots)
    nothing: Any = Vec3(*[None] * 3)  # type: ignore[arg-type]
    split_dot = IndexTerms(nothing, rest_dot, nothing, narrow_q_dot)

    def add(total: Array, block: tuple[Array, Mat33, Mat33]) -> Array:
        count, change, change_dot = block
        tangent: Array = tangent_of(
            functools.partial(_block_sum, count),
            (split, change, factor, constants),
            (split_dot, change_dot, factor_dot, constants_dot),
        )
        return total + tangent

    blocks = in_blocks((jnp.ones_like(changes.row_0.x), changes, changes_dot))
    return fold(add, jnp.zeros_like(factor), blocks)


def _block_sum(
    count: Array, index: IndexTerms, change: Mat33, factor: Array, constants: SampleConstants
) -> Array:
    """Sum over a block of domains.

    Args:
      count: 1 for a domain, 0 for what only fills up the block, (n_domains,).
      index, factor, constants: as in `domain_sum`.
      change: what every domain changes in the real vectors, components (n_domains,).
    """
    pixels: IndexTerms = jax.tree.map(lambda x: x.reshape(1, -1), index)
    domains = jax.tree.map(lambda x: x[:, None], change)
    shape = (len(count), factor.size)
    constants = jax.tree.map(lambda x: spread(x, shape) if x.ndim == 0 else x, constants)
    moved = domain_index(pixels, domains, constants.cells)
    moved = moved._replace(rest=moved_indices(pixels.rest, pixels.q, domains))
    return factor * matrix_product(count, sample_terms(moved, constants).intensity).reshape(factor.shape)
