"""The sum over mosaic domains as one kernel for NVIDIA GPUs.

A loop of XLA is one kernel per turn there, which reads and writes every pixel again. Here a thread keeps its
pixels in registers and goes through all domains. The terms of a domain are those of the loop.
"""

import functools
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
    shape, dtype = index.rest.x.shape, index.rest.x.dtype
    n_pixels = math.prod(shape)
    filled_up = -n_pixels % PIXELS_PER_BLOCK
    terms = (index.rest, index.turns, index.q)  # the whole part is for lookups only
    pixels = [jnp.pad(x.reshape(-1), (0, filled_up)) for x in jax.tree.leaves(terms)]
    numbers, structure = jax.tree.flatten(constants)
    intensity = _intensity if interpret else contracted(_intensity)
    kernel = functools.partial(_kernel, intensity, jax.tree.structure(terms), structure, len(changes.row_0.x))
    block = pl.BlockSpec((PIXELS_PER_BLOCK,), lambda place: (place,))
    shared = [jnp.stack(jax.tree.leaves(changes), axis=1).reshape(-1), jnp.stack(numbers)]
    with jax.enable_x64(dtype == jnp.float64):  # whole numbers of the kernel have 32 bits where all others do
        total: Array = pl.pallas_call(
            kernel,
            grid=((n_pixels + filled_up) // PIXELS_PER_BLOCK,),
            in_specs=[
                *(block for _ in pixels),
                *(pl.BlockSpec(x.shape, lambda place: (jnp.zeros_like(place),)) for x in shared),
            ],
            out_specs=block,
            out_shape=jax.ShapeDtypeStruct((n_pixels + filled_up,), dtype),  # type: ignore[no-untyped-call]
            compiler_params=triton.CompilerParams(num_warps=WARPS_PER_BLOCK, num_stages=1),
            interpret=interpret,
        )(*pixels, *shared)
    return total[:n_pixels].reshape(shape)


def _intensity(index: IndexTerms, change: Mat33, constants: SampleConstants) -> Array:
    return sample_terms(domain_index(index, change, constants.cells), constants).intensity


def _kernel(
    intensity: Callable[..., Array],
    terms_structure: Any,
    constants_structure: Any,
    n_domains: int,
    *refs: Any,
) -> None:
    """Sum one block of pixels."""
    *of_pixels, of_domains, of_all, result = refs
    rest, turns, q = jax.tree.unflatten(terms_structure, [ref[...] for ref in of_pixels])
    index = IndexTerms(rest, rest, turns, q)
    numbers = [of_all[place] for place in range(constants_structure.num_leaves)]
    constants = jax.tree.unflatten(constants_structure, numbers)

    def add(domain: Any, total: Array) -> Array:
        rows = ([of_domains[domain * 9 + 3 * row + column] for column in range(3)] for row in range(3))
        return total + intensity(index, Mat33(*(Vec3(*row) for row in rows)), constants)

    def add_several(turn: Array, total: Array) -> Array:
        for place in range(DOMAINS_PER_TURN):
            total = add(turn * DOMAINS_PER_TURN + place, total)
        return total

    turns_of_loop = n_domains // DOMAINS_PER_TURN
    total = jax.lax.fori_loop(
        jnp.int32(0), jnp.int32(turns_of_loop), add_several, jnp.zeros_like(index.rest.x)
    )
    for domain in range(turns_of_loop * DOMAINS_PER_TURN, n_domains):
        total = add(domain, total)
    result[...] = total
