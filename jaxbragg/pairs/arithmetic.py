"""Sums, products, quotients and roots of pairs, from error-free sums and products of float32.

XLA may contract a·b + c into one rounding. Products are therefore either exact, so that contraction changes
nothing, or rounded where XLA cannot see through (`rounded`); sums are left as they are written.

Source: Dekker (1971) Numer. Math. 18, 224; Knuth, The Art of Computer Programming 2, 4.2.2.
"""

import operator

import jax
import jax.numpy as jnp

from jaxbragg.exact import rounded
from jaxbragg.pairs.pair import Pair, operation, renormalized
from jaxbragg.shapes import Array

_UPPER_HALF = -(2**12)
"""Mask of the bits of a float32 that leave 12 significant ones."""


def exact_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """a + b rounded, and what the rounding left over."""
    total = rounded(a + b)
    second = total - a
    return total, (a - (total - second)) + (b - second)


def exact_product(a: Array, b: Array) -> tuple[Array, Array]:
    """a·b rounded, and what the rounding left over; each partial product is exact."""
    total = rounded(a * b)
    (a_1, a_2), (b_1, b_2) = _halves(a), _halves(b)
    return total, ((a_1 * b_1 - total) + a_1 * b_2 + a_2 * b_1) + a_2 * b_2


def _halves(x: Array) -> tuple[Array, Array]:
    """Two numbers of 12 significant bits whose sum is x."""
    bits = jax.lax.bitcast_convert_type(x, jnp.int32)
    upper = jax.lax.bitcast_convert_type(bits & _UPPER_HALF, jnp.float32)
    return upper, x - upper


def negative(x: Pair) -> Pair:
    """-x."""
    return Pair(-x.hi, -x.lo)


@operation(operator.add)
def add(x: Pair, y: Pair) -> Pair:
    """x + y, to 2⁻⁴⁷ of the larger one."""
    total, rest = exact_sum(x.hi, y.hi)
    return renormalized(total, rest + (x.lo + y.lo))


def subtract(x: Pair, y: Pair) -> Pair:
    """x - y."""
    return add(x, negative(y))


@operation(operator.mul)
def multiply(x: Pair, y: Pair) -> Pair:
    """x·y, to 2⁻⁴⁶."""
    total, rest = exact_product(x.hi, y.hi)
    return renormalized(total, rest + (x.hi * y.lo + x.lo * y.hi))


@operation(operator.truediv)
def divide(x: Pair, y: Pair) -> Pair:
    """x/y, to 2⁻⁴⁵: the quotient in single precision and one correction from the remainder."""
    quotient = rounded(x.hi / y.hi)
    product, rest = exact_product(quotient, y.hi)
    remainder = ((x.hi - product) - rest) + (x.lo - quotient * y.lo)
    return renormalized(quotient, remainder / y.hi)


@operation(jnp.sqrt)
def sqrt(x: Pair) -> Pair:
    """The square root, to 2⁻⁴⁶."""
    root = rounded(jnp.sqrt(x.hi))
    square, rest = exact_product(root, root)
    remainder = ((x.hi - square) - rest) + x.lo
    return renormalized(root, remainder / (root + root))
