"""The PNG preview: resolution rings, beam centre and title for an experiment.

Rules: specs/command_line.md CLI-48; the drawing itself: `jaxbragg.io.png`.
"""

import math

import numpy as np
import numpy.typing as npt

from jaxbragg.config.experiment import Experiment
from jaxbragg.io.png import write_preview
from jaxbragg.io.text import StrPath
from jaxbragg.simulation.derived import Derived

_STEPS = (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2.0, 2.2, 2.5, 2.8, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0)
"""Round resolutions, times a power of ten."""

_FLAT = math.cos(math.radians(0.5))
"""Cosine of the tilt up to which the rings are drawn as circles."""


def write_experiment_preview(
    path: StrPath, image: npt.NDArray[np.floating], experiment: Experiment, derived: Derived
) -> None:
    """Write a picture of an image, with the beam centre and, on a flat upright detector, resolution rings.

    Args:
      path: the file to write.
      image: photons per pixel, (slow, fast).
      experiment: what was simulated.
      derived: its placed detector.

    Source: specs/command_line.md CLI-48.
    """
    placement = derived.setup.placement
    pixel = float(derived.setup.pixel_size)
    per_metre = 1.0 / pixel if pixel > 0.0 else math.inf  # tiny ones vanish in metres
    center = float(placement.beam_s) * per_metre, float(placement.beam_f) * per_metre
    wavelength = float(experiment.beam.wavelength)
    distance = float(placement.distance)
    upright = _is_upright(experiment, derived)
    brightest = np.fmax.reduce(image, axis=None, initial=0.0)
    write_preview(
        path,
        image,
        beam_center=center,
        rings=rings(center, image.shape, wavelength, distance * per_metre) if upright else (),
        title=f"{wavelength:.4g} Å   {1000 * distance:.4g} mm   brightest pixel {brightest:.3g} photons",
    )


def _is_upright(experiment: Experiment, derived: Derived) -> bool:
    """Whether cones around the beam meet the detector in circles."""
    normal, beam = derived.setup.placement.normal, derived.setup.frame.beam
    cosine = sum(float(n) * float(b) for n, b in zip(normal, beam, strict=True))
    return cosine > _FLAT and not experiment.detector.curved


def rings(
    center: tuple[float, float], shape: tuple[int, ...], wavelength: float, distance: float
) -> list[tuple[float, str]]:
    """Radius and label of four or so resolution rings, evenly spread over the image.

    Args:
      center: where the beam hits, slow and fast, pixels.
      shape: pixels along slow and fast.
      wavelength: Å.
      distance: of the detector, pixels.

    Returns:
      Radius in pixels and label such as "2.5 Å", from the beam outwards.

    Source: specs/command_line.md CLI-48.
    """
    reach = max(max(c, size - c) for c, size in zip(center, shape, strict=True))
    found: dict[float, str] = {}
    for fraction in (0.25, 0.5, 0.75, 1.0):
        resolution = _resolution(0.97 * fraction * reach, wavelength, distance)
        if not 1e-6 < resolution < 1e6:  # overflow, or nothing that anybody would look for
            continue
        resolution = _round(resolution)
        radius = _radius(resolution, wavelength, distance)
        if 0.0 < radius <= reach:
            found[radius] = f"{resolution:.3g} Å"
    return sorted(found.items())


def _resolution(radius: float, wavelength: float, distance: float) -> float:
    """Å, at a radius in pixels; infinite on the beam."""
    sine = math.sin(0.5 * math.atan2(radius, distance))
    return wavelength / (2.0 * sine) if sine > 0.0 else math.inf


def _radius(resolution: float, wavelength: float, distance: float) -> float:
    """Pixels, at a resolution in Å; 0 where there is no such cone in front of the sample."""
    sine = wavelength / (2.0 * resolution)
    return distance * math.tan(2.0 * math.asin(sine)) if 0.0 < sine < math.sqrt(0.5) else 0.0


def _round(resolution: float) -> float:
    """The smallest round number that is not below a resolution."""
    power = 10.0 ** math.floor(math.log10(resolution))
    return next((step * power for step in _STEPS if step * power >= resolution * (1 - 1e-9)), 10.0 * power)
