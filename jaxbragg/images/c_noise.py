"""The noise image of the C program nanoBragg, pixel for pixel.

Holds the order of drawing, the offset and the clipping; the deviates stand in ``c_poisson.py``. Noise for any
other purpose is in ``noise.py``. Host code in numpy.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jaxbragg.images.c_poisson import CDeviates
from jaxbragg.images.c_poisson_loop import poisson_many
from jaxbragg.images.digitize import MAX_COUNT
from jaxbragg.images.roi import Roi, roi_slices, row_blocks
from jaxbragg.sampling.c_random import CRandom

FEW_PIXELS = 20_000  # up to here, compiling the loop takes longer than doing without
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class NoiseImage:
    """A noise image and what the program reports about it.

    Attributes:
      counts: stored values: photons and offset, clipped, uint16, (n_slow, n_fast).
      photons: sum of the photons drawn, before offset and clipping.
      overloads: number of pixels clipped at 65535.
      seed: state of the noise stream afterwards.
    """

    counts: npt.NDArray[np.uint16]
    photons: float
    overloads: int
    seed: int


def c_noise_image(
    image: npt.ArrayLike,
    seed: int,
    *,
    rng: CRandom | None = None,
    adc_offset: float = 40.0,
    roi: Roi | None = None,
) -> NoiseImage:
    """Draw the program's noise image from an image of expected photons.

    Args:
      image: expected photons per pixel; rounded to float32, (n_slow, n_fast). Negative counts as 0; a NaN
        pixel is stored as 0 and makes the sum of photons NaN.
      seed: state of the noise stream; minus the number typed after -seed.
      rng: the generator as the mosaic draws left it, None for an unused one; changed by the draws. Matters
        only for a seed above 0.
      adc_offset: counts added to every drawn pixel; a negative sum wraps around at 65536.
      roi: (fast_min, fast_max, slow_min, slow_max), inclusive; None for the whole image. Pixels outside
        are 0 and draw nothing; masked pixels inside draw like the others.

    Returns:
      The image and its report.

    Source: specs/noise.md NOISE-5.
    """
    pixels = np.asarray(image)
    region = roi_slices(roi, pixels.shape)
    draw = poisson_many if pixels[region].size > FEW_PIXELS else _poisson_few
    deviates = CDeviates(CRandom() if rng is None else rng)
    counts = np.zeros(pixels.shape, np.uint16)
    photons, overloads = 0.0, 0
    for block in row_blocks(region):
        with np.errstate(over="ignore"):
            means = pixels[block].astype(np.float32, copy=False)
        drawn, seed = draw(means.ravel(), deviates, seed)
        photons += float(drawn.sum(dtype=np.float64))
        values = np.add(drawn, adc_offset, dtype=np.float64)
        overloads += int(np.count_nonzero(values > MAX_COUNT))
        np.minimum(values, MAX_COUNT, out=values)
        values[np.isnan(values)] = 0.0
        counts[block] = values.astype(np.int64).astype(np.uint16).reshape(means.shape)  # wraps around
    return NoiseImage(counts, photons, overloads, seed)


def _poisson_few(means: Floats, deviates: CDeviates, seed: int) -> tuple[Floats, int]:
    """`poisson_many` by the definition."""
    drawn = np.empty(means.size, np.float32)
    for i, mean in enumerate(means):
        drawn[i], seed = deviates.poisson(mean, seed)
    return drawn, seed
