"""Loops over samples that cost nothing when there is one sample."""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp

from jaxbragg.shapes import Array

Carry = TypeVar("Carry")
Item = TypeVar("Item")

NARROW_ADDITIONS = 128
"""A sum of more terms has a wide total (specs/precision.md PREC-6); always having one would cost time."""


def fold(step: Callable[[Carry, Item], Carry], carry: Carry, items: Item, per_turn: int = 1) -> Carry:
    """Carry a value through all items (leading axis of every leaf); one item is not worth a loop.

    Reverse-mode derivatives evaluate a step again instead of storing what happened in it: with a carry that
    is only added to, nothing is stored per item.

    Args:
      step: (carry, item) -> carry.
      carry: start value.
      items: what to go through.
      per_turn: as many items as a turn of the loop takes, a divisor of their number.
    """
    if _number_of(items) == 1:
        return step(carry, jax.tree.map(lambda x: x[0], items))
    again = jax.checkpoint(step, prevent_cse=False)
    final, _ = jax.lax.scan(lambda c, item: (again(c, item), None), carry, items, unroll=per_turn)
    return final


def sum_of_terms(term: Callable[[Item], Array], items: Item, zero: Array, most_per_turn: int = 1) -> Array:
    """Sum of the terms of all items (leading axis of every leaf), of the shape and dtype of `zero`.

    Args:
      term: item -> array like `zero`.
      items: what to go through.
      zero: zeros in the narrow dtype.
      most_per_turn: a turn of the loop takes as many items as divide their number, up to this many.
    """
    n = _number_of(items)
    per_turn = next(count for count in range(min(most_per_turn, n), 0, -1) if n % count == 0)
    turns = jax.tree.map(lambda x: x.reshape(n // per_turn, per_turn, *x.shape[1:]), items)

    def add_turn(total: Array, turn: Item) -> Array:
        of_turn = fold(lambda total, item: total + term(item), zero, turn, per_turn)
        return total + of_turn.astype(total.dtype)

    start = zero.astype(dtype_of_total(n // per_turn, zero.dtype))
    return fold(add_turn, start, turns).astype(zero.dtype)


def dtype_of_total(additions: int, narrow: Any) -> Any:
    """In which a sum adds up: in the dtype of its terms, unless they are many."""
    return jnp.float64 if additions > NARROW_ADDITIONS else narrow


def _number_of(items: Any) -> int:
    return len(jax.tree.leaves(items)[0])
