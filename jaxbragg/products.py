"""Products of matrices without loss of digits."""

import jax
import jax.numpy as jnp

from jaxbragg.shapes import Array


def matrix_product(x: Array, y: Array) -> Array:
    """x @ y in the type of its factors; GPUs and TPUs would otherwise round single precision further."""
    return jnp.matmul(x, y, precision=jax.lax.Precision.HIGHEST)
