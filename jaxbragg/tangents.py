"""Tangents that know which inputs do not move."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero

from jaxbragg.shapes import Array, HostArray


def moving(tangents: Any) -> Any:
    """Tangents as a rule with symbolic zeros gets them, where None stands for one that is zero."""
    return jax.tree.map(lambda x: None if isinstance(x, SymbolicZero) else x, tangents)


def derivatives_that_move(
    function: Callable[[Array], list[Array]], at: Array, chosen: HostArray
) -> list[Array | None]:
    """Derivatives of arrays by chosen elements of a vector, (chosen, ...); None for arrays that never move.

    Args:
      function: of the vector.
      at: the vector, (n,).
      chosen: which elements, bool, (n,).
    """
    if not chosen.any():
        return [None] * len(jax.eval_shape(function, at))
    moves = _moves(function, at)

    def along(unit: Array) -> list[Array | None]:
        tangents = jax.jvp(function, (at,), (unit,))[1]
        return [tangent if moved else None for tangent, moved in zip(tangents, moves, strict=True)]

    derivatives: list[Array | None] = jax.vmap(along)(jnp.eye(len(chosen), dtype=at.dtype)[chosen])
    return derivatives


def _moves(function: Callable[[Array], list[Array]], at: Array) -> list[bool]:
    """Whether arrays depend on a vector as far as derivatives know."""
    found: list[bool] = []
    count = len(jax.eval_shape(function, at))

    @jax.custom_jvp
    def seen(results: list[Array]) -> Array:
        return jnp.zeros(())

    def rule(primals: Any, tangents: Any) -> tuple[Array, Array]:
        found.extend(not isinstance(x, SymbolicZero) for x in tangents[0])
        return jnp.zeros(()), jnp.zeros(())

    seen.defjvp(rule, symbolic_zeros=True)
    jax.eval_shape(lambda at: jax.jvp(lambda at: seen(function(at)), (at,), (at,)), at)
    return found or [False] * count  # the rule of a function is not asked for where nothing moves


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
