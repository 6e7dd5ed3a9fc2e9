"""Sine, cosine and exponential of pairs, by their power series after reduction of the argument."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg.pairs.arithmetic import add, multiply, subtract
from jaxbragg.pairs.pair import Pair, operation, split
from jaxbragg.shapes import Array


def _series(coefficients: list[float], x: Pair) -> Pair:
    """Polynomial in x, lowest power first, by Horner's rule."""
    parts = split(np.array(coefficients[::-1]))

    def step(total: Pair, coefficient: Pair) -> tuple[Pair, None]:
        constant = Pair(*(jnp.full_like(x.hi, part) for part in coefficient))
        return add(multiply(total, x), constant), None

    zero = Pair(jnp.zeros_like(x.hi), jnp.zeros_like(x.hi))
    total, _ = jax.lax.scan(step, zero, parts)
    return total


_SINE = [(-1) ** k / math.factorial(2 * k + 1) for k in range(12)]
"""sin(x)/x as a series in x²; the rest is below 2⁻⁵² for |x| <= pi/2."""


def _sine(x: Pair) -> Pair:
    half_turns = jnp.round(x.hi * (1 / math.pi))
    reduced = subtract(x, multiply(Pair(half_turns, jnp.zeros_like(half_turns)), _constant(math.pi, x.hi)))
    value = multiply(reduced, _series(_SINE, multiply(reduced, reduced)))
    sign = 1.0 - 2.0 * jnp.mod(half_turns, 2.0)
    return Pair(sign * value.hi, sign * value.lo)


def _constant(value: float, like: Array) -> Pair:
    return Pair(*(jnp.full_like(like, part) for part in split(value)))


@operation(jnp.sin)
def sin(x: Pair) -> Pair:
    """Sine of an angle of some turns, radians; off by 2⁻⁴⁶ of the angle or of 1."""
    return _sine(x)


@operation(jnp.cos)
def cos(x: Pair) -> Pair:
    """Cosine of an angle of some turns, radians; off by 2⁻⁴⁶ of the angle or of 1."""
    return _sine(add(x, _constant(math.pi / 2, x.hi)))


_EXPONENTIAL = [1 / math.factorial(k) for k in range(15)]
"""exp(x) as a series in x; the rest is below 2⁻⁶⁰ for |x| <= log(2)/2."""


@operation(jnp.exp)
def exp(x: Pair) -> Pair:
    """Exponential, to 2⁻⁴⁶ (1 + |x|)."""
    usual = jnp.abs(x.hi) < 80.0
    doublings = jnp.round(jnp.where(usual, x.hi, 0.0) * (1 / math.log(2)))
    reduced = subtract(x, multiply(Pair(doublings, jnp.zeros_like(doublings)), _constant(math.log(2), x.hi)))
    hi, lo = (jnp.ldexp(part, doublings.astype(jnp.int32)) for part in _series(_EXPONENTIAL, reduced))
    return Pair(jnp.where(usual, hi, jnp.exp(x.hi)), jnp.where(usual, lo, 0.0))
