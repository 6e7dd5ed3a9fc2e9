"""The sum over mosaic domains as one kernel for NVIDIA GPUs.

A loop of XLA is one kernel per turn there, which reads and writes every pixel again. Here a thread keeps its
pixels in registers and goes through all domains. The terms of a domain are those of the loop.
"""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental import pallas as pl
from jax.experimental.pallas import triton

from jaxbragg.contraction import contracted
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.sample import IndexTerms, SampleConstants, domain_index, sample_terms

PIXELS_PER_BLOCK = 512
WARPS_PER_BLOCK = 4
"""Threads are 32 times as many: each has four pixels (measured, benchmarks/README.md)."""

DOMAINS_PER_TURN = 2
"""Domains that a turn of the loop adds: one percent faster than one (H200)."""

TURNS_PER_PART = 32
"""A total is narrow for as many turns; the parts are added with what was lost of them (PREC-6)."""


def sum_in_one_kernel(
    index: IndexTerms, changes: Mat33, constants: SampleConstants, interpret: bool = False
) -> Array:
    """Sum of the intensities of all domains.

    Args:
      index: of the ray in the unrotated domain, components of any one shape.
      changes: what every domain changes in the real vectors, m, components (n_domains,).
      constants: what every sample shares, without a table of structure factors.
      interpret: evaluate the kernel step by step on any machine, for tests.

    Returns:
      The sum, of the shape of the index.

    Source: specs/precision.md PREC-9.
    """
    shape = index.rest.x.shape
    n_pixels = math.prod(shape)
    filled_up = -n_pixels % PIXELS_PER_BLOCK
    terms = (index.rest, index.turns, index.q)  # no term of the kernel needs the whole part
    pixels = [jnp.pad(x.reshape(-1), (0, filled_up)) for x in jax.tree.leaves(terms)]
    structure = jax.tree.structure(terms)

    def loaded(refs: list[Any]) -> tuple[IndexTerms, None]:
        rest, turns, q = jax.tree.unflatten(structure, [ref[...] for ref in refs])
        return IndexTerms(rest, rest, turns, q), None

    block = pl.BlockSpec((PIXELS_PER_BLOCK,), lambda place: (place,))
    given = [(x, block) for x in pixels]
    return sum_over_blocks(loaded, given, n_pixels, changes, constants, interpret).reshape(shape)


def for_every_block(x: Array) -> tuple[Array, Any]:
    """An array that every block of pixels gets as it is."""
    return x, pl.BlockSpec(x.shape, lambda place: (jnp.zeros_like(place),))


def sum_over_blocks(
    index_of: Callable[[list[Any]], tuple[IndexTerms, Array | None]],
    given: list[tuple[Array, Any]],
    n_pixels: int,
    changes: Mat33,
    constants: SampleConstants,
    interpret: bool,
) -> Array:
    """Sum of the intensities of all domains, in blocks of pixels.

    Args:
      index_of: inside the kernel, what it was given -> index of a block's rays in the unrotated domain, and
        what the sum is multiplied with, if anything.
      given: arrays, and which part of them a block gets.
      n_pixels: number of all pixels.
      changes, constants, interpret: as in `sum_in_one_kernel`.

    Returns:
      The sum, narrow dtype, (n_pixels,).
    """
    dtype = changes.row_0.x.dtype
    numbers, structure = jax.tree.flatten(constants)
    n_domains = len(changes.row_0.x)
    intensity = _intensity if interpret else contracted(_intensity)
    shared = [jnp.stack(jax.tree.leaves(changes), axis=1).reshape(-1), jnp.stack(numbers)]
    arrays, parts = zip(*given, *map(for_every_block, shared), strict=True)

    def kernel(*refs: Any) -> None:
        *of_pixels, of_domains, of_all, result = refs
        index, factor = index_of(of_pixels)
        of_samples = jax.tree.unflatten(structure, [of_all[place] for place in range(len(numbers))])

        def of_domain(domain: Any) -> Array:
            rows = ([of_domains[domain * 9 + 3 * row + column] for column in range(3)] for row in range(3))
            return intensity(index, Mat33(*(Vec3(*row) for row in rows)), of_samples)

        total = _sum(of_domain, n_domains, jnp.zeros_like(index.rest.x))
        result[...] = total if factor is None else total * factor

    n_blocks = -(-n_pixels // PIXELS_PER_BLOCK)
    wide = any(x.dtype == jnp.float64 for x in arrays)
    with jax.enable_x64(wide):  # whole numbers of the kernel have 32 bits where all others do
        total: Array = pl.pallas_call(
            kernel,
            grid=(n_blocks,),
            in_specs=list(parts),
            out_specs=pl.BlockSpec((PIXELS_PER_BLOCK,), lambda place: (place,)),
            out_shape=jax.ShapeDtypeStruct((n_blocks * PIXELS_PER_BLOCK,), dtype),  # type: ignore[no-untyped-call]
            compiler_params=triton.CompilerParams(num_warps=WARPS_PER_BLOCK, num_stages=1),
            interpret=interpret,
        )(*arrays)
    return total[:n_pixels]


def _intensity(index: IndexTerms, change: Mat33, constants: SampleConstants) -> Array:
    return sample_terms(domain_index(index, change, constants.cells), constants).intensity


def _sum(of_domain: Callable[[Any], Array], n_domains: int, zero: Array) -> Array:
    """Sum over the domains of one block of pixels."""

    def add_several(turn: Array, total: Array) -> Array:
        for place in range(DOMAINS_PER_TURN):
            total = total + of_domain(turn * DOMAINS_PER_TURN + place)
        return total

    def add_part(part: Array, total: tuple[Array, Array]) -> tuple[Array, Array]:
        first = part * TURNS_PER_PART
        last = jnp.minimum(first + TURNS_PER_PART, turns)
        return _add(total, jax.lax.fori_loop(first, last, add_several, zero))

    turns = n_domains // DOMAINS_PER_TURN
    if turns <= TURNS_PER_PART:
        total = jax.lax.fori_loop(jnp.int32(0), jnp.int32(turns), add_several, zero)
    else:
        parts = jnp.int32(-(-turns // TURNS_PER_PART))
        high, low = jax.lax.fori_loop(jnp.int32(0), parts, add_part, (zero, zero))
        total = high + low
    rest = range(turns * DOMAINS_PER_TURN, n_domains)
    return sum(map(of_domain, rest), start=total)


def _add(total: tuple[Array, Array], part: Array) -> tuple[Array, Array]:
    """A sum, and all that its roundings lost (Knuth's sum without error)."""
    high, low = total
    new = high + part
    of_part = new - high
    return new, low + ((high - (new - of_part)) + (part - of_part))
