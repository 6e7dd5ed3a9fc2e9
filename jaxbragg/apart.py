"""Computations that XLA does not fuse with their neighbours.

XLA for CPUs writes one array per kernel, and fuses what leads to it; an optimization barrier does not stop
it. Where that puts a slow access to memory into a long kernel, the whole kernel is no longer vectorised or
shared between cores; and what several kernels need is computed in each of them. A conditional is a
computation of its own.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_batching import custom_vmap

from jaxbragg.shapes import Array


def apart(function: Callable[..., Any], always: Array, *arguments: Any) -> Any:
    """Evaluate a function of arrays; on a CPU, as a computation of its own.

    Args:
      function: arrays -> pytree of arrays.
      always: a truth that XLA does not know to be one, bool, ().
      *arguments: of the function.
    """
    traced_once = jax.jit(function)
    shapes = jax.eval_shape(traced_once, *arguments)

    def never(*_: Any) -> Any:
        return jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)

    def conditional(always: Array, *arguments: Any) -> Any:
        return jax.lax.cond(_of_whole_batch(always), traced_once, never, *arguments)

    def plain(always: Array, *arguments: Any) -> Any:
        del always
        return traced_once(*arguments)

    return jax.lax.platform_dependent(always, *arguments, cpu=conditional, default=plain)


@jax.custom_jvp
def _of_whole_batch(always: Array) -> Array:
    """The truth itself; one for all of a batch, whose conditional would else be a select."""
    truth: Array = _truth(always)
    return truth


@_of_whole_batch.defjvp
def _of_whole_batch_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    return _of_whole_batch(*primals), tangents[0]


@custom_vmap
def _truth(always: Array) -> Array:
    return always


@_truth.def_vmap
def _of_first(size: int, batched: list[bool], always: Array) -> tuple[Array, bool]:
    del size, batched
    return _truth(always[0]), False
