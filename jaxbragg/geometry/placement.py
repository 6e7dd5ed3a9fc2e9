"""Where the detector stands: rotated axes and the outer corner of its first pixel, laboratory frame, m."""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp

from jaxbragg import units
from jaxbragg.config.choices import Pivot
from jaxbragg.config.detector import DetectorConfig
from jaxbragg.config.model import Model
from jaxbragg.constants import TINY
from jaxbragg.exact import quotient
from jaxbragg.geometry.conventions import Frame, beam_center, pivot
from jaxbragg.geometry.vectors import (
    add,
    dot,
    rotate_about,
    rotate_xyz,
    rounded_dot,
    scale,
    subtract,
    together,
    vector,
)
from jaxbragg.shapes import Array, Vec3


class Placement(NamedTuple):
    """The placed detector.

    Attributes:
      fast, slow, normal: rotated axes, dimensionless.
      pix0: outer corner of the first pixel, m.
      close_distance: from the sample to the plane along the normal, m; negative behind the sample.
      distance: from the sample to the plane along the beam, m.
      beam_f, beam_s: where the beam meets the plane, from the corner along fast and slow, m.
      close_f, close_s: the foot of the normal from the sample, likewise, m.
    """

    fast: Vec3
    slow: Vec3
    normal: Vec3
    pix0: Vec3
    close_distance: Array
    distance: Array
    beam_f: Array
    beam_s: Array
    close_f: Array
    close_s: Array


def place(detector: DetectorConfig, frame: Frame, model: Model) -> Placement:
    """Place the detector.

    Args:
      detector: distances, beam centre, rotations.
      frame: unrotated axes.
      model: `distance_ignores_twotheta` (Q17) acts here.

    Source: specs/geometry.md GEO-3 to GEO-6.
    """
    angles = vector(units.degrees_to_radians(detector.rotations))
    twotheta = units.degrees_to_radians(detector.twotheta)

    def swing(v: Vec3) -> Vec3:
        return rotate_about(rotate_xyz(v, angles), frame.twotheta, twotheta)

    fast, slow, normal = together(swing, frame.fast, frame.slow, frame.normal)
    ratio = rounded_dot(frame.beam, rotate_xyz(frame.normal, angles))
    ratio = jnp.where(ratio == 0.0, TINY, ratio)
    close = _close_distance(detector, ratio)
    pix0 = _pix0(detector, frame, fast, slow, swing, close, close / ratio)

    close = rounded_dot(pix0, normal)
    tilt = ratio if model.distance_ignores_twotheta else rounded_dot(frame.beam, normal)
    distance = quotient(close, tilt)
    hit = subtract(scale(distance, frame.beam), pix0)
    return Placement(
        fast=fast,
        slow=slow,
        normal=normal,
        pix0=pix0,
        close_distance=close,
        distance=distance,
        beam_f=dot(fast, hit),
        beam_s=dot(slow, hit),
        close_f=-dot(pix0, fast),
        close_s=-dot(pix0, slow),
    )


def _close_distance(detector: DetectorConfig, ratio: Array) -> Array:
    if detector.close_distance is not None:
        return units.millimetres_to_metres(detector.close_distance)
    return jnp.abs(ratio * units.millimetres_to_metres(detector.distance))


def _pix0(
    detector: DetectorConfig,
    frame: Frame,
    fast: Vec3,
    slow: Vec3,
    swing: Callable[[Vec3], Vec3],
    close: Array,
    distance: Array,
) -> Vec3:
    """Outer corner of the first pixel: given, or from the pivot's point."""
    if detector.pix0 is not None:
        return vector(units.millimetres_to_metres(detector.pix0))
    center = beam_center(detector)
    if pivot(detector) is Pivot.SAMPLE:
        unrotated = add(
            add(scale(-center.close[0], frame.fast), scale(-center.close[1], frame.slow)),
            scale(close, frame.normal),
        )
        return swing(unrotated)
    on_plane = add(scale(-center.beam[0], fast), scale(-center.beam[1], slow))
    return add(on_plane, scale(distance, frame.beam))
