"""The detector and the laboratory frame: convention, placement, pixels and sensor.

The convention also fixes the beam, polarization and spindle directions (geometry/conventions.py), so the
vectors of a custom frame are given here.
"""

import math
from typing import Any

from jaxbragg.config.checks import finite, nonzero_vector, not_zero, positive, positive_or_infinite
from jaxbragg.config.choices import Convention, Pivot, as_choice
from jaxbragg.config.tree import config, convert_and_check, leaf, static
from jaxbragg.errors import ConfigError
from jaxbragg.shapes import Leaf


@config
class DetectorConfig:
    """Where the pixels are.

    Beam-centre fields act as the convention says (specs/conventions.md CONV-2): `beam_x` and `beam_y` in
    the ADXV, MOSFLM and DENZO conventions, `org_x` and `org_y` in XDS and DIALS, the first given of beam,
    close and org in CUSTOM.

    Attributes:
      convention: laboratory frame and meaning of the beam centre.
      pivot: point of rotation; CUSTOM only, None is the beam.
      pixels: number of pixels along fast and slow.
      pixel_size: edge of a pixel, mm.
      size: edges along fast and slow that the default beam centre refers to, mm, (2,); None is
        pixels times pixel size.
      distance: sample to detector along the beam, mm.
      close_distance: sample to detector plane along its normal, mm; replaces `distance`.
      beam_x, beam_y: where the beam hits (Xbeam, Ybeam), mm; None is the centre.
      close_x, close_y: the point nearest the sample (Xclose, Yclose), mm.
      org_x, org_y: that point in pixels, the centre of the first pixel being 1 (ORGX, ORGY).
      rotations: about the laboratory x, y and z axes in that order, degrees, (3,).
      twotheta: swing about the twotheta axis after those rotations, degrees.
      fast_axis, slow_axis, normal_axis, beam_axis, polarization_axis, spindle_axis, twotheta_axis: vectors of
        a CUSTOM frame, any length, (3,); None is the built-in one.
      pix0: outer corner of the first pixel, mm, (3,); CUSTOM only, replaces every distance and centre.
      curved: pixels on a sphere around the sample.
      point_pixel: solid angle 1/R² without the pixel's area and tilt.
      sensor_thickness: modelled depth of the sensor, µm; None is a bare detector.
      attenuation_depth: depth where 1/e of the photons is left, µm; None is the thickness.
      sensor_layers: number of layers of the sensor.
    """

    convention: Convention = static(Convention.MOSFLM)
    pivot: Pivot | None = static(None)
    pixels: tuple[int, int] = static((1024, 1024))
    pixel_size: Leaf = leaf(0.1, unit="mm", check=positive())
    size: Leaf = leaf(None, shape=(2,), unit="mm", check=positive())
    distance: Leaf = leaf(100.0, unit="mm", check=positive("use a rotation to face the detector backwards"))
    close_distance: Leaf = leaf(None, unit="mm", check=not_zero("the plane must not hold the sample"))
    beam_x: Leaf = leaf(None, unit="mm", check=finite())
    beam_y: Leaf = leaf(None, unit="mm", check=finite())
    close_x: Leaf = leaf(None, unit="mm", check=finite())
    close_y: Leaf = leaf(None, unit="mm", check=finite())
    org_x: Leaf = leaf(None, unit="pixels", check=finite())
    org_y: Leaf = leaf(None, unit="pixels", check=finite())
    rotations: Leaf = leaf((0.0, 0.0, 0.0), shape=(3,), unit="degrees", check=finite())
    twotheta: Leaf = leaf(0.0, unit="degrees", check=finite())
    fast_axis: Leaf = leaf(None, shape=(3,), check=nonzero_vector)
    slow_axis: Leaf = leaf(None, shape=(3,), check=nonzero_vector)
    normal_axis: Leaf = leaf(None, shape=(3,), check=nonzero_vector)
    beam_axis: Leaf = leaf(None, shape=(3,), check=nonzero_vector)
    polarization_axis: Leaf = leaf(None, shape=(3,), check=nonzero_vector)
    spindle_axis: Leaf = leaf(None, shape=(3,), check=nonzero_vector)
    twotheta_axis: Leaf = leaf(None, shape=(3,), check=nonzero_vector)
    pix0: Leaf = leaf(None, shape=(3,), unit="mm", check=nonzero_vector)
    curved: bool = static(False)
    point_pixel: bool = static(False)
    sensor_thickness: Leaf = leaf(None, unit="µm", check=positive("leave it out for a bare detector"))
    attenuation_depth: Leaf = leaf(None, unit="µm", check=positive_or_infinite())
    sensor_layers: int = static(1)

    def __post_init__(self) -> None:
        _normalise_choices(self)
        convert_and_check(self)
        _check_pixels(self)
        _check_custom(self)
        if not isinstance(self.sensor_layers, int) or self.sensor_layers < 1:
            raise ConfigError(f"`sensor_layers` must be a positive integer, got {self.sensor_layers!r}")
        if self.attenuation_depth is not None and self.sensor_thickness is None:
            raise ConfigError(
                "`attenuation_depth` needs a `sensor_thickness` too; leave both out for a bare detector"
            )


CUSTOM_FIELDS = (
    "fast_axis",
    "slow_axis",
    "normal_axis",
    "beam_axis",
    "polarization_axis",
    "spindle_axis",
    "twotheta_axis",
    "pix0",
    "pivot",
)
"""Fields that only the CUSTOM convention uses."""


def _normalise_choices(detector: DetectorConfig) -> None:
    """Accept the names of the choices as text."""
    object.__setattr__(detector, "convention", as_choice(Convention, "convention", detector.convention))
    if detector.pivot is not None:
        object.__setattr__(detector, "pivot", as_choice(Pivot, "pivot", detector.pivot))


def _check_pixels(detector: DetectorConfig) -> None:
    pixels = detector.pixels
    good = (
        isinstance(pixels, tuple | list)
        and len(pixels) == 2
        and all(isinstance(n, int) and n > 0 for n in pixels)
    )
    if not good:
        raise ConfigError(f"`pixels` must be two positive integers (fast, slow), got {pixels!r}")
    if math.prod(pixels) > 2**31 - 1:
        raise ConfigError(
            f"`pixels` must be fewer than 2147483648 in all, got {pixels[0]} x {pixels[1]}; "
            "give larger pixels or simulate panels one by one"
        )
    object.__setattr__(detector, "pixels", tuple(pixels))


def _check_custom(detector: DetectorConfig) -> None:
    if detector.convention is Convention.CUSTOM:
        return
    for name in CUSTOM_FIELDS:
        if getattr(detector, name) is not None:
            raise ConfigError(
                f"`{name}` must be left out in the {detector.convention.value} convention, which fixes it; "
                "use convention='custom'"
            )


def detector_size(detector: DetectorConfig) -> Any:
    """Edges along fast and slow, mm, (2,): as given, else pixels times pixel size."""
    if detector.size is not None:
        return detector.size
    fast, slow = detector.pixels
    edge = detector.pixel_size
    return (edge * fast, edge * slow)
