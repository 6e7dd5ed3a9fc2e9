"""Arrays that XLA for CPUs writes in one kernel.

XLA for CPUs writes one array per kernel, so that what several arrays have in common is computed once for each
of them. The exception is a reduction of several operands. Here each array is the sum of itself and nothing.
"""

from typing import Any

import jax
import jax.numpy as jnp

from jaxbragg.shapes import Array


def together(tree: Any) -> Any:
    """The arrays themselves; on a CPU, written by one kernel.

    For functions that are not differentiated as they stand: a reduction of several operands has no useful
    derivative.

    Args:
      tree: pytree of arrays of one shape.
    """
    leaves, structure = jax.tree.flatten(tree)
    written = jax.lax.platform_dependent(*leaves, cpu=_in_one_kernel, default=lambda *arrays: arrays)
    return jax.tree.unflatten(structure, written)


def _in_one_kernel(*arrays: Array) -> tuple[Array, ...]:
    padding = ((0, 1, 0), *((0, 0, 0) for _ in arrays[0].shape))  # an axis of one would be simplified away
    zeros = tuple(jnp.zeros((), x.dtype) for x in arrays)
    terms = tuple(jax.lax.pad(x[None], zero, padding) for x, zero in zip(arrays, zeros, strict=True))
    sums: tuple[Array, ...] = jax.lax.reduce(
        terms, zeros, lambda some, others: tuple(map(jnp.add, some, others)), (0,)
    )
    return sums
