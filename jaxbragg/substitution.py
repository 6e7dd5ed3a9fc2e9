"""A function with another operation in the place of one of its own."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

from jaxbragg.shapes import Array


def substituted(
    function: Callable[..., Any], name: str, replacement: Callable[..., Array]
) -> Callable[..., Any]:
    """Evaluate a function with `replacement` wherever it uses one of JAX's primitive operations.

    Args:
      function: of pytrees of arrays, made of plain operations, without loops or branches.
      name: of the operation.
      replacement: of the operation's operands.
    """

    def evaluated(*args: Any) -> Any:
        closed, shapes = jax.make_jaxpr(function, return_shape=True)(*args)
        results = _evaluate(closed.jaxpr, closed.consts, jax.tree.leaves(args), name, replacement)
        return jax.tree.unflatten(jax.tree.structure(shapes), results)

    return evaluated


def _evaluate(
    program: Jaxpr,
    constants: Sequence[Any],
    values: Sequence[Any],
    name: str,
    replacement: Callable[..., Array],
) -> list[Any]:
    known = dict(zip([*program.constvars, *program.invars], [*constants, *values], strict=True))

    def read(of: Any) -> Any:
        return of.val if isinstance(of, Literal) else known[of]

    for equation in program.eqns:
        operands = [read(of) for of in equation.invars]
        inner = equation.params.get("jaxpr", equation.params.get("call_jaxpr"))
        if equation.primitive.name == name:
            results = [replacement(*operands)]
        elif isinstance(inner, ClosedJaxpr):
            results = _evaluate(inner.jaxpr, inner.consts, operands, name, replacement)
        else:
            found = equation.primitive.bind(*operands, **equation.params)
            results = found if equation.primitive.multiple_results else [found]
        known.update(zip(equation.outvars, results, strict=True))
    return [read(of) for of in program.outvars]
