"""Double-precision arithmetic that XLA leaves as written.

The number of unit cells in a sample is the ceiling of a quotient of lengths; a sample of exactly ten cells
has ten or eleven by the last bit of a chain of products. XLA changes such bits: it contracts a·b+c into one
operation, turns x/constant and x/√y into products, and (a/b)/c into a/(b·c). A select after each operation
stops it.
For the few numbers that no pixel changes; pixels do not need it.
"""

import jax.numpy as jnp
from jax import lax

from jaxbragg.shapes import Array


def rounded(x: Array) -> Array:
    """The value itself, rounded to its type before anything else happens to it."""
    return lax.select(lax.ne(x, x), lax.full_like(x, jnp.nan), x)  # a third of the tracing of `jnp.where`


def product(first: Array, *others: Array) -> Array:
    """Product from left to right, rounded at every step."""
    for factor in others:
        first = rounded(first * factor)
    return first


def quotient(x: Array, y: Array) -> Array:
    """x/y, rounded."""
    return rounded(x / y)


def over_constant(x: Array, constant: float) -> Array:
    """x/constant by a division, which XLA would replace by a multiplication."""
    return rounded(x / jnp.where(jnp.isnan(x), 1.0, constant))
