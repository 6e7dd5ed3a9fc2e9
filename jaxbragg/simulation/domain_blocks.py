"""Mosaic domains in blocks, and tangents that know which inputs do not move."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from jaxbragg.shapes import Array

DOMAINS_PER_BLOCK = 4
"""Domains whose derivative is evaluated together (measured: the arrays of a block stay in the cache)."""


def in_blocks(arrays: Any) -> Any:
    """Arrays with a leading axis of domains, in equal blocks of about `DOMAINS_PER_BLOCK` domains.

    Returns:
      The pytree with leaves (n_blocks, domains per block), the last one filled up with zeros.
    """
    n_domains = len(jax.tree.leaves(arrays)[0])
    n_blocks = -(-n_domains // DOMAINS_PER_BLOCK)
    size = -(-n_domains // n_blocks)

    def fill(x: Array) -> Array:
        filling = jnp.zeros(n_blocks * size - n_domains, x.dtype)
        return jnp.concatenate([x, filling]).reshape(n_blocks, size)

    return jax.tree.map(fill, arrays)


def tangent_of(function: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
    """Tangent of a function, where None stands for a tangent that is zero."""
    return value_and_tangent_of(function, primals, tangents)[1]


def value_and_tangent_of(
    function: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...]
) -> tuple[Any, Any]:
    """A function's value and its tangent, likewise."""
    leaves, structure = jax.tree.flatten(primals)
    dots = structure.flatten_up_to(tangents)  # type: ignore[attr-defined]
    moving = [number for number, dot in enumerate(dots) if dot is not None]

    def of_moving(values: list[Array]) -> Any:
        filled = list(leaves)
        for number, value in zip(moving, values, strict=True):
            filled[number] = value
        return function(*jax.tree.unflatten(structure, filled))

    value, tangent = jax.jvp(of_moving, ([leaves[i] for i in moving],), ([dots[i] for i in moving],))
    return value, tangent
