"""Derivatives inside a program in pairs: linear in what they start from, and single precision is enough."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg.pairs.equations import Equation, as_it_is, in_32_bits, is_wide
from jaxbragg.pairs.pair import Pair
from jaxbragg.shapes import Array


class Tangent(NamedTuple):
    """A floating number that depends on a tangent, in float32 whatever its type in the program.

    What becomes of it must be seen to be linear, for reverse mode; the operations of pairs are not.

    Attributes:
      value: float32.
    """

    value: Array


def single(x: Any) -> Any:
    """A value as an array of at most 32 bits."""
    if isinstance(x, Pair):
        return x.hi
    return x.value if isinstance(x, Tangent) else x


def in_single_precision(equation: Equation, *operands: Any) -> list[Any]:
    """Evaluate an equation that has a tangent among its operands."""
    plain = map(single, operands)
    if equation.primitive.multiple_results or not is_wide(equation):
        results = as_it_is(equation, *plain)
    else:
        results = [in_32_bits(equation, *plain)]
    return [Tangent(x) if jnp.issubdtype(x.dtype, jnp.floating) else x for x in results]


def alike(*values: Any) -> Any:
    """The first of several values for one number, as a tangent if any of them is one."""
    return Tangent(single(values[0])) if any(isinstance(x, Tangent) for x in values) else values[0]


def steady(step: Callable[[list[Any]], Sequence[Any]], carry: list[Any]) -> list[Any]:
    """A loop's start values, as tangents where the loop makes tangents of them."""
    while True:
        after = jax.eval_shape(step, carry)
        changed = [alike(x, y) for x, y in zip(carry, after, strict=True)]
        if all(map(_same_kind, changed, carry)):
            return carry
        carry = changed


def _same_kind(x: Any, y: Any) -> bool:
    return isinstance(x, Tangent) == isinstance(y, Tangent)


def tangent_of_result(x: Any, result: Any) -> Any:
    """The tangent of a result, in the form that JAX wants: of the result's own structure."""
    if isinstance(result, Pair):
        return Pair(single(x), jnp.zeros_like(result.lo))
    if not jnp.issubdtype(result.dtype, jnp.floating):
        return np.zeros(result.shape, jax.dtypes.float0)
    return single(x)
