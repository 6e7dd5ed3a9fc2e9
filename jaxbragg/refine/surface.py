"""The smooth background of a region: a polynomial of low order in the place inside the region."""

import jax.numpy as jnp

from jaxbragg.errors import ConfigError
from jaxbragg.shapes import Array

TERMS = ("1", "x", "y", "xx", "xy", "yy")
"""Terms by order: x and y run from -1 to 1 along fast and slow of the region."""


def number_of_terms(order: int) -> int:
    """Terms up to an order.

    Raises:
      ConfigError: the order is not 0, 1 or 2.
    """
    counts = {0: 1, 1: 3, 2: 6}
    if order not in counts:
        raise ConfigError(
            f"the order of a background must be 0 (constant), 1 (plane) or 2, got {order!r}; "
            "use smaller regions for a more uneven one"
        )
    return counts[order]


def monomials(x: Array, y: Array, terms: int) -> Array:
    """The first terms at places of a region, (terms, n).

    Source: specs/refinement.md REF-8.
    """
    return jnp.stack([jnp.ones_like(x), x, y, x * x, x * y, y * y][:terms])
