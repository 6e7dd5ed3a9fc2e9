"""`-printout`: what the last sample of a pixel, and its sum, amount to.

The numbers come from `simulation.trace`, hence from the functions that make the image. Rules:
specs/command_line.md CLI-53.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from jaxbragg.config.experiment import Experiment
from jaxbragg.errors import ConfigError
from jaxbragg.images.roi import roi_slices
from jaxbragg.simulation.accumulate import samples_per_pixel
from jaxbragg.simulation.trace import trace

_LAST = (-1,) * 5
"""The last sub-pixel, layer, source, phi step and domain."""

SAMPLES_AT_ONCE = 50_000
"""How many samples are traced together; each takes a kilobyte or so."""


def printout_lines(experiment: Experiment, precision: str, pixel: tuple[int, int] | None) -> Iterator[str]:
    """The lines of one pixel, or of every computed one.

    Args:
      experiment: what is simulated.
      precision: as in `simulate`.
      pixel: fast and slow index; None, or a negative index, prints all.

    Raises:
      ConfigError: there is no such pixel.

    Source: specs/command_line.md CLI-53.
    """
    fast, slow = experiment.detector.pixels
    wavelength = float(experiment.beam.wavelength)
    if pixel is not None and min(pixel) >= 0:
        if pixel[0] >= fast or pixel[1] >= slow:
            raise ConfigError(
                f"-printout_pixel must be a pixel of the {fast} x {slow} detector, fast then slow, got "
                f"{pixel[0]} {pixel[1]}; the first one is 0 0"
            )
        found = trace(experiment, pixel[1], pixel[0], precision=precision)
        if np.asarray(found["pixel"]["computed"]):
            yield from _lines(found, pixel[0], pixel[1], wavelength)
        return
    pixels = _computed_pixels(experiment)
    samples = samples_per_pixel(experiment)
    size = max(1, min(len(pixels), SAMPLES_AT_ONCE // samples))
    for start in range(0, len(pixels), size):
        some = pixels[start : start + size]
        padded = np.concatenate([some, np.repeat(some[-1:], size - len(some), axis=0)])  # one shape for all
        found = trace(experiment, padded[:, 0], padded[:, 1], precision=precision)
        for number, (row, column) in enumerate(some.tolist()):
            yield from _lines(_of_pixel(found, number), column, row, wavelength)


def _computed_pixels(experiment: Experiment) -> npt.NDArray[np.int32]:
    """Slow and fast indices of the pixels inside region and mask, in the order of the image, (n, 2)."""
    fast, slow = experiment.detector.pixels
    inside = np.zeros((slow, fast), bool)
    inside[roi_slices(experiment.sampling.roi, inside.shape)] = True
    if experiment.sampling.mask is not None:
        inside &= np.asarray(experiment.sampling.mask) != 0
    return np.argwhere(inside).astype(np.int32)


def _of_pixel(found: Any, number: int) -> Any:
    """One pixel of a trace of several; what all of them share has no axis for them."""

    def pick(group: str, name: str, values: Any) -> Any:
        host = np.asarray(values)
        axes = 5 + (name in _VECTORS) if group in ("geometry", "beam", "crystal", "samples") else 0
        return host[number] if host.ndim > axes else host

    return {
        group: {name: pick(group, name, found[group][name]) for name in names}
        for group, names in _KEYS.items()
    }


_KEYS = {
    "geometry": ("position", "capture", "solid_angle"),
    "crystal": ("a", "b", "c"),
    "samples": ("q", "hkl", "nearest", "amplitude", "lattice", "polarization"),
    "accumulation": (
        "intensity_sum",
        "steps",
        "pixel",
        "own_capture",
        "own_polarization",
        "own_solid_angle",
        "capture",
        "polarization",
        "solid_angle",
    ),
}
"""What is printed of a trace."""

_VECTORS = ("position", "a", "b", "c", "q", "hkl", "nearest")


def _lines(found: Any, fast: int, slow: int, wavelength: float) -> Iterator[str]:
    """The lines of one pixel; the nominal wavelength is in Å."""
    geometry, samples, total = found["geometry"], found["samples"], found["accumulation"]

    def last(values: Any) -> Any:
        """The last sample's value, or vector; axes of length 1 stand for all samples."""
        return np.asarray(values)[_LAST]

    def combined(name: str) -> float:
        """A factor multiplied in at the end, or the last sample's own."""
        own = bool(np.asarray(total[f"own_{name}"]))
        values = {"capture": geometry, "solid_angle": geometry, "polarization": samples}[name][name]
        return float(last(values)) if own else float(np.asarray(total[name]))

    position = last(geometry["position"])
    stol = 0.5 * float(np.linalg.norm(last(samples["q"])))
    angle = np.arctan2(np.hypot(position[1], position[2]), position[0])
    intensity = float(np.asarray(total["intensity_sum"]))
    steps = int(np.asarray(total["steps"]))
    yield (
        f"{fast:4d} {slow:4d} : stol = {stol:g} or {np.sin(0.5 * angle) / wavelength:g} "
        f"at {_words(position, 'g')}"
    )
    yield f"hkl= {_words(last(samples['hkl']), 'f')}  hkl0= {_words(last(samples['nearest']), 'd')}"
    yield (
        f" F_cell={float(last(samples['amplitude'])):g}  F_latt={float(last(samples['lattice'])):g}"
        f"   I = {intensity:g}"
    )
    yield f"I/steps {intensity / steps:15.10g}"
    yield f"polar   {combined('polarization'):15.10g}"
    yield f"omega   {combined('solid_angle'):15.10g}"
    yield f"capfrac {combined('capture'):15.10g}"
    yield f"pixel   {float(np.float32(total['pixel'])):15.10g}"
    yield "real-space cell vectors (Angstrom):"
    yield "     a           b           c"
    vectors = np.stack([last(found["crystal"][name]) * 1e10 for name in "abc"])
    for axis, row in zip("XYZ", vectors.T, strict=True):
        yield f"{axis}: " + " ".join(f"{value:11.8f}" for value in row)


def _words(values: Any, kind: str) -> str:
    """Numbers on one line."""
    return " ".join(format(x, kind) for x in values.tolist())
