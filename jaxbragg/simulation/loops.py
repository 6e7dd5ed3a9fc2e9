"""Loops over samples that cost nothing when there is one sample."""

from collections.abc import Callable
from typing import TypeVar

import jax

Carry = TypeVar("Carry")
Item = TypeVar("Item")


def fold(step: Callable[[Carry, Item], Carry], carry: Carry, items: Item) -> Carry:
    """Carry a value through all items (leading axis of every leaf); one item is not worth a loop."""
    n = len(jax.tree.leaves(items)[0])
    if n == 1:
        return step(carry, jax.tree.map(lambda x: x[0], items))
    final, _ = jax.lax.scan(lambda c, item: (step(c, item), None), carry, items)
    return final
