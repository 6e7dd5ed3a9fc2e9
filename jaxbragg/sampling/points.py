"""The points of a pixel: sub-pixels of its face, and layers of the sensor behind it."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxbragg import units
from jaxbragg.config.detector import DetectorConfig
from jaxbragg.shapes import Array, HostArray


class PixelPoints(NamedTuple):
    """Points of one pixel in serial order: layer outermost, then slow, then fast; all (n,).

    Attributes:
      fast, slow: sub-pixel indices along the axes, 0 to oversample-1.
      layer: layer index.
    """

    fast: HostArray
    slow: HostArray
    layer: HostArray


def pixel_points(oversample: int, layers: int) -> PixelPoints:
    """Every sub-pixel of every layer."""
    layer, slow, fast = np.meshgrid(
        np.arange(layers), np.arange(oversample), np.arange(oversample), indexing="ij"
    )
    return PixelPoints(*(x.ravel().astype(np.float64) for x in (fast, slow, layer)))


def detector_coordinate(index: Array, sub: Array, oversample: int, pixel_size: Array) -> Array:
    """Distance from the detector's edge to the middle of a sub-pixel, m.

    Args:
      index: pixel index.
      sub: sub-pixel index inside it.
      oversample: sub-pixels per pixel edge.
      pixel_size: m.

    Source: specs/geometry.md GEO-7.
    """
    step = pixel_size / oversample
    return step * (index * oversample + sub) + step / 2.0


def layer_step(detector: DetectorConfig) -> Array:
    """Thickness of one layer of the sensor, m, (); 0 for a bare detector (specs/sensor.md SENS-1)."""
    if detector.sensor_thickness is None:
        return jnp.zeros(())
    return units.micrometres_to_metres(detector.sensor_thickness) / detector.sensor_layers
