"""The sum over mosaic domains, with a derivative that suits the processor.

The sum itself is a loop over domains: one kernel that keeps a block of pixels in the cache. Derived by
itself, that loop would write and reduce some forty arrays per domain, because XLA writes one array per kernel
and does not vectorise a sum that is fused with what it adds up. The derivative therefore takes domains in
blocks and evaluates the same terms on (domain, pixel) arrays. Sums over domains are written out, or matrix
products, as those over pixels are.

A pixel's sum depends on its own scattering vector and factor and on a few numbers that all pixels share. As
long as the domains keep their rotations and the table its values, each of these has one image of derivatives,
and every tangent or cotangent is a combination of the images (domain_images.py). A rotation for every domain
and a table have too many numbers for that: with them the tangent is followed through each block.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from jaxbragg.apart import apart
from jaxbragg.backend import has_kernels_of_gpu
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.block_tangent import Pixels, block_tangent, number_tangents, table_tangent
from jaxbragg.simulation.domain_blocks import (
    PIXELS_PER_BLOCK_OF_TABLES,
    in_blocks,
    over_pixels,
    pixels_per_block,
)
from jaxbragg.simulation.domain_images import domain_images, tangent_from_images
from jaxbragg.simulation.domain_totals import Domains, DomainTotals, blocks_of_domains
from jaxbragg.simulation.far_domains import sum_of_far_domains
from jaxbragg.simulation.loops import fold, sum_of_terms
from jaxbragg.simulation.orientations import domain_axes, domain_changes
from jaxbragg.simulation.sample import (
    IndexTerms,
    SampleConstants,
    domain_index,
    index_terms,
    sample_terms,
    weighted_intensity,
)
from jaxbragg.tangents import moving, tangent_of
from jaxbragg.together import together

DOMAINS_PER_KERNEL = 8
"""Domains that a kernel of a loop adds at most, where no lookup breaks it up.

