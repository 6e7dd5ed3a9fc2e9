"""A traced program evaluated operation by operation, so that some can be others."""

from collections.abc import Callable, Sequence
from typing import Any

from jax.extend.core import Jaxpr, Literal

from jaxbragg.pairs.equations import Equation


def evaluated(
    program: Jaxpr,
    constant: Callable[[int], Any],
    arguments: Sequence[Any],
    step: Callable[[Equation, list[Any]], Sequence[Any]],
    *,
    literal: Callable[[Any], Any] = lambda of: of.val,
    equations: Sequence[Equation] | None = None,
) -> list[Any]:
    """Results of a program.

    Args:
      program: traced, a jaxpr.
      constant: number of a constant -> its value; asked wherever it is used.
      arguments: of the program.
      step: operation and the values of its operands -> values of its results.
      literal: a number that stands in the program -> its value.
      equations: those that are evaluated, if not all.
    """
    known = dict(zip(program.invars, arguments, strict=True))
    places = {name: place for place, name in enumerate(program.constvars)}

    def value(of: Any) -> Any:
        if isinstance(of, Literal):
            return literal(of)
        return constant(places[of]) if of in places else known[of]

    for equation in program.eqns if equations is None else equations:
        results = step(equation, [value(of) for of in equation.invars])
        known.update(zip(equation.outvars, results, strict=True))
    return [value(of) for of in program.outvars]
