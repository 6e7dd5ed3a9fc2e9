"""Products of matrices without loss of digits."""

import jax
import jax.numpy as jnp

from jaxbragg.shapes import Array


def matrix_product(x: Array, y: Array) -> Array:
    """Sums over the last axis of x and the first of y, in the type of both, as x @ y for matrices.

    GPUs and TPUs would otherwise round single precision further.
    """
    return jnp.tensordot(x, y, axes=1, precision=jax.lax.Precision.HIGHEST)
