"""Arrays that one kernel writes together.

XLA for CPUs writes one array per kernel: what several results share is then evaluated for each of them, or
stored between kernels. Only a reduction of several operands has several results.
"""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from jaxbragg.shapes import Array

_together_p = Primitive("together")
_together_p.multiple_results = True


def together(tree: Any) -> Any:
    """The arrays themselves; on a CPU, written by one kernel.

    What leads to them joins the kernel if it is evaluated for each element by itself; of divisions and roots,
    only those that have one use.

    Args:
      tree: pytree of arrays of one shape.
    """
    leaves, structure = jax.tree.flatten(tree)
    return jax.tree.unflatten(structure, _bind(*leaves))


def stored(x: Array) -> Array:
    """The array itself; on a CPU, written by a kernel of its own if it is small enough to stay in the cache.

    For what several kernels need, or one that has so many operations that the processor waits for each.
    """
    return _bind(x, most=MOST_STORED)[0]


MOST_STORED = 2**17
"""Numbers of the largest array that is stored: as many as the pixels of the largest tile."""


def _bind(*arrays: Array, most: int | None = None) -> list[Array]:
    written: list[Array] = _together_p.bind(*arrays, most=most)  # type: ignore[no-untyped-call]
    return written


def unchanged(*arrays: Any, **_: Any) -> list[Any]:
    """The arrays, as a primitive that only its lowering or its derivative distinguishes returns them."""
    return list(arrays)


def _in_one_kernel(*arrays: Array, most: int | None) -> Sequence[Array]:
    """Reductions of two equal rows to the union of their bits; XLA drops an axis of one.

    As the rows are equal, what leads to them is evaluated once, outside the loop over the two; else a long
    kernel is not vectorised.
    """
    if most is not None and arrays[0].size > most:
        return arrays
    with jax.enable_x64(True):  # a program with float64 may be lowered where it is not enabled
        nothing = tuple(jnp.zeros((), x.dtype) for x in arrays)
        rows = tuple(jnp.broadcast_to(x, (2, *x.shape)) for x in arrays)
        same: tuple[Array, ...] = jax.lax.reduce(rows, nothing, _unite, (0,))
    return same


def _unite(x: tuple[Array, ...], y: tuple[Array, ...]) -> tuple[Array, ...]:
    return tuple(map(_union_of_bits, x, y))


def _union_of_bits(x: Array, y: Array) -> Array:
    if not jnp.issubdtype(x.dtype, jnp.floating):
        return x | y
    bits = jnp.dtype(f"uint{8 * x.dtype.itemsize}")
    union = jax.lax.bitcast_convert_type(x, bits) | jax.lax.bitcast_convert_type(y, bits)
    return jax.lax.bitcast_convert_type(union, x.dtype)


def _tangents(
    primals: Sequence[Array], tangents: Sequence[Any], *, most: int | None
) -> tuple[list[Array], list[Any]]:
    return _bind(*primals, most=most), list(tangents)


def _batched(
    arrays: Sequence[Array], axes: Sequence[int | None], *, most: int | None
) -> tuple[list[Array], list[int]]:
    return _bind(*in_front(arrays, axes), most=most), [0] * len(arrays)


def in_front(arrays: Sequence[Array], axes: Sequence[int | None]) -> list[Array]:
    """All arrays of a batch with its axis in front, also those that had none."""
    size = next(x.shape[axis] for x, axis in zip(arrays, axes, strict=True) if axis is not None)
    return [
        jnp.broadcast_to(x, (size, *x.shape)) if axis is None else jnp.moveaxis(x, axis, 0)
        for x, axis in zip(arrays, axes, strict=True)
    ]


_together_p.def_impl(unchanged)  # type: ignore[no-untyped-call]
_together_p.def_abstract_eval(unchanged)  # type: ignore[no-untyped-call]
ad.primitive_jvps[_together_p] = _tangents
batching.primitive_batchers[_together_p] = _batched
mlir.register_lowering(_together_p, mlir.lower_fun(unchanged, multiple_results=True))
mlir.register_lowering(_together_p, mlir.lower_fun(_in_one_kernel, multiple_results=True), platform="cpu")
