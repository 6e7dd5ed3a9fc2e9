"""Intensities of samples with their derivatives."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.extend.core import Literal

from jaxbragg.shapes import Array, Vec3
from jaxbragg.simulation.sample import IndexTerms, SampleConstants, sample_terms
from jaxbragg.together import together


class Slopes(NamedTuple):
    """Intensities and their derivatives, of one shape.

    Attributes:
      intensity: as in `SampleTerms`.
      by_index: derivatives by h, k, l.
      by_number: derivatives by shared numbers, by their positions among the leaves of the constants; numbers
        that do not act are left out.
    """

    intensity: Array
    by_index: Vec3
    by_number: dict[int, Array]


def sample_slopes(index: IndexTerms, constants: SampleConstants, asked: list[int]) -> Slopes:
    """Intensities and derivatives of domains.

    Args:
      index: of the domains, components of any one shape.
      constants: as in `sample_terms`.
      asked: which leaves of the constants to derive by; each one number.
    """
    leaves, structure = jax.tree.flatten(constants)

    def intensities(rest: Vec3, numbers: list[Array]) -> Array:
        filled = list(leaves)
        for position, number in zip(asked, numbers, strict=True):
            filled[position] = number
        return sample_terms(index._replace(rest=rest), jax.tree.unflatten(structure, filled)).intensity

    numbers = [jnp.full(index.rest.x.shape, leaves[position]) for position in asked]
    acting = _acting(intensities, index.rest, numbers)
    intensity, pull = jax.vjp(intensities, index.rest, numbers)
    by_index, by_number = pull(jnp.ones_like(intensity))
    by_number = {place: slope for place, slope, acts in zip(asked, by_number, acting, strict=True) if acts}
    slopes: Slopes = together(Slopes(intensity, by_index, by_number))
    return slopes


def _acting(function: Callable[..., Array], first: Vec3, numbers: list[Array]) -> list[bool]:
    """Which numbers enter the function's result."""
    jaxpr = jax.make_jaxpr(function)(first, numbers).jaxpr
    needed = {x for x in jaxpr.outvars if not isinstance(x, Literal)}
    for equation in reversed(jaxpr.eqns):
        if not needed.isdisjoint(equation.outvars):
            needed.update(x for x in equation.invars if not isinstance(x, Literal))
    return [x in needed for x in jaxpr.invars[-len(numbers) :]] if numbers else []
