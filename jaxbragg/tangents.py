"""Tangents that know which inputs do not move."""

from collections.abc import Callable
from typing import Any

import jax
from jax.custom_derivatives import SymbolicZero

from jaxbragg.shapes import Array


def moving(tangents: Any) -> Any:
    """Tangents as a rule with symbolic zeros gets them, where None stands for one that is zero."""
    return jax.tree.map(lambda x: None if isinstance(x, SymbolicZero) else x, tangents)


def tangent_of(function: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
    """Tangent of a function, where None stands for a tangent that is zero."""
    return value_and_tangent_of(function, primals, tangents)[1]


def value_and_tangent_of(
    function: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...]
) -> tuple[Any, Any]:
    """A function's value and its tangent, likewise."""
    leaves, structure = jax.tree.flatten(primals)
    dots = structure.flatten_up_to(tangents)  # type: ignore[attr-defined]
    places = [place for place, dot in enumerate(dots) if dot is not None]

    def of_moving(values: list[Array]) -> Any:
        filled = list(leaves)
        for place, value in zip(places, values, strict=True):
            filled[place] = value
        return function(*jax.tree.unflatten(structure, filled))

    value, tangent = jax.jvp(of_moving, ([leaves[i] for i in places],), ([dots[i] for i in places],))
    return value, tangent
