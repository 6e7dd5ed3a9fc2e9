"""From a place on the detector to a place in the laboratory."""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.config.detector import DetectorConfig
from jaxbragg.config.model import Model
from jaxbragg.cotangents import cotangents_together
from jaxbragg.geometry.placement import Placement
from jaxbragg.geometry.vectors import add, apply, dot, rotate_about, scale, subtract, transpose
from jaxbragg.inverse_root import inverse_root
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.tangents import moving, tangent_of
from jaxbragg.together import stored


class DetectorPoint(NamedTuple):
    """One point of the detector seen from the sample.

    The position is a sum of three vectors that many points share, each times a coordinate: on a flat detector
    its axes and the foot of its normal. So is its scalar product with any vector (`direction_along`).

    Attributes:
      coordinates: along the three shared vectors.
      shared: the vectors.
      position: laboratory position, m.
      path: distance from the sample, m.
      inverse_path: one over it, 1/m.
      direction: unit vector from the sample.
    """

    coordinates: Vec3
    shared: Mat33
    position: Vec3
    path: Array
    inverse_path: Array
    direction: Vec3

    def direction_along(self, onto: Vec3) -> Array:
        """Scalar product of the direction with a vector that all pixels share, in its unit."""
        return self.inverse_path * _along(self.position, onto, self.coordinates, self.shared)


def detector_point(
    fast: Array,
    slow: Array,
    depth: Array,
    placement: Placement,
    detector: DetectorConfig,
    beam: Vec3,
    model: Model,
) -> DetectorPoint:
    """The laboratory point at given detector coordinates.

    Args:
      fast, slow: distances from the outer corner along the axes, m.
      depth: depth inside the sensor along the normal, m.
      placement: the placed detector.
      detector: whether it is curved.
      beam: incident direction, unit vector.
      model: `curved_by_lab_axes` (Q9) acts here.

    Source: specs/geometry.md GEO-7, GEO-8.
    """
    # from the foot of the normal, and not from the corner: no large numbers cancel in the squared length
    to_foot = add(scale(placement.close_f, placement.fast), scale(placement.close_s, placement.slow))
    foot = add(add(placement.pix0, to_foot), scale(depth, placement.normal))
    coordinates = Vec3(fast - placement.close_f, slow - placement.close_s, jnp.ones_like(slow))
    shared = Mat33(placement.fast, placement.slow, foot)
    position = Vec3(*(_combination(coordinates, along) for along in transpose(shared)))
    if detector.curved:
        position = (_curved_by_lab_axes if model.curved_by_lab_axes else _curved)(position, placement, beam)
        coordinates, shared = position, _LABORATORY
    position = cotangents_together(position)
    path, inverse_path = _path(_length_sq(position, coordinates, shared))
    return DetectorPoint(coordinates, shared, position, path, inverse_path, scale(inverse_path, position))


_LABORATORY = Mat33(*(Vec3(*map(float, row)) for row in ((1, 0, 0), (0, 1, 0), (0, 0, 1))))  # type: ignore[arg-type]


@jax.custom_jvp
def _path(path_sq: Array) -> tuple[Array, Array]:
    """A length and one over it, from its square."""
    return jnp.sqrt(path_sq), stored(inverse_root(path_sq))


@_path.defjvp
def _path_jvp(
    primals: tuple[Array], tangents: tuple[Array]
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """No division: XLA would repeat it wherever a tangent is needed."""
    path, inverse = _path(*primals)
    path_dot = 0.5 * inverse * tangents[0]
    return (path, inverse), (path_dot, -(inverse * inverse) * path_dot)


def _combination(coordinates: Vec3, numbers: Vec3) -> Array:
    """Sum of coordinates times numbers.

    Every sum has one product, or XLA would choose by the block of pixels which of two it fuses into the sum;
    and what a row of pixels shares comes first, so that it is computed once per row.
    """
    return coordinates.x * numbers.x + (coordinates.y * numbers.y + coordinates.z * numbers.z)


@jax.custom_jvp
def _length_sq(position: Vec3, coordinates: Vec3, shared: Mat33) -> Array:
    """Squared length of a position, by Horner's rule in the scalar products of the shared vectors."""
    del position
    x, y, z = coordinates
    u, v, w = shared
    by_row = y * (y * dot(v, v) + 2.0 * (z * dot(v, w))) + z * z * dot(w, w)
    return x * (x * dot(u, u) + 2.0 * (y * dot(u, v) + z * dot(u, w))) + by_row


@functools.partial(_length_sq.defjvp, symbolic_zeros=True)
def _length_sq_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Array, Array]:
    """By the position alone: whatever is derived by the detector then is so in one place."""
    position_dot = moving(tangents[0])
    tangent = tangent_of(lambda position: dot(position, position), primals[:1], (position_dot,))
    return _length_sq(*primals), tangent


@jax.custom_jvp
def _along(position: Vec3, onto: Vec3, coordinates: Vec3, shared: Mat33) -> Array:
    """Scalar product of a position with a vector that all pixels share."""
    del position
    return _combination(coordinates, apply(shared, onto))


@functools.partial(_along.defjvp, symbolic_zeros=True)
def _along_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Array, Array]:
    """By the position and the vector."""
    position, onto, coordinates, shared = primals
    position_dot, onto_dot = moving(tangents[:2])
    tangent = tangent_of(lambda position: dot(position, onto), (position,), (position_dot,))
    if jax.tree.leaves(onto_dot):
        fixed = functools.partial(_combination, coordinates)
        tangent += tangent_of(lambda onto: fixed(apply(shared, onto)), (onto,), (onto_dot,))
    return _along(*primals), tangent


def _curved(flat: Vec3, placement: Placement, beam: Vec3) -> Vec3:
    """Bend the plane onto a sphere: lateral distance becomes arc length, the azimuth stays."""
    lateral = subtract(flat, scale(dot(flat, beam), beam))
    radius_sq = dot(lateral, lateral)
    on_axis = radius_sq == 0.0
    radius = jnp.sqrt(jnp.where(on_axis, 1.0, radius_sq))
    angle = radius / placement.distance
    # sin(angle)/radius tends to 1/distance on the axis, where the azimuth is undefined
    sine_per_radius = jnp.where(on_axis, 1.0 / placement.distance, jnp.sin(angle) / radius)
    cosine = jnp.where(on_axis, 1.0, jnp.cos(angle))
    return scale(placement.distance, add(scale(cosine, beam), scale(sine_per_radius, lateral)))


def _curved_by_lab_axes(flat: Vec3, placement: Placement, beam: Vec3) -> Vec3:
    """The program's bending by the laboratory y and z components (Q9)."""
    center = scale(placement.distance, beam)
    turned = rotate_about(center, placement.slow, flat.y / placement.distance)
    return rotate_about(turned, placement.fast, flat.z / placement.distance)
