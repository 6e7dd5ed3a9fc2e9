"""Operations that run a program of their own, replayed in pairs: calls, branches, loops, derivative rules."""

import functools
from collections.abc import Callable
from typing import Any

import jax
from jax.custom_derivatives import SymbolicZero
from jax.extend.core import ClosedJaxpr, Jaxpr

from jaxbragg.pairs.equations import Equation, as_it_is
from jaxbragg.pairs.pair import Pair
from jaxbragg.pairs.replay import Value, replay, trace_wide
from jaxbragg.pairs.tangent import Tangent, alike, steady, tangent_of_result
from jaxbragg.shapes import Array


def _function(program: ClosedJaxpr | Jaxpr) -> Callable[..., list[Value]]:
    closed = program if isinstance(program, ClosedJaxpr) else ClosedJaxpr(program, ())
    return lambda *operands: replay(closed, operands)


def _traced_once(program: ClosedJaxpr) -> Callable[..., list[Value]]:
    """A program that is replayed to know what it returns, and then used, and leaves no call behind.

    Replayed twice at every level, what is nested n deep would be so 2^n times.
    """
    evaluate: Callable[..., list[Value]] = jax.jit(_function(program), inline=True)
    return evaluate


def inline(equation: Equation, *operands: Value) -> list[Value]:
    """A call: its program is replayed in place."""
    return _function(equation.params["jaxpr"])(*operands)


def again(equation: Equation, *operands: Value) -> list[Value]:
    """A part that derivatives evaluate again."""
    params = equation.params
    function = _function(params["jaxpr"])
    results: list[Value] = jax.checkpoint(
        function, prevent_cse=params["prevent_cse"], policy=params["policy"]
    )(*operands)
    return results


def branch(equation: Equation, index: Array, *operands: Value) -> list[Value]:
    """One of several programs, all with results of the same kinds: chosen by a number, or by the platform."""
    branches = [_traced_once(program) for program in equation.params["branches"]]
    kinds = [jax.eval_shape(one, *operands) for one in branches]

    def of_common_kind(one: Callable[..., list[Value]], *operands: Value) -> list[Value]:
        return [alike(*values) for values in zip(one(*operands), *kinds, strict=True)]

    same_kind = [functools.partial(of_common_kind, one) for one in branches]
    platforms = equation.params.get("branches_platforms")
    if platforms is None:
        results: list[Value] = jax.lax.switch(index, same_kind, *operands)
        return results
    both = zip(platforms, same_kind, strict=True)
    of_platform = {name: one for names, one in both for name in names or ["default"]}
    by_platform: list[Value] = jax.lax.platform_dependent(*operands, **of_platform)
    return by_platform


def scan(equation: Equation, *operands: Value) -> list[Value]:
    """A loop over items."""
    params = equation.params
    n_consts, n_carry = _counts(params)
    consts, carry, items = (
        list(operands[:n_consts]),
        list(operands[n_consts : n_consts + n_carry]),
        list(operands[n_consts + n_carry :]),
    )
    step = _traced_once(params["jaxpr"])

    def body(carry: list[Value], items: list[Value]) -> tuple[list[Value], list[Value]]:
        results = step(*consts, *carry, *items)
        return [alike(*both) for both in zip(results[:n_carry], carry, strict=True)], results[n_carry:]

    carry = steady(lambda carry: body(carry, jax.tree.map(lambda x: x[0], items))[0], carry)
    final, stacked = jax.lax.scan(
        body, carry, items, length=params["length"], reverse=params["reverse"], unroll=params["unroll"]
    )
    return [*final, *stacked]


def _counts(params: dict[str, Any]) -> tuple[int, int]:
    """How many operands of a loop over items are constants, and how many are carried."""
    if "num_consts" in params:
        return params["num_consts"], params["num_carry"]
    consts, carry, _ = params["ft_in"].unpack()  # since JAX 0.11
    return len(consts), len(carry)


def while_loop(equation: Equation, *operands: Value) -> list[Value]:
    """A loop with a condition."""
    params = equation.params
    n_cond, n_body = params["cond_nconsts"], params["body_nconsts"]
    goes_on, step = _function(params["cond_jaxpr"]), _traced_once(params["body_jaxpr"])
    of_cond, of_body = operands[:n_cond], operands[n_cond : n_cond + n_body]

    def body(carry: list[Value]) -> list[Value]:
        return [alike(*both) for both in zip(step(*of_body, *carry), carry, strict=True)]

    return jax.lax.while_loop(
        lambda carry: goes_on(*of_cond, *carry)[0],
        body,
        steady(body, list(operands[n_cond + n_body :])),
    )


def with_its_derivative(equation: Equation, *operands: Value) -> list[Value]:
    """A function that has a derivative rule of its own: the rule is replayed too."""
    evaluate = _function(equation.params["call_jaxpr"])
    if any(isinstance(x, Tangent) for x in operands):
        return evaluate(*operands)
    kept: Any = jax.custom_jvp(evaluate)

    def rule(primals: tuple[Value, ...], tangents: tuple[Any, ...]) -> tuple[list[Value], list[Value]]:
        results, slopes = kept(*primals), _slopes(equation, primals, tuple(map(_known, tangents)))
        return results, [tangent_of_result(*both) for both in zip(slopes, results, strict=True)]

    kept.defjvp(rule, symbolic_zeros=True)
    results: list[Value] = kept(*operands)
    return results


def _known(tangent: Any) -> Tangent | None:
    """The tangent of one operand, None where it is zero."""
    of_value = tangent.hi if isinstance(tangent, Pair) else tangent
    return None if isinstance(of_value, SymbolicZero) else Tangent(of_value)


def _slopes(
    equation: Equation, primals: tuple[Value, ...], tangents: tuple[Tangent | None, ...]
) -> list[Value]:
    """Tangents of the results, by the rule as JAX applies it in float64."""
    moving = [number for number, tangent in enumerate(tangents) if tangent is not None]

    def in_float64(values: list[Array], dots: list[Array]) -> list[Array]:
        def of_moving(*moved: Array) -> list[Array]:
            filled = list(values)
            for number, value in zip(moving, moved, strict=True):
                filled[number] = value
            return as_it_is(equation, *filled)

        _, slopes = jax.jvp(of_moving, tuple(values[number] for number in moving), tuple(dots))
        return list(slopes)

    starts = [tangents[number] for number in moving]
    closed, _ = trace_wide(in_float64, list(primals), [primals[number] for number in moving])
    return replay(closed, [*primals, *starts])
