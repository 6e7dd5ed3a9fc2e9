"""Steps of traced programs: which have to do with 64-bit numbers, and their evaluation without."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr

from jaxbragg.shapes import Array

Equation = Any
"""One step of a traced program: primitive, its parameters, its operands' and results' types."""

_NARROW = {
    np.dtype("int64"): np.dtype("int32"),
    np.dtype("uint64"): np.dtype("uint32"),
    np.dtype("float64"): np.dtype("float32"),
}

OPAQUE = ("custom_jvp_call", "custom_vjp_call")
"""Calls that have derivative rules; inside may be Python's numbers, which are 64-bit scalars."""


def narrow_type(dtype: Any) -> Any:
    """The type of 32 bits for one of 64; any other type is itself."""
    return _NARROW.get(np.dtype(dtype), dtype)


def is_wide_type(dtype: Any) -> bool:
    """Whether a type has 64 bits."""
    return dtype in _NARROW


def is_wide(equation: Equation) -> bool:
    """Whether an equation has to do with 64-bit numbers."""
    if any(map(is_wide_type, _types(equation))):
        return True
    if equation.primitive.name in OPAQUE:
        return False
    return any(
        is_wide(inner)
        for program in _programs(equation.params)
        for inner in (program.jaxpr if isinstance(program, ClosedJaxpr) else program).eqns
    )


def has_wide_integers_only(equation: Equation) -> bool:
    """Whether its 64-bit numbers are integers, which need 32 bits at most, and it calls no program."""
    wide = filter(is_wide_type, _types(equation))
    return not any(_programs(equation.params)) and all(np.issubdtype(dtype, np.integer) for dtype in wide)


def _types(equation: Equation) -> list[Any]:
    names = (*equation.invars, *equation.outvars)
    return [name.aval.dtype for name in names if hasattr(name.aval, "dtype")]


def _programs(params: dict[str, Any]) -> Iterator[ClosedJaxpr | Jaxpr]:
    for value in params.values():
        for item in value if isinstance(value, tuple | list) else (value,):
            if isinstance(item, ClosedJaxpr | Jaxpr):
                yield item


def as_it_is(equation: Equation, *operands: Any) -> list[Any]:
    """Evaluate an equation as it stands."""
    params = equation.primitive.get_bind_params(equation.params)
    results = equation.primitive.bind(*operands, **params)
    return list(results) if equation.primitive.multiple_results else [results]


def in_32_bits(equation: Equation, *operands: Array) -> Array:
    """Evaluate an equation of one result with operands, and parameters, of 32 bits."""
    params = {
        key: narrow_type(value) if isinstance(value, np.dtype | type) else value
        for key, value in equation.params.items()
    }
    result: Array = equation.primitive.bind(*operands, **params)
    return result
