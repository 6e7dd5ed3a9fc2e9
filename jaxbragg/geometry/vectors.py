"""Vector algebra on components kept apart (`Vec3`), for any shape of component."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from jaxbragg.exact import product
from jaxbragg.shapes import Array, Mat33, Vec3


def vector(values: Array) -> Vec3:
    """The last axis of an array, (..., 3), as three components."""
    return Vec3(values[..., 0], values[..., 1], values[..., 2])


def add(u: Vec3, v: Vec3) -> Vec3:
    """U + v."""
    return Vec3(u.x + v.x, u.y + v.y, u.z + v.z)


def subtract(u: Vec3, v: Vec3) -> Vec3:
    """U - v."""
    return Vec3(u.x - v.x, u.y - v.y, u.z - v.z)


def scale(factor: Array | float, v: Vec3) -> Vec3:
    """Factor times v."""
    return Vec3(factor * v.x, factor * v.y, factor * v.z)


def dot(u: Vec3, v: Vec3) -> Array:
    """Scalar product."""
    return u.x * v.x + u.y * v.y + u.z * v.z


def cross(u: Vec3, v: Vec3) -> Vec3:
    """Vector product."""
    return Vec3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)


def norm(v: Vec3) -> Array:
    """Euclidean length."""
    return jnp.sqrt(dot(v, v))


def unit(v: Vec3) -> Vec3:
    """V divided by its length; v must not be zero."""
    length = norm(v)
    return Vec3(v.x / length, v.y / length, v.z / length)


def unit_or_zero(v: Vec3) -> Vec3:
    """V divided by its length; a vector of length zero stays zero, with derivative zero."""
    length_sq = dot(v, v)
    is_zero = length_sq == 0.0
    inverse = jnp.where(is_zero, 0.0, 1.0 / jnp.sqrt(jnp.where(is_zero, 1.0, length_sq)))
    return scale(inverse, v)


def rotate_xyz(v: Vec3, angles: Vec3) -> Vec3:
    """Rotate about the laboratory x axis, then y, then z, right-handed; angles in radians.

    Source: specs/geometry.md GEO-1.
    """
    stacked = jnp.stack(angles)
    (cx, cy, cz), (sx, sy, sz) = jnp.cos(stacked), jnp.sin(stacked)
    v = Vec3(v.x, product(v.y, cx) - product(v.z, sx), product(v.y, sx) + product(v.z, cx))
    v = Vec3(product(v.x, cy) + product(v.z, sy), v.y, product(v.z, cy) - product(v.x, sy))
    return Vec3(product(v.x, cz) - product(v.y, sz), product(v.x, sz) + product(v.y, cz), v.z)


def rotate_about(v: Vec3, axis: Vec3, angle: Array) -> Vec3:
    """Rodrigues' rotation of v about `axis` by `angle` (radians), right-handed.

    The axis is taken as it is: one that is not a unit vector scales as well.

    Source: specs/geometry.md GEO-2.
    """
    cosine, sine = jnp.cos(angle), jnp.sin(angle)
    along = product(rounded_dot(axis, v), 1.0 - cosine)
    across = cross(axis, v)
    return Vec3(
        *(
            product(k, along) + product(x, cosine) + product(c, sine)
            for k, x, c in zip(axis, v, across, strict=True)
        )
    )


def rounded_dot(u: Vec3, v: Vec3) -> Array:
    """Scalar product with every product rounded."""
    return product(u.x, v.x) + product(u.y, v.y) + product(u.z, v.z)


def together(function: Callable[[Vec3], Vec3], *vectors: Vec3) -> tuple[Vec3, ...]:
    """Apply one elementwise function to several vectors at once: fewer operations to compile."""
    stacked = jax.tree.map(lambda *components: jnp.stack(components), *vectors)
    done = function(stacked)
    return tuple(Vec3(done.x[i], done.y[i], done.z[i]) for i in range(len(vectors)))


def apply(matrix: Mat33, v: Vec3) -> Vec3:
    """Matrix times vector."""
    return Vec3(dot(matrix.row_0, v), dot(matrix.row_1, v), dot(matrix.row_2, v))


def transpose(matrix: Mat33) -> Mat33:
    """Rows become columns."""
    a, b, c = matrix
    return Mat33(Vec3(a.x, b.x, c.x), Vec3(a.y, b.y, c.y), Vec3(a.z, b.z, c.z))


def multiply(left: Mat33, right: Mat33) -> Mat33:
    """Matrix product."""
    columns = transpose(right)
    return transpose(Mat33(*(apply(left, column) for column in columns)))
