"""Reciprocals that join a kernel."""

import jax
import jax.numpy as jnp

from jaxbragg.shapes import Array

_START = 0x7EF311C7
"""Less the bits of a number, the bits of its reciprocal to 12 %."""

_STEPS = 3
"""Each squares the relative error: 0.12⁸ is below the rounding of float32."""


@jax.custom_jvp
def reciprocal(x: Array) -> Array:
    """1/x to one or two roundings, for float32 numbers of magnitude 1e-30 to 1e30.

    XLA for CPUs counts a division as expensive and stores a quotient that is used more than once as an array
    of its own. Newton's method takes about as long as the division.
    """
    if x.dtype != jnp.float32:
        return 1.0 / x
    inverse: Array = jax.lax.platform_dependent(x, cpu=_by_newton, default=lambda x: 1.0 / x)
    return inverse


@reciprocal.defjvp
def _reciprocal_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    inverse = reciprocal(*primals)
    return inverse, -(inverse * inverse) * tangents[0]


def _by_newton(x: Array) -> Array:
    bits = jax.lax.bitcast_convert_type(x, jnp.int32)
    inverse = jax.lax.bitcast_convert_type(jnp.int32(_START) - bits, jnp.float32)
    for _ in range(_STEPS):
        inverse = inverse * (2.0 - x * inverse)
    return inverse
