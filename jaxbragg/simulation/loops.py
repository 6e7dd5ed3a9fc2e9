"""Loops over samples that cost nothing when there is one sample."""

from collections.abc import Callable
from typing import TypeVar

import jax

Carry = TypeVar("Carry")
Item = TypeVar("Item")


def fold(step: Callable[[Carry, Item], Carry], carry: Carry, items: Item, most_per_turn: int = 1) -> Carry:
    """Carry a value through all items (leading axis of every leaf); one item is not worth a loop.

    Reverse-mode derivatives evaluate a step again instead of storing what happened in it: with a carry that
    is only added to, nothing is stored per item.

    Args:
      step: (carry, item) -> carry.
      carry: start value.
      items: what to go through.
      most_per_turn: a turn of the loop takes as many items as divide their number, up to this many.
    """
    n = len(jax.tree.leaves(items)[0])
    if n == 1:
        return step(carry, jax.tree.map(lambda x: x[0], items))
    per_turn = next(count for count in range(min(most_per_turn, n), 0, -1) if n % count == 0)
    again = jax.checkpoint(step, prevent_cse=False)
    final, _ = jax.lax.scan(lambda c, item: (again(c, item), None), carry, items, unroll=per_turn)
    return final
