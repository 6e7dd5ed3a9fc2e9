"""Loops over samples that cost nothing when there is one sample."""

from collections.abc import Callable
from typing import TypeVar

import jax

Carry = TypeVar("Carry")
Item = TypeVar("Item")


def fold(step: Callable[[Carry, Item], Carry], carry: Carry, items: Item) -> Carry:
    """Carry a value through all items (leading axis of every leaf); one item is not worth a loop.

    Reverse-mode derivatives evaluate a step again instead of storing what happened in it: with a carry that
    is only added to, nothing is stored per item.
    """
    n = len(jax.tree.leaves(items)[0])
    if n == 1:
        return step(carry, jax.tree.map(lambda x: x[0], items))
    again = jax.checkpoint(step, prevent_cse=False)
    final, _ = jax.lax.scan(lambda c, item: (again(c, item), None), carry, items)
    return final
