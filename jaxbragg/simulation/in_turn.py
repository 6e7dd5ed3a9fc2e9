"""Batches of images a few at a time.

`jax.vmap` makes every array as many times larger as the batch has images: tiles then no longer fit the cache,
and memory grows with the batch.
"""

from collections.abc import Callable
from typing import Any

import jax
from jax.custom_batching import custom_vmap

from jaxbragg.simulation.tiles import near_divisor


def in_turn(function: Callable[..., Any], at_once: int) -> Callable[..., Any]:
    """A function in double precision whose batches, of batches too, are evaluated in turn.

    It has no derivative in reverse mode (`jax.custom_batching`).

    Args:
      function: of pytrees of arrays.
      at_once: evaluations side by side; up to twice as many, where that makes them equal.
    """
    evaluate = custom_vmap(function)

    @evaluate.def_vmap
    def batch(size: int, batched: Any, *arguments: Any) -> tuple[Any, Any]:
        with jax.enable_x64(True):  # what is batched may have been traced before, by a caller without it
            results = _batch(evaluate, function, at_once, size, batched, arguments)
        return results, jax.tree.map(lambda _: True, results)

    return evaluate


def _batch(
    evaluate: Callable[..., Any],
    function: Callable[..., Any],
    at_once: int,
    size: int,
    batched: Any,
    arguments: tuple[Any, ...],
) -> Any:
    """A function and the same in turn, for so many arguments of which some have an axis of the batch."""
    if size < 2 * at_once:
        axes = jax.tree.map(lambda has_axis: 0 if has_axis else None, tuple(batched))
        return in_turn(jax.vmap(function, in_axes=axes), -(-at_once // size))(*arguments)
    leaves, structure = jax.tree.flatten(arguments)
    differs = jax.tree.leaves(batched)

    def of_one(own: list[Any]) -> Any:
        rest = iter(own)
        filled = [next(rest) if has_axis else x for x, has_axis in zip(leaves, differs, strict=True)]
        return evaluate(*jax.tree.unflatten(structure, filled))

    stacked = [x for x, has_axis in zip(leaves, differs, strict=True) if has_axis]
    count = near_divisor(size, at_once, 2 * at_once - 1)
    return jax.lax.map(of_one, stacked, batch_size=None if count == 1 else count)
