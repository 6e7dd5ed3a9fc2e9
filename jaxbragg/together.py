"""Arrays that one kernel writes together.

XLA for CPUs writes one array per kernel: what several results share is then evaluated for each of them, or
stored between kernels. Only a reduction of several operands has several results.
"""

from typing import Any

import jax
import jax.numpy as jnp

from jaxbragg.shapes import Array


def together(tree: Any) -> Any:
    """The arrays themselves; on a CPU, written by one kernel.

    What leads to them joins the kernel if it is evaluated for each element by itself; of divisions and roots,
    only those that have one use.

    Args:
      tree: pytree of arrays of one shape.
    """
    leaves, structure = jax.tree.flatten(tree)
    return jax.tree.unflatten(structure, _written(*leaves))


@jax.custom_jvp
def _written(*arrays: Array) -> tuple[Array, ...]:
    written: tuple[Array, ...] = jax.lax.platform_dependent(*arrays, cpu=_in_one_kernel, default=_unchanged)
    return written


@_written.defjvp
def _written_jvp(
    primals: tuple[Array, ...], tangents: tuple[Array, ...]
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    return _written(*primals), tangents


def _unchanged(*arrays: Array) -> tuple[Array, ...]:
    return arrays


def _in_one_kernel(*arrays: Array) -> tuple[Array, ...]:
    """Sums over an axis of two, of which the second row is nothing: XLA drops an axis of one."""
    nothing = [
        jnp.asarray(-0.0).astype(x.dtype) for x in arrays
    ]  # changes no number by being added, 0 neither
    below = [(0, 1, 0), *((0, 0, 0) for _ in arrays[0].shape)]
    rows = [jax.lax.pad(x[None], zero, below) for x, zero in zip(arrays, nothing, strict=True)]
    sums: tuple[Array, ...] = jax.lax.reduce(tuple(rows), tuple(nothing), _add, (0,))
    return sums


def _add(x: tuple[Array, ...], y: tuple[Array, ...]) -> tuple[Array, ...]:
    return tuple(a + b for a, b in zip(x, y, strict=True))
