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
        return jax.lax.cond(always, traced_once, never, *arguments)

    def plain(always: Array, *arguments: Any) -> Any:
        del always
        return traced_once(*arguments)

    return jax.lax.platform_dependent(always, *arguments, cpu=conditional, default=plain)
