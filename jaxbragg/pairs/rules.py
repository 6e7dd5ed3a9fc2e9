"""What becomes of each primitive operation of a float64 program when it is replayed in pairs."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg.pairs import arithmetic, calls, rounding, series
from jaxbragg.pairs.equations import (
    Equation,
    as_it_is,
    has_wide_integers_only,
    in_32_bits,
    is_wide,
    narrow_type,
)
from jaxbragg.pairs.pair import Pair
from jaxbragg.pairs.replay import Value
from jaxbragg.pairs.tangent import Tangent, in_single_precision

Rule = Callable[..., list[Value]]
"""(equation, *operands) -> results."""


def evaluate(equation: Equation, operands: list[Value]) -> list[Value]:
    """Evaluate an equation.

    Raises:
      NotImplementedError: a primitive on 64-bit numbers that has no rule.
    """
    name = equation.primitive.name
    wide = is_wide(equation)
    if wide and name in CALLS:
        return CALLS[name](equation, *operands)
    if any(isinstance(x, Tangent) for x in operands):
        return in_single_precision(equation, *operands)
    if not wide:
        return as_it_is(equation, *operands)
    if name in RULES:
        return RULES[name](equation, *operands)
    if has_wide_integers_only(equation):
        return [in_32_bits(equation, *operands)]
    raise NotImplementedError(f"no rule for the operation `{name}` in pairs of float32")


def _moves(equation: Equation, *operands: Value) -> list[Value]:
    """An operation that moves numbers about: both parts alike."""
    if not isinstance(operands[0], Pair) and not any(isinstance(x, Pair) for x in operands):
        return [in_32_bits(equation, *operands)]
    parts = zip(*(x if isinstance(x, Pair) else (x, x) for x in operands), strict=True)
    return [Pair(*(in_32_bits(equation, *part) for part in parts))]


def _calculates(operation: Callable[..., Value]) -> Rule:
    """An operation whose counterpart acts on pairs; on integers it is itself."""

    def rule(equation: Equation, *operands: Value) -> list[Value]:
        if isinstance(operands[0], Pair):
            return [operation(*operands)]
        return [in_32_bits(equation, *operands)]

    return rule


def _power(equation: Equation, x: Value) -> list[Value]:
    """A whole power by repeated multiplication."""
    exponent = equation.params["y"]
    result = x
    for _ in range(abs(exponent) - 1):
        result = arithmetic.multiply(result, x)
    one = Pair(jnp.ones_like(x.hi), jnp.zeros_like(x.lo))
    return [result if exponent > 0 else arithmetic.divide(one, result)]


def _round(equation: Equation, x: Pair) -> list[Value]:
    if equation.params["rounding_method"] is not jax.lax.RoundingMethod.TO_NEAREST_EVEN:
        raise NotImplementedError("halves are rounded to the even number in pairs of float32")
    return [rounding.nearest(x)]


def _convert(equation: Equation, x: Value) -> list[Value]:
    """From one type to another, either of which may be a pair."""
    wanted = np.dtype(equation.params["new_dtype"])
    is_integer = np.issubdtype(wanted, np.integer)
    if isinstance(x, Pair):
        if wanted == np.float64:
            return [x]
        if is_integer:
            return [rounding.to_integer(x, narrow_type(wanted))]
        return [x.hi.astype(wanted)]
    if wanted != np.float64:
        return [x.astype(narrow_type(wanted))]
    if np.issubdtype(x.dtype, np.integer):
        return [rounding.from_integer(x)]
    hi = x.astype(jnp.float32)
    return [Pair(hi, jnp.zeros_like(hi))]


def _iota(equation: Equation) -> list[Value]:
    numbers = in_32_bits(equation)
    if equation.params["dtype"] == np.float64:
        return [Pair(numbers, jnp.zeros_like(numbers))]
    return [numbers]


def _sum(equation: Equation, x: Value) -> list[Value]:
    """Sum over axes."""
    if not isinstance(x, Pair):
        return [in_32_bits(equation, x)]
    for axis in sorted(equation.params["axes"], reverse=True):
        x = _sum_over_first(Pair(*(jnp.moveaxis(part, axis, 0) for part in x)))
    return [x]


def _sum_over_first(x: Pair) -> Pair:
    """Sum over the first axis, by halves."""
    while (count := len(x.hi)) > 1:
        half = count // 2
        sums = arithmetic.add(
            Pair(*(part[:half] for part in x)), Pair(*(part[half : 2 * half] for part in x))
        )
        odd = Pair(*(part[2 * half :] for part in x))
        x = Pair(*(jnp.concatenate(parts) for parts in zip(sums, odd, strict=True)))
    return Pair(*(part[0] for part in x))


RULES: dict[str, Rule] = {
    **dict.fromkeys(
        (
            "broadcast_in_dim",
            "slice",
            "squeeze",
            "stack",
            "concatenate",
            "transpose",
            "reshape",
            "select_n",
            "stop_gradient",
            "rounded",
            "dynamic_slice",
            "gather",
        ),
        _moves,
    ),
    "add": _calculates(arithmetic.add),
    "sub": _calculates(arithmetic.subtract),
    "mul": _calculates(arithmetic.multiply),
    "div": _calculates(arithmetic.divide),
    "sqrt": _calculates(arithmetic.sqrt),
    "inverse_root": _calculates(lambda x: arithmetic.divide(arithmetic.sqrt(x), x)),
    "together": lambda _, *operands: list(operands),
    "neg": _calculates(arithmetic.negative),
    "abs": _calculates(rounding.absolute),
    "max": _calculates(rounding.maximum),
    "min": _calculates(rounding.minimum),
    "sin": _calculates(series.sin),
    "cos": _calculates(series.cos),
    "exp": _calculates(series.exp),
    "ceil": _calculates(rounding.ceil),
    "floor": _calculates(rounding.floor),
    "eq": _calculates(rounding.equal),
    "ne": _calculates(lambda x, y: ~rounding.equal(x, y)),
    "lt": _calculates(rounding.less),
    "gt": _calculates(lambda x, y: rounding.less(y, x)),
    "le": _calculates(lambda x, y: rounding.less(x, y) | rounding.equal(x, y)),
    "ge": _calculates(lambda x, y: rounding.less(y, x) | rounding.equal(x, y)),
    "integer_pow": _power,
    "round": _round,
    "convert_element_type": _convert,
    "iota": _iota,
    "reduce_sum": _sum,
}
"""Rules by the primitive's name."""

CALLS: dict[str, Rule] = {
    "jit": calls.inline,
    "remat2": calls.again,
    "cond": calls.branch,
    "scan": calls.scan,
    "while": calls.while_loop,
    "custom_jvp_call": calls.with_its_derivative,
}
"""The same for operations that run programs of their own."""
