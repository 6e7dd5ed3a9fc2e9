"""The laboratory frames of the processing programs: axes, beam centre and pivot (specs/conventions.md)."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg import units
from jaxbragg.config.choices import Convention, Pivot
from jaxbragg.config.detector import DetectorConfig, detector_size
from jaxbragg.config.model import Model
from jaxbragg.geometry.axes import AXES
from jaxbragg.geometry.vectors import cross, norm, unit, vector
from jaxbragg.shapes import Array, Vec3


class Frame(NamedTuple):
    """Unrotated laboratory frame: unit vectors, except a `twotheta` axis that is kept as given (Q21)."""

    beam: Vec3
    fast: Vec3
    slow: Vec3
    normal: Vec3
    twotheta: Vec3
    polarization: Vec3
    spindle: Vec3


def frame(detector: DetectorConfig, model: Model) -> Frame:
    """The frame of the detector's convention.

    A custom normal is kept when it has unit length and otherwise replaced by fast x slow. Derivatives by it
    are zero: moved off unit length it does not act.

    Source: specs/conventions.md CONV-1, CONV-4.
    """
    table = AXES[detector.convention]

    def pick(given: Array | None, built_in: tuple[float, float, float]) -> Vec3:
        return vector(jnp.asarray(built_in if given is None else given, jnp.float64))

    fast = unit(pick(detector.fast_axis, table.fast))
    slow = unit(pick(detector.slow_axis, table.slow))
    normal = pick(detector.normal_axis, table.normal)
    if detector.normal_axis is not None:
        is_unit = norm(normal) == 1.0
        generated = unit(cross(fast, slow))
        kept = jax.lax.stop_gradient(normal)
        normal = Vec3(*(jnp.where(is_unit, n, g) for n, g in zip(kept, generated, strict=True)))
    twotheta = pick(detector.twotheta_axis, table.twotheta)
    return Frame(
        beam=unit(pick(detector.beam_axis, table.beam)),
        fast=fast,
        slow=slow,
        normal=normal,
        twotheta=twotheta if model.twotheta_axis_as_given else unit(twotheta),
        polarization=unit(pick(detector.polarization_axis, table.polarization)),
        spindle=unit(pick(detector.spindle_axis, table.spindle)),
    )


def pivot(detector: DetectorConfig) -> Pivot:
    """The point the detector rotates about; only CUSTOM can choose (specs/conventions.md CONV-5)."""
    return detector.pivot or AXES[detector.convention].pivot


class BeamCenter(NamedTuple):
    """Distances from the outer corner of the first pixel, along fast and slow, m.

    Attributes:
      beam: where the beam hits (BEAM pivot).
      close: the point nearest to the sample (SAMPLE pivot).
      x_beam, y_beam: the beam centre in the convention's own terms, for file headers.
    """

    beam: tuple[Array, Array]
    close: tuple[Array, Array]
    x_beam: Array
    y_beam: Array


def beam_center(detector: DetectorConfig) -> BeamCenter:
    """Beam centre from whatever the convention reads (specs/conventions.md CONV-2, CONV-3)."""
    px = units.millimetres_to_metres(detector.pixel_size)
    edges = detector_size(detector)
    size_f, size_s = units.millimetres_to_metres(edges[0]), units.millimetres_to_metres(edges[1])
    close_f = size_f / 2.0 if detector.org_x is None else (detector.org_x - 0.5) * px
    close_s = size_s / 2.0 if detector.org_y is None else (detector.org_y - 0.5) * px
    x_default, y_default = _default_center(detector, size_f, size_s, px, close_f, close_s)
    x = x_default if detector.beam_x is None else units.millimetres_to_metres(detector.beam_x)
    y = y_default if detector.beam_y is None else units.millimetres_to_metres(detector.beam_y)
    beam = {
        Convention.ADXV: (x, size_s - y),
        Convention.MOSFLM: (y + 0.5 * px, x + 0.5 * px),
        Convention.DENZO: (y, x),
    }.get(detector.convention, (x, y))
    close = beam if detector.convention is Convention.CUSTOM else (close_f, close_s)
    return BeamCenter(beam, close, x, y)


def _default_center(
    detector: DetectorConfig, size_f: Array, size_s: Array, px: Array, close_f: Array, close_s: Array
) -> tuple[Array, Array]:
    """Xbeam and Ybeam when they are not given, m."""
    if detector.convention is Convention.ADXV:
        return (size_f + px) / 2.0, (size_s - px) / 2.0
    if detector.convention in (Convention.MOSFLM, Convention.DENZO):
        return (size_s + px) / 2.0, (size_f + px) / 2.0
    x = close_f if detector.close_x is None else units.millimetres_to_metres(detector.close_x)
    y = close_s if detector.close_y is None else units.millimetres_to_metres(detector.close_y)
    return x, y
