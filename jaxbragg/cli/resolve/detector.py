"""The detector: pixels, centre, distances, frame and sensor.

Rules: specs/command_line.md CLI-26 to CLI-28.
"""

import math
from typing import Any

from jaxbragg.cli.options import Options
from jaxbragg.cli.resolve.frame import convention_of, origin_obeyed
from jaxbragg.cli.resolve.headers import DEFAULT_PIXEL
from jaxbragg.config.choices import Convention
from jaxbragg.config.detector import DetectorConfig
from jaxbragg.config.model import Model
from jaxbragg.config.step_rules import sensor_layers
from jaxbragg.errors import ConfigError

DEFAULT_SIZE = 102.4
"""Edge of the detector, mm."""


def detector_config(options: Options, model: Model) -> DetectorConfig:
    """The detector that options describe.

    Args:
      options: as typed, headers included.
      model: with its step rule of the sensor.

    Source: specs/command_line.md CLI-26.
    """
    convention = convention_of(options)
    pixel = DEFAULT_PIXEL if options.pixel is None else options.pixel
    fast, fast_size = _edge("f", options.detpixels_f, options.detsize_f, pixel)
    slow, slow_size = _edge("s", options.detpixels_s, options.detsize_s, pixel)
    unchanged = fast_size == pixel * fast and slow_size == pixel * slow
    return DetectorConfig(
        convention=convention,
        pixels=(fast, slow),
        pixel_size=pixel,
        size=None if unchanged else (fast_size, slow_size),
        distance=100.0 if options.distance is None else options.distance,
        close_distance=options.close_distance,
        beam_x=options.xbeam,
        beam_y=options.ybeam,
        close_x=options.xclose,
        close_y=options.yclose,
        org_x=options.orgx,
        org_y=options.orgy,
        rotations=(options.rotx or 0.0, options.roty or 0.0, options.rotz or 0.0),
        twotheta=options.twotheta or 0.0,
        curved=options.curved,
        point_pixel=options.point_pixel,
        **(_custom_frame(options, model) if convention is Convention.CUSTOM else {}),
        **_sensor(options, model),
    )


def _edge(name: str, pixels: int | None, size: float | None, pixel: float) -> tuple[int, float]:
    """Number of pixels along one edge, and its length in mm; half a pixel too much is rounded down.

    Source: specs/command_line.md CLI-26.
    """
    if pixels:
        return pixels, pixel * pixels
    length = DEFAULT_SIZE if size is None else size
    if not (pixel / 1000.0 > 0 and math.isfinite(pixel)):
        raise ConfigError(f"`pixel_size` must be positive and finite, got {pixel:g} mm; give its edge")
    edge = (length / 1000.0) / (pixel / 1000.0)  # in metres, as the program rounds
    count = math.ceil(edge - 0.5) if math.isfinite(edge) and abs(edge) < 2**31 else 0
    if count < 1:
        raise ConfigError(
            f"the detector must have at least one pixel along each edge, got -detsize_{name} {length:g} mm "
            f"with pixels of {pixel:g} mm; give -detsize in mm, or -detpixels"
        )
    return count, length


def _custom_frame(options: Options, model: Model) -> dict[str, Any]:
    """The fields that only the custom convention has."""
    origin = options.pix0_vector
    return {
        "pivot": options.pivot,
        "fast_axis": options.fdet_vector,
        "slow_axis": options.sdet_vector,
        "normal_axis": options.odet_vector,
        "beam_axis": options.beam_vector,
        "polarization_axis": options.polar_vector,
        "spindle_axis": options.spindle_axis,
        "twotheta_axis": options.twotheta_axis,
        "pix0": tuple(1000.0 * x for x in origin) if origin and origin_obeyed(options, model) else None,
    }


def _sensor(options: Options, model: Model) -> dict[str, Any]:
    """Thickness, layers and attenuation depth; nothing for a bare detector."""
    depth = math.inf if options.attenuation_infinite else options.attenuation_depth
    layers = sensor_layers(options.thicksteps, options.sensor_thickness or 0.0, depth, model)
    if layers is None:
        return {}
    return {
        "sensor_thickness": layers.thickness,
        "attenuation_depth": layers.attenuation_depth,
        "sensor_layers": layers.n,
    }
