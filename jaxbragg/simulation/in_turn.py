"""Batches of images a few at a time.

`jax.vmap` makes every array as many times larger as the batch has images: tiles then no longer fit the cache,
and memory grows with the batch.
"""

from collections.abc import Callable
from typing import Any

import jax
from jax.custom_batching import custom_vmap


def in_turn(function: Callable[..., Any], at_once: int) -> Callable[..., Any]:
    """A function whose batches are evaluated in turn; it has no derivative (`jax.custom_batching`).

    Args:
      function: of pytrees of arrays.
      at_once: most evaluations side by side.
    """
    evaluate = custom_vmap(function)

    @evaluate.def_vmap
    def batch(size: int, batched: Any, *arguments: Any) -> tuple[Any, Any]:
        leaves, structure = jax.tree.flatten(arguments)
        differs = jax.tree.leaves(batched)
        stacked = [x for x, has_axis in zip(leaves, differs, strict=True) if has_axis]

        def with_same(of: Callable[..., Any]) -> Callable[[list[Any]], Any]:
            def of_one(own: list[Any]) -> Any:
                rest = iter(own)
                filled = [next(rest) if has_axis else x for x, has_axis in zip(leaves, differs, strict=True)]
                return of(*jax.tree.unflatten(structure, filled))

            return of_one

        if size <= at_once:
            results = jax.vmap(with_same(function))(stacked)
        else:
            results = jax.lax.map(with_same(evaluate), stacked, batch_size=_side_by_side(size, at_once))
        return results, jax.tree.map(lambda _: True, results)

    return evaluate


def _side_by_side(size: int, most: int) -> int | None:
    """Evaluations side by side, a divisor of all if one is near; None for one, which needs no axis."""
    divisors = (count for count in range(most, most // 2, -1) if size % count == 0)
    count = next(divisors, most)
    return None if count == 1 else count
