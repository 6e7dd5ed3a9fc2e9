"""The pixels of a shot at low resolution, where spots of a wrong start still overlap those of the data."""

import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg import units
from jaxbragg.config.detector import DetectorConfig
from jaxbragg.config.model import Model
from jaxbragg.geometry.conventions import frame
from jaxbragg.geometry.pixels import detector_point
from jaxbragg.geometry.placement import place
from jaxbragg.geometry.vectors import dot
from jaxbragg.precision import in_double
from jaxbragg.refine.shot import Pixels, Shot
from jaxbragg.sampling.points import detector_coordinate
from jaxbragg.shapes import Array, HostArray, Leaf


def at_low_resolution(shots: Sequence[Shot], pixels: Pixels, part: float) -> Pixels:
    """The same lists of pixels, but only a part of each shot's is used: those nearest to the beam.

    Args:
      shots: whose detectors and beams tell the angles.
      pixels: (shots, tiles, n) each.
      part: of the used pixels, 0 to 1.

    Source: specs/refinement.md REF-16.
    """
    used = np.array(pixels.used)
    for number, shot in enumerate(shots):
        away = 1.0 - _cosines_of(shot, pixels.slow[number], pixels.fast[number])
        used[number] &= away <= np.quantile(away[used[number]], part)
    return pixels._replace(used=used)


def by_resolution(shot: Shot, pixels: Pixels) -> Pixels:
    """The pixels of a shot, (n,), those nearest to the beam first, so that whole tiles are used or not."""
    order = np.argsort(-_cosines_of(shot, pixels.slow, pixels.fast), kind="stable")
    return Pixels(*(np.asarray(x)[order] for x in pixels))


def _cosines_of(shot: Shot, slow: Leaf, fast: Leaf) -> HostArray:
    """Cosines of the scattering angles at the middles of pixels, at the start of a shot."""
    experiment = shot.experiment
    found = _cosines(experiment.detector, np.asarray(slow), np.asarray(fast), model=experiment.model)
    return np.asarray(found)


@in_double
@functools.partial(jax.jit, static_argnames="model")
def _cosines(detector: DetectorConfig, slow: Array, fast: Array, *, model: Model) -> Array:
    """Cosines of the scattering angles at the middles of pixels."""
    axes = frame(detector, model)
    pixel_size = units.millimetres_to_metres(detector.pixel_size)
    along_fast, along_slow = (
        detector_coordinate(x.astype(jnp.float64), jnp.zeros(()), 1, pixel_size) for x in (fast, slow)
    )
    placement = place(detector, axes, model)
    seen = detector_point(along_fast, along_slow, jnp.zeros(()), placement, detector, axes.beam, model)
    return dot(seen.direction, axes.beam)
