"""From a place on the detector to a place in the laboratory."""

from typing import NamedTuple

import jax.numpy as jnp

from jaxbragg.config.detector import DetectorConfig
from jaxbragg.config.model import Model
from jaxbragg.exact import rounded
from jaxbragg.geometry.placement import Placement
from jaxbragg.geometry.vectors import add, dot, norm, rotate_about, scale, subtract
from jaxbragg.shapes import Array, Vec3


class DetectorPoint(NamedTuple):
    """One point of the detector seen from the sample.

    Attributes:
      position: laboratory position, m.
      path: distance from the sample, m.
      inverse_path: one over it, 1/m.
      direction: unit vector from the sample.
    """

    position: Vec3
    path: Array
    inverse_path: Array
    direction: Vec3


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
    # One product is rounded: else XLA chooses by the block of pixels which of the two it fuses into the sum.
    fast_part = Vec3(*map(rounded, scale(fast, placement.fast)))
    on_plane = add(fast_part, scale(slow, placement.slow))
    position = add(add(on_plane, scale(depth, placement.normal)), placement.pix0)
    if detector.curved:
        position = (_curved_by_lab_axes if model.curved_by_lab_axes else _curved)(position, placement, beam)
    path = norm(position)
    inverse_path = 1.0 / path
    return DetectorPoint(position, path, inverse_path, scale(inverse_path, position))


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