Measured: a block of pixels is then read and written once for all of them; more take longer to compile."""

DOMAINS_WITHOUT_LOOP = 10
"""Domains that one kernel adds without a loop at most, likewise."""


def domain_sum(
    index: Vec3,
    q: Vec3,
    base: Mat33,
    turns: Mat33 | None,
    factor: Array,
    cells: Vec3,
    constants: SampleConstants,
    far: Array | None = None,
) -> Array:
    """Sum of factor times intensity over the domains of one ray at one spindle angle.

    Args:
      index: h, k, l of the ray in the unrotated domain, wide dtype, components of any one shape; whatever it
        is computed from, its derivatives must be those of base times q.
      q: scattering vector of the ray, 1/m, wide dtype, likewise.
      base: rows a, b, c of the unrotated domain, m, wide dtype.
      turns: rotation of every domain from there, less the identity, components (n_domains,); None for a
        single domain that is not turned from there.
      factor: what every sample is multiplied with, narrow dtype, of the same shape.
      cells: unit cells along a, b, c, wide dtype; derivatives are taken by those of the constants.
      constants: what every sample shares, narrow dtype.
      far: whether a CPU is to compute every domain's index in the wide dtype, bool, (); None is never.

    Returns:
      The sum, narrow dtype, of the same shape.

    Source: specs/summation.md SUM-1, SUM-9.
    """
    if constants.factors.table is None:
        factor, constants = with_amplitude(factor, constants)
    total: Array = _domain_sum(index, q, base, turns, factor, cells, constants, far)
    return total


def with_amplitude(factor: Array, constants: SampleConstants) -> tuple[Array, SampleConstants]:
    """Take the amplitude that all samples share into the factor, where it costs nothing."""
    amplitude = constants.factors.default_f
    factors = jax.tree.map(jnp.ones_like, constants.factors)
    return factor * (amplitude * amplitude), constants._replace(factors=factors)


@jax.custom_jvp
def _domain_sum(
    index: Vec3,
    q: Vec3,
    base: Mat33,
    turns: Mat33 | None,
    factor: Array,
    cells: Vec3,
    constants: SampleConstants,
    far: Array | None,
) -> Array:
    """The sum; arguments as in `domain_sum`."""
    split = index_terms(index, q, cells, factor.dtype)
    if turns is None:
        return weighted_intensity(split, factor, constants)
    # else every domain's kernel would form the index anew
    rest, turned = together((split.rest, split.turns))
    split = split._replace(rest=rest, turns=turned)
    return factor * _sum_over_domains(split, base, turns, cells, constants, far)


def _sum_over_domains(
    index: IndexTerms,
    base: Mat33,
    turns: Mat33,
    cells: Vec3,
    constants: SampleConstants,
    far: Array | None,
) -> Array:
    """Sum of the intensities of more than one domain; arguments as in `domain_sum`."""
    changes = domain_changes(base, turns, index.rest.x.dtype)
    if far is None:
        unknown_truth = ~(index.rest.x.reshape(-1)[0] > 1.0)
        total: Array = apart(_sum_of_intensities, unknown_truth, index, changes, constants)
        return total

    def by_wide_indices(index: IndexTerms, _: Mat33, constants: SampleConstants) -> Array:
        return sum_of_far_domains(index, base, domain_axes(base, turns), cells, constants)

    total = apart(_sum_of_intensities, ~far, index, changes, constants, otherwise=by_wide_indices)
    return total


def _sum_of_intensities(index: IndexTerms, changes: Mat33, constants: SampleConstants) -> Array:
    """Sum over more than one domain."""
    by_whole_index = constants.factors.table is not None or constants.rules.full_index_sines
    if by_whole_index or not has_kernels_of_gpu():
        return _sum_in_a_loop(index, changes, constants)
    from jaxbragg.simulation.domain_kernel import sum_in_one_kernel

    total: Array = jax.lax.platform_dependent(
        index, changes, constants, cuda=sum_in_one_kernel, default=_sum_in_a_loop
    )
    return total


def _sum_in_a_loop(index: IndexTerms, changes: Mat33, constants: SampleConstants) -> Array:
    def intensity(change: Mat33) -> Array:
        domain = domain_index(index, change, constants.cells)
        return sample_terms(domain, constants).intensity

    n_domains = len(changes.row_0.x)
    per_kernel = n_domains if n_domains <= DOMAINS_WITHOUT_LOOP else DOMAINS_PER_KERNEL
    if constants.factors.table is not None:
        per_kernel = 1
    return sum_of_terms(intensity, changes, jnp.zeros_like(index.rest.x), per_kernel)


@functools.partial(_domain_sum.defjvp, symbolic_zeros=True)
def _domain_sum_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Array, Array]:
    """The sum and its tangent; None stands for a tangent that is zero.

    The index is that of `base` and q in every domain, so all its tangents come from theirs.
    """
    tangents = moving(tangents)
    turns_dot, constants_dot = tangents[3], tangents[6]
    many = jax.tree.leaves((turns_dot, constants_dot.factors.table))
    tangent = _followed(primals, tangents) if many else _from_images(primals, tangents)
    return _domain_sum(*primals), tangent


def _from_images(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Array:
    """Tangent from images of derivatives."""
    index, q, base, turns, factor, cells, constants, _ = primals
    _, q_dot, base_dot, _, factor_dot, _, constants_dot, _ = tangents
    number_dots = number_tangents(constants, constants_dot)
    by_q, by_base = (bool(jax.tree.leaves(dot)) for dot in (q_dot, base_dot))

    def images_of(split: IndexTerms) -> DomainTotals:
        return domain_images(split, base, turns, constants, by_q, by_base, list(number_dots))

    split, factor = _stored(index_terms(index, q, cells, factor.dtype), factor, constants)
    images: DomainTotals = over_pixels(images_of, split, pixels_per_block(_number_of(turns)))
    tangent: Array = factor * tangent_from_images(images, q_dot, base_dot, number_dots)
    return tangent if factor_dot is None else tangent + factor_dot * images.intensity


def _followed(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Array:
    """Tangent through each block of domains."""
    index, q, base, turns, factor, cells, constants, _ = primals
    _, q_dot, base_dot, turns_dot, factor_dot, _, constants_dot, _ = tangents
    narrow = factor.dtype
    axes_dot = None
    if jax.tree.leaves((base_dot, turns_dot)):
        axes_dot = in_blocks(tangent_of(domain_axes, (base, turns), (base_dot, turns_dot)))
    by_q = bool(jax.tree.leaves(q_dot))
    blocks = blocks_of_domains(base, turns, narrow, by_q, by_base=False), axes_dot

    def over_blocks(of_block: Callable[[Pixels, Domains, Mat33 | None], Array], pixels: Pixels) -> Array:
        def add(total: Array, block: tuple[Domains, Mat33 | None]) -> Array:
            return total + of_block(pixels, *block)

        return fold(add, jnp.zeros_like(pixels.factor), blocks)

    def sum_tangent(pixels: Pixels, domains: Domains, axes_dot: Mat33 | None) -> Array:
        return block_tangent(pixels, domains, axes_dot, constants, constants_dot)

    def by_table(pixels: Pixels, domains: Domains, axes_dot: Mat33 | None) -> Array:
        del axes_dot
        return table_tangent(pixels, domains, constants, constants_dot.factors.table)

    split, factor = _stored(index_terms(index, q, cells, narrow), factor, constants)
    pixels = Pixels(split, jax.tree.map(lambda x: x.astype(narrow), q_dot), factor, factor_dot)
    tangent: Array = over_pixels(
        functools.partial(over_blocks, sum_tangent), pixels, pixels_per_block(_number_of(turns))
    )
    if constants_dot.factors.table is not None:
        of_table = functools.partial(over_blocks, by_table)
        tangent = tangent + over_pixels(of_table, pixels, PIXELS_PER_BLOCK_OF_TABLES)
    return tangent


def _number_of(turns: Mat33 | None) -> int:
    """Number of domains; `turns` as in `domain_sum`."""
    return 1 if turns is None else len(turns.row_0.x)


def _stored(split: IndexTerms, factor: Array, constants: SampleConstants) -> tuple[IndexTerms, Array]:
    """An index and a factor in one kernel; its whole part, which only lookups need, in another."""
    whole = split.whole if constants.factors.table is None else together(split.whole)
    rest, turns, q, factor = together((split.rest, split.turns, split.q, factor))
    return IndexTerms(whole, rest, turns, q), factor
