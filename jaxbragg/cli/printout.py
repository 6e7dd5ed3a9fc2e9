"""`-printout`: what the last sample of a pixel, and its sum, amount to.

The numbers come from `simulation.trace`, hence from the functions that make the image. Rules:
specs/command_line.md CLI-53.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxbragg.config.experiment import Experiment
from jaxbragg.errors import ConfigError
from jaxbragg.images.roi import roi_slices
from jaxbragg.simulation.trace import trace

_LAST = (-1,) * 5
"""The last sub-pixel, layer, source, phi step and domain."""


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
    rows, columns = roi_slices(experiment.sampling.roi, (slow, fast))
    mask = experiment.sampling.mask
    for row in range(rows.start, rows.stop):
        for column in range(columns.start, columns.stop):
            if mask is None or mask[row, column] != 0:
                found = trace(experiment, row, column, precision=precision)
                yield from _lines(found, column, row, wavelength)


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
    vectors = np.stack([last(found["crystal"][name]) * 1e10 for name in "abc"])
    for axis, row in zip("XYZ", vectors.T, strict=True):
        yield f"{axis}: " + " ".join(f"{value:11.8f}" for value in row)


def _words(values: Any, kind: str) -> str:
    """Numbers on one line."""
    return " ".join(format(x, kind) for x in values.tolist())
