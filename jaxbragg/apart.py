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


def apart(
    function: Callable[..., Any],
    usual: Array,
    *arguments: Any,
    otherwise: Callable[..., Any] | None = None,
) -> Any:
    """Evaluate a function of arrays; on a CPU, as a computation of its own.

    Args:
      function: arrays -> pytree of arrays.
      usual: whether this function is good enough, bool, (); where there is no other, a truth that XLA does
        not know to be one.
      *arguments: of the function.
      otherwise: what is evaluated of the same arguments in its place, on a CPU, where it is not; in a batch,
        for all if it is not for one.
    """
    traced_once = jax.jit(function)
    shapes = jax.eval_shape(traced_once, *arguments)

    def never(*_: Any) -> Any:
        return jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)

    def conditional(usual: Array, *arguments: Any) -> Any:
        return jax.lax.cond(_of_whole_batch(usual), traced_once, otherwise or never, *arguments)

    def plain(usual: Array, *arguments: Any) -> Any:
        del usual
        return traced_once(*arguments)

    return jax.lax.platform_dependent(usual, *arguments, cpu=conditional, default=plain)


@jax.custom_jvp
def _of_whole_batch(usual: Array) -> Array:
    """Whether it is so in all of a batch, whose conditional would else be a select."""
    truth: Array = _truth(usual)
    return truth


@_of_whole_batch.defjvp
def _of_whole_batch_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    return _of_whole_batch(*primals), tangents[0]


@custom_vmap
def _truth(usual: Array) -> Array:
    return usual


@_truth.def_vmap
def _of_all(size: int, batched: list[bool], usual: Array) -> tuple[Array, bool]:
    del size, batched
    return _truth(jnp.all(usual, axis=0)), False
