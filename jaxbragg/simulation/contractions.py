"""Linear steps between pixels and domains whose derivatives are matrix products.

Evaluated forwards they are broadcasts, which fuse into what uses them. The transpose of a broadcast is a sum
over domains or over pixels; XLA does not vectorise such a sum for CPUs when it is fused with what it adds up,
while a product of matrices is fast on every backend. So each step says itself how its derivative is written.
"""

import functools

import jax
import jax.numpy as jnp

from jaxbragg.geometry.vectors import add, apply
from jaxbragg.products import matrix_product
from jaxbragg.shapes import Array, Mat33, Vec3


@jax.custom_jvp
def moved_indices(rest: Vec3, q: Vec3, change: Mat33) -> Vec3:
    """Indices of a block of domains: rest + change q.

    Args:
      rest: index in the unrotated domain, components (1, n_pixels).
      q: scattering vector, components (1, n_pixels).
      change: of the real vectors, components (n_domains, 1).

    Returns:
      Components (n_domains, n_pixels).
    """
    return add(rest, apply(change, q))


@moved_indices.defjvp
def _moved_indices_jvp(
    primals: tuple[Vec3, Vec3, Mat33], tangents: tuple[Vec3, Vec3, Mat33]
) -> tuple[Vec3, Vec3]:
    _, q, change = primals
    rest_dot, q_dot, change_dot = tangents
    pixels = jnp.concatenate(q)
    ones = jnp.ones_like(change.row_0.x)
    moved = []
    for row, row_dot, r_dot in zip(change, change_dot, rest_dot, strict=True):
        by_pixel = matrix_product(jnp.concatenate([*row, ones], axis=1), jnp.concatenate([*q_dot, r_dot]))
        moved.append(matrix_product(jnp.concatenate(row_dot, axis=1), pixels) + by_pixel)
    return moved_indices(*primals), Vec3(*moved)


@functools.partial(jax.custom_jvp, nondiff_argnums=(1,))
def spread(number: Array, shape: tuple[int, int]) -> Array:
    """One number for all domains and pixels, (n_domains, n_pixels)."""
    return jnp.full(shape, number)


@spread.defjvp
def _spread_jvp(shape: tuple[int, int], primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (number,), (number_dot,) = primals, tangents
    rows, columns = (jnp.ones(count, number.dtype) for count in shape)
    return spread(number, shape), matrix_product((number_dot * rows)[:, None], columns[None])
