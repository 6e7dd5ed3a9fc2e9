"""Which pixels of a measurement are compared, as one list with the region that each is in."""

from collections.abc import Sequence

import numpy as np

from jaxbragg.config.experiment import Experiment
from jaxbragg.config.tree import replaced
from jaxbragg.errors import ConfigError
from jaxbragg.refine.measurement import Measurement
from jaxbragg.refine.shot import Pixels
from jaxbragg.shapes import HostArray
from jaxbragg.simulation.pixel_list import is_computed

Region = tuple[int, int, int, int]
"""First and last fast, first and last slow pixel, ends included, as in `SamplingConfig.roi`."""


def chosen_pixels(
    experiment: Experiment, measurement: Measurement, regions: Sequence[Region] | None = None
) -> Pixels:
    """The pixels to compare.

    Args:
      experiment: its mask and region of interest exclude pixels too.
      measurement: image and mask.
      regions: rectangles, each with a background of its own; None is the whole image as one. A pixel in
        several belongs to the first.

    Returns:
      Host arrays.

    Raises:
      ConfigError: the image does not fit the detector, or no pixel is left.

    Source: specs/refinement.md REF-6, REF-7.
    """
    fast, slow = experiment.detector.pixels
    if measurement.image.shape != (slow, fast):
        raise ConfigError(
            f"the image must have the detector's shape (slow, fast) = ({slow}, {fast}), got "
            f"{measurement.image.shape}; set the detector's pixels (-detpixels_f, -detpixels_s), or crop"
        )
    rectangles = [(0, fast - 1, 0, slow - 1)] if regions is None else list(regions)
    owner = _owners(rectangles, (slow, fast))
    rows, columns = np.nonzero((owner >= 0) & measurement.usable())
    kept = np.broadcast_to(is_computed(experiment, rows, columns), rows.shape)
    rows, columns = rows[kept], columns[kept]
    if rows.size == 0:
        raise ConfigError(
            "no pixel is left to refine against: the regions, the mask and the experiment's region of "
            "interest have none in common"
        )
    region = owner[rows, columns]
    f0, f1, s0, s1 = np.array(rectangles, np.float64)[region].T
    return Pixels(
        slow=rows.astype(np.int32),
        fast=columns.astype(np.int32),
        photons=measurement.photons()[rows, columns],
        used=np.ones(rows.shape, bool),
        variance=measurement.variance()[rows, columns],
        region=region.astype(np.int32),
        x=_place(columns, f0, f1),
        y=_place(rows, s0, s1),
    )


def _owners(rectangles: list[Region], shape: tuple[int, int]) -> HostArray:
    """Number of the first rectangle that each pixel is in, -1 outside all, (slow, fast)."""
    owner = np.full(shape, -1, np.int64)
    for number in range(len(rectangles) - 1, -1, -1):
        f0, f1, s0, s1 = rectangles[number]
        if not (0 <= f0 <= f1 < shape[1] and 0 <= s0 <= s1 < shape[0]):
            raise ConfigError(
                f"a region must lie on the detector of {shape[1]} x {shape[0]} pixels (fast x slow), got "
                f"fast {f0} to {f1}, slow {s0} to {s1}"
            )
        owner[s0 : s1 + 1, f0 : f1 + 1] = number
    return owner


def _place(index: HostArray, first: HostArray, last: HostArray) -> HostArray:
    """-1 at the first pixel, 1 at the last; 0 where they are the same."""
    width = np.maximum(last - first, 1)
    return np.where(last > first, 2.0 * (index - first) / width - 1.0, 0.0)


def shoeboxes(image: HostArray, threshold: float, half_width: int = 5, most: int = 1000) -> list[Region]:
    """Squares around the brightest pixels of an image, a simulated one for instance.

    Args:
      image: photons or detector units, (slow, fast).
      threshold: pixels below it get no square.
      half_width: pixels to each side of the bright one.
      most: at most so many squares.

    Returns:
      Regions, brightest first; a pixel inside an earlier square makes no new one.

    Source: specs/refinement.md REF-7.
    """
    slow, fast = image.shape
    taken = np.zeros(image.shape, bool)
    found: list[Region] = []
    values = np.where(np.isfinite(image), image, -np.inf)
    order = np.argsort(-values, axis=None, kind="stable")[: np.count_nonzero(values >= threshold)]
    for row, column in zip(*np.unravel_index(order, image.shape), strict=True):
        if taken[row, column]:
            continue
        if len(found) == most:
            break
        f0, f1 = max(int(column) - half_width, 0), min(int(column) + half_width, fast - 1)
        s0, s1 = max(int(row) - half_width, 0), min(int(row) + half_width, slow - 1)
        found.append((f0, f1, s0, s1))
        taken[s0 : s1 + 1, f0 : f1 + 1] = True
    return found


def filled_up(pixels: Pixels, count: int) -> Pixels:
    """The list with unused copies of its first pixel at the end, so that it has `count` pixels."""
    extra = count - len(pixels.slow)
    longer = Pixels(*(np.concatenate([x, np.repeat(x[:1], extra)]) for x in pixels))
    return longer._replace(used=np.arange(count) < len(pixels.slow))


def without_choice_of_pixels(experiment: Experiment) -> Experiment:
    """The experiment without mask and region of interest, which `chosen_pixels` has taken into account."""
    return replaced(experiment, sampling=replaced(experiment.sampling, mask=None, roi=None))
