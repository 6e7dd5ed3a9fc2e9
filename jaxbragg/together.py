"""Arrays that one kernel writes together.

XLA for CPUs writes one array per kernel: what several results share is then evaluated for each of them, or
stored between kernels. Only a reduction of several operands has several results.
"""

import jax
import jax.numpy as jnp

from jaxbragg.shapes import Array


@jax.custom_jvp
def together(*arrays: Array) -> tuple[Array, ...]:
    """Arrays of one shape and dtype as they are; on a CPU, as results of one kernel.

    What leads to them joins the kernel if it is evaluated for each element by itself; of divisions and roots,
    only those that have one use.
    """
    written: tuple[Array, ...] = jax.lax.platform_dependent(*arrays, cpu=_one_kernel, default=_unchanged)
    return written


@together.defjvp
def _together_jvp(
    primals: tuple[Array, ...], tangents: tuple[Array, ...]
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    return together(*primals), tangents


def _unchanged(*arrays: Array) -> tuple[Array, ...]:
    return arrays


def _one_kernel(*arrays: Array) -> tuple[Array, ...]:
    """Sums over an axis of two, of which the second row is nothing: XLA drops an axis of one."""
    nothing = [jnp.full((), -0.0, x.dtype) for x in arrays]  # changes no number by being added, 0 neither
    below = [(0, 1, 0), *((0, 0, 0) for _ in arrays[0].shape)]
    rows = [jax.lax.pad(x[None], zero, below) for x, zero in zip(arrays, nothing, strict=True)]
    sums: tuple[Array, ...] = jax.lax.reduce(tuple(rows), tuple(nothing), _add, (0,))
    return sums


def _add(x: tuple[Array, ...], y: tuple[Array, ...]) -> tuple[Array, ...]:
    return tuple(a + b for a, b in zip(x, y, strict=True))
