"""Functions as the plain operations that they come to, for kernels that are not XLA's.

Pallas lowers neither marks that only XLA for CPUs heeds nor choices between platforms.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr

from jaxbragg.evaluated import evaluated
from jaxbragg.inverse_root import by_division
from jaxbragg.pairs.equations import Equation, as_it_is

_MARKS = frozenset({"together", "name"})
"""Operations that return their operands."""

_LOOPS = frozenset({"scan", "while", "cond"})


def inlined(function: Callable[..., Any], platform: str) -> Callable[..., Any]:
    """The same function; when it is traced, its operations are plain ones, and no calls.

    Args:
      function: of pytrees of arrays, without loops.
      platform: the one that its kernel is for.
    """

    def written_out(*args: Any) -> Any:
        closed, shapes = jax.make_jaxpr(function, return_shape=True)(*args)
        results = _call(closed, jax.tree.leaves(args), platform)
        return jax.tree.unflatten(jax.tree.structure(shapes), results)

    return written_out


def _call(called: ClosedJaxpr | Jaxpr, operands: list[Any], platform: str) -> list[Any]:
    """Results of a program."""
    closed = called if isinstance(called, ClosedJaxpr) else ClosedJaxpr(called, ())
    step = functools.partial(_step, platform=platform)
    return evaluated(closed.jaxpr, closed.consts.__getitem__, operands, step)


def _step(equation: Equation, operands: list[Any], *, platform: str) -> list[Any]:
    name, params = equation.primitive.name, equation.params
    if name in _MARKS:
        return operands
    if name == "inverse_root":
        return [by_division(*operands)]
    if name == "platform_index":
        return [None]  # what follows chooses by the name
    if params.get("branches_platforms") is not None:
        return _call(_branch_for(platform, params), operands[1:], platform)
    if name in _LOOPS:
        raise NotImplementedError(f"`{name}` cannot be written out")
    inner = params.get("jaxpr", params.get("call_jaxpr"))
    return as_it_is(equation, *operands) if inner is None else _call(inner, operands, platform)


def _branch_for(platform: str, params: dict[str, Any]) -> ClosedJaxpr:
    """The branch of a platform, or the one for all others."""
    both = zip(params["branches_platforms"], params["branches"], strict=True)
    chosen: ClosedJaxpr = next(branch for names, branch in both if names is None or platform in names)
    return chosen
