"""A float64 function evaluated in pairs of float32: its program is traced and replayed in other arithmetic.

The physics is written once, in float64. Its traced program (jaxpr) is a list of primitive operations on typed
values. Here each one that touches 64-bit numbers is replaced by its counterpart for pairs (rules.py,
calls.py); the others are kept. What comes out has no 64-bit number and is an ordinary JAX function, for jit,
grad and vmap.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

from jaxbragg.evaluated import evaluated
from jaxbragg.pairs.equations import Equation, is_wide_type, narrow_type
from jaxbragg.pairs.pair import Pair, is_pair, split

Value = Any
"""An array of at most 32 bits, a `Pair`, or, inside derivatives, a `Tangent`."""


def in_pairs(function: Callable[..., Any]) -> Callable[..., Any]:
    """Evaluate a function that is written in float64 without any 64-bit number.

    Args:
      function: of pytrees of arrays, with float64 enabled.

    Returns:
      The same function of pytrees in which float64 arrays are pairs. Results that would be float64 are pairs.
    """

    def in_pairs_of_float32(*args: Any) -> Any:
        args = jax.tree.map(lambda x: x if is_pair(x) else narrowed(x), args, is_leaf=is_pair)
        closed, shapes = trace_wide(function, *args)
        with jax.enable_x64(False):
            results = replay(closed, jax.tree.leaves(args, is_leaf=is_pair))
        return jax.tree.unflatten(jax.tree.structure(shapes), results)

    return in_pairs_of_float32


def trace_wide(function: Callable[..., Any], *args: Any) -> tuple[ClosedJaxpr, Any]:
    """The program of a function with pairs as float64 numbers, and its results' shapes."""
    types = jax.tree.map(_wide_type, args, is_leaf=is_pair)
    with jax.enable_x64(True):
        traced: tuple[ClosedJaxpr, Any] = jax.make_jaxpr(function, return_shape=True)(*types)
        return traced


def _wide_type(value: Value) -> Any:
    shape, dtype = (value.hi.shape, jnp.float64) if isinstance(value, Pair) else (value.shape, value.dtype)
    return jax.ShapeDtypeStruct(shape, dtype)  # type: ignore[no-untyped-call]


def replay(closed: ClosedJaxpr, values: Sequence[Value]) -> list[Value]:
    """Evaluate a traced program, with pairs in the place of float64 numbers."""
    from jaxbragg.pairs.rules import evaluate

    constants = [narrowed(x) for x in closed.consts]
    return evaluated(
        closed.jaxpr,
        constants.__getitem__,
        values,
        evaluate,
        literal=lambda of: narrowed(np.asarray(of.val, of.aval.dtype)),
        equations=_needed(closed.jaxpr),
    )


def _needed(program: Jaxpr) -> list[Equation]:
    """The equations on which results depend."""
    wanted = {name for name in program.outvars if not isinstance(name, Literal)}
    needed = []
    for equation in reversed(program.eqns):
        if not wanted.isdisjoint(equation.outvars) or equation.effects:
            needed.append(equation)
            wanted.update(name for name in equation.invars if not isinstance(name, Literal))
    return needed[::-1]


def narrowed(constant: Any) -> Value:
    """An array without 64-bit numbers."""
    if constant.dtype == np.float64:
        return split(constant)
    return jnp.asarray(constant, narrow_type(constant.dtype)) if is_wide_type(constant.dtype) else constant
