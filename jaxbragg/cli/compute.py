"""The image of an experiment, with progress on stderr.

Short work is one call of `simulate`. Long work is cut into bands of rows, so that the host sees how far it is
and Ctrl-C is heard; every band is the same compiled program.
"""

import math

import numpy as np
import numpy.typing as npt

from jaxbragg.cli.progress import progress as show_progress
from jaxbragg.config.experiment import Experiment
from jaxbragg.config.tree import replaced
from jaxbragg.errors import ConfigError
from jaxbragg.precision import Precision
from jaxbragg.shapes import Array
from jaxbragg.simulation.accumulate import photons, pixel_totals, samples_per_pixel
from jaxbragg.simulation.program import Program, inputs
from jaxbragg.simulation.run import named_precision, simulate
from jaxbragg.simulation.serial_order import has_latch, has_stale_phi
from jaxbragg.simulation.setup import Setup
from jaxbragg.simulation.tiles import map_region, region
from jaxbragg.simulation.visits import IN_ANY_ORDER, make_job

Image = npt.NDArray[np.floating]

LONG = 400_000_000
"""Samples from which work is cut into bands; a second or two on two cores."""

BANDS = 50
"""About how many."""

TRACED = 200_000
"""Samples of a pixel that can be traced; a trace keeps a hundred numbers or so of each."""


def check_traced(experiment: Experiment) -> None:
    """Refuse to trace a pixel of too many samples.

    Raises:
      ConfigError: it has more than `TRACED`.

    Source: specs/command_line.md CLI-55.
    """
    samples = samples_per_pixel(experiment)
    if samples > TRACED:
        raise ConfigError(
            f"a pixel that is traced or printed may have {TRACED} samples, got {samples}; give a smaller "
            "-oversample, or fewer steps, sources or domains"
        )


def compute_image(experiment: Experiment, precision: str, *, progress: bool) -> Image:
    """The image of `simulate`, with progress on stderr if it takes long.

    Args:
      experiment: what to simulate.
      precision: as in `simulate`.
      progress: False shows nothing.

    Returns:
      Photons per pixel, (slow, fast).

    Raises:
      ConfigError: unknown precision.

    Source: specs/command_line.md CLI-51.
    """
    f0, f1, s0, s1 = region(experiment)
    samples = (f1 - f0) * (s1 - s0) * samples_per_pixel(experiment)
    if samples > LONG and s1 - s0 > 1 and not (has_latch(experiment) or has_stale_phi(experiment)):
        return banded_image(experiment, precision, bands=BANDS, progress=progress)
    with show_progress(0, wanted=progress):
        return np.asarray(simulate(experiment, precision=precision))


def banded_image(experiment: Experiment, precision: str, *, bands: int, progress: bool) -> Image:
    """The image, band by band, of an experiment whose pixels do not depend on each other's order.

    Args:
      experiment: what to simulate.
      precision: as in `simulate`.
      bands: into how many bands the rows are cut.
      progress: False shows nothing.
    """
    policy = named_precision(precision)
    f0, f1, s0, s1 = region(experiment)
    fast, slow = experiment.detector.pixels
    image = np.zeros((slow, fast), policy.narrow)
    rows = math.ceil((s1 - s0) / bands)
    sampling = replaced(experiment.sampling, mask=None, roi=(f0, f1 - 1, 0, rows - 1))
    window = inputs(replaced(experiment, sampling=sampling), policy)
    with show_progress(s1 - s0, wanted=progress) as finished:
        for start in range(s0, s1, rows):
            first = min(start, s1 - rows)  # the last band covers some rows again: one shape for all
            image[first : first + rows, f0:f1] = _band.of(window, np.int32(first), precision=policy)
            finished(min(rows, s1 - start))
    mask = experiment.sampling.mask
    if mask is not None:
        image[np.asarray(mask) == 0] = 0.0
    return image


def _compute_band(window: Experiment, setup: Setup, first: Array, precision: Precision) -> Array:
    """Photons of the region of an experiment, moved along slow so that it begins at row `first`."""
    job, start = make_job(setup, window, precision), first.astype(precision.wide)
    totals = map_region(lambda s, f: pixel_totals(job, s + start, f, IN_ANY_ORDER), window)
    return photons(job, totals)


_band = Program(_compute_band)
