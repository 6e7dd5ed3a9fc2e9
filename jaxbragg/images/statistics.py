"""Largest value, mean and spread of an image, as they stand in the report and set the display scales.

Host code in numpy; nothing here is differentiable.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jaxbragg.images.roi import Roi, roi_slices, row_blocks


@dataclass(frozen=True)
class ImageStatistics:
    """Summary of the computed pixels of an image.

    Attributes:
      max: largest value, photons; 0 if no pixel is above 0.
      position: where it is, (fast, slow) distance from the corner of the first pixel, metres; (0, 0) if
        no pixel is above 0.
      mean: mean of the computed pixels, photons.
      rms: root mean square of the computed pixels, photons.
      rmsd: standard deviation about that mean over the whole region, photons.
      n: number of computed pixels.

    Source: specs/noise.md STAT-1 to STAT-4.
    """

    max: float
    position: tuple[float, float]
    mean: float
    rms: float
    rmsd: float
    n: int


def image_statistics(
    image: npt.ArrayLike,
    pixel_size_m: float,
    *,
    oversample: int = 1,
    roi: Roi | None = None,
    mask: npt.ArrayLike | None = None,
    program_squares: bool = False,
) -> ImageStatistics:
    """Summarise an image.

    Args:
      image: expected photons per pixel, (n_slow, n_fast). NaN is never the maximum but spoils the rest.
      pixel_size_m: edge of a pixel, metres.
      oversample: sub-pixels along one edge; the position of the maximum is its last sub-pixel's centre.
      roi: region of computed pixels, (fast_min, fast_max, slow_min, slow_max), inclusive.
      mask: True where a pixel was computed, (n_slow, n_fast); None if all were. Others count as 0.
      program_squares: round values and squares to float32 as the C program does. A pixel above 1.8e19
        photons then makes `rms` infinite.

    Returns:
      The summary.

    Source: specs/noise.md STAT-1 to STAT-4.
    """
    pixels = np.asarray(image)
    inside = roi_slices(roi, pixels.shape)
    computed = None if mask is None else np.asarray(mask, bool)
    kind: type[np.float32] | type[np.float64] = np.float32 if program_squares else np.float64
    largest, position = 0.0, (0.0, 0.0)
    total = squares = 0.0
    n = 0
    with np.errstate(over="ignore", invalid="ignore"):
        for block in row_blocks(inside):
            values = _values(pixels, computed, block).astype(kind, copy=False)
            n += values.size if computed is None else int(np.count_nonzero(computed[block]))
            total += float(values.sum(dtype=np.float64))
            squares += float(np.square(values).sum(dtype=np.float64))
            numbers = np.where(np.isnan(values), 0.0, values)
            row, column = np.unravel_index(np.argmax(numbers), values.shape)
            if values[row, column] > largest:
                largest = float(values[row, column])
                corner = (int(column) + block[1].start, int(row) + block[0].start)
                position = _last_subpixel(corner, pixel_size_m, oversample)
        mean = total / n if n else 0.0
        deviations = 0.0
        for block in row_blocks(inside):
            values = _values(pixels, computed, block).astype(kind, copy=False)
            difference = np.subtract(values, mean, dtype=np.float64)
            deviations += float(np.square(difference, out=difference).sum())
    m = (inside[0].stop - inside[0].start) * (inside[1].stop - inside[1].start)
    return ImageStatistics(
        max=largest,
        position=position,
        mean=mean,
        rms=math.sqrt(squares / max(n - 1, 1)),
        rmsd=math.sqrt(deviations / max(m - 1, 1)),
        n=n,
    )


def _values(
    pixels: npt.NDArray[Any], computed: npt.NDArray[np.bool_] | None, block: tuple[slice, slice]
) -> npt.NDArray[Any]:
    """Pixels of a block in one piece, 0 where nothing was computed; to be read only."""
    if computed is None:
        return np.ascontiguousarray(pixels[block])
    return np.where(computed[block], pixels[block], 0.0)


def _last_subpixel(pixel: tuple[int, int], pixel_size_m: float, oversample: int) -> tuple[float, float]:
    """Centre of the sub-pixel with the largest indices, (fast, slow), metres."""
    step = pixel_size_m / oversample
    fast, slow = (step * (index * oversample + oversample - 1) + step / 2 for index in pixel)
    return fast, slow
