"""Order, whole parts and integers of pairs."""

import jax
import jax.numpy as jnp

from jaxbragg.pairs.arithmetic import negative
from jaxbragg.pairs.pair import Pair, operation, renormalized
from jaxbragg.shapes import Array


def equal(x: Pair, y: Pair) -> Array:
    """x = y."""
    return (x.hi == y.hi) & (x.lo == y.lo)


def less(x: Pair, y: Pair) -> Array:
    """x < y."""
    return (x.hi < y.hi) | ((x.hi == y.hi) & (x.lo < y.lo))


def choose(which: Array, *cases: Pair) -> Pair:
    """As `jax.lax.select_n`."""
    return Pair(
        jax.lax.select_n(which, *(c.hi for c in cases)), jax.lax.select_n(which, *(c.lo for c in cases))
    )


def _first_if(which: Array, x: Pair, y: Pair) -> Pair:
    return Pair(jnp.where(which, x.hi, y.hi), jnp.where(which, x.lo, y.lo))


@operation(jnp.maximum)
def maximum(x: Pair, y: Pair) -> Pair:
    """The larger one."""
    return _first_if(less(y, x), x, y)


@operation(jnp.minimum)
def minimum(x: Pair, y: Pair) -> Pair:
    """The smaller one."""
    return _first_if(less(x, y), x, y)


def absolute(x: Pair) -> Pair:
    """|x|."""
    return choose(x.hi < 0, x, negative(x))


def floor(x: Pair) -> Pair:
    """The largest integer that is not larger; derivative zero."""
    below = jnp.floor(x.hi)
    lower = jnp.where(below == x.hi, jnp.floor(x.lo), 0.0)
    return jax.lax.stop_gradient(renormalized(below, lower))


def ceil(x: Pair) -> Pair:
    """The smallest integer that is not smaller; derivative zero."""
    return negative(floor(negative(x)))


def nearest(x: Pair) -> Pair:
    """The nearest integer, halves to the even one; derivative zero."""
    near = jnp.round(x.hi)
    return jax.lax.stop_gradient(renormalized(near, jnp.round((x.hi - near) + x.lo)))


def to_integer(x: Pair, dtype: jnp.dtype) -> Array:
    """The integer towards zero."""
    whole = choose(x.hi < 0, floor(x), ceil(x))
    return whole.hi.astype(dtype) + whole.lo.astype(dtype)


def from_integer(x: Array) -> Pair:
    """A whole number of up to 30 bits, all of which it keeps."""
    upper = x & ~0xFFF
    hi, rest = upper.astype(jnp.float32), (x - upper).astype(jnp.float32)
    return renormalized(hi, rest)
