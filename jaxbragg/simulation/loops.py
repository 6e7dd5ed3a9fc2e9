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
      most_per_turn: items that a turn of the loop takes, at most; fewer if so many divide their number.
    """
    n = _number_of(items)
    per_turn = _largest_divisor(n, most_per_turn)

    def add(total: Array, item: Item) -> Array:
        return total + term(item)

    def add_turn(total: Array, turn: Item) -> Array:
        return total + fold(add, zero, turn, _number_of(turn))

    if n <= NARROW_ADDITIONS * per_turn:
        return _fold_rows(add_turn, zero, items, per_turn)

    def add_part(total: Array, part: Item) -> Array:
        return total + _fold_rows(add_turn, zero, part, per_turn).astype(total.dtype)

    # a part is narrow throughout: XLA gives a kernel with two types the vectors of the wider one
    n_parts = -(-n // (NARROW_ADDITIONS * per_turn))
    size = n // per_turn // n_parts * per_turn
    return _fold_rows(add_part, zero.astype(jnp.float64), items, size).astype(zero.dtype)


def _largest_divisor(n: int, most: int) -> int:
    """The largest divisor of a number up to `most`, if it is more than half of that; else `most`, or all."""
    return next((count for count in range(most, most // 2, -1) if n % count == 0), min(most, n))


def _fold_rows(step: Callable[[Carry, Item], Carry], carry: Carry, items: Item, size: int) -> Carry:
    """Carry a value through rows of so many items, and the rest of them."""
    n = _number_of(items)
    whole = n - n % size
    rows = jax.tree.map(lambda x: x[:whole].reshape(whole // size, size, *x.shape[1:]), items)
    if whole:
        carry = fold(step, carry, rows)
    return carry if whole == n else step(carry, jax.tree.map(lambda x: x[whole:], items))


def dtype_of_total(additions: int, narrow: Any) -> Any:
    """In which a sum adds up: in the dtype of its terms, unless they are many."""
    return jnp.float64 if additions > NARROW_ADDITIONS else narrow


def _number_of(items: Any) -> int:
    return len(jax.tree.leaves(items)[0])
