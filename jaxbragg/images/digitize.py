"""From photons to stored whole numbers: the 16-bit image and the 8-bit picture, without noise.

Holds scales and rounding; the files themselves are written in ``io/``. Host code in numpy.
"""

import numpy as np
import numpy.typing as npt

from jaxbragg.images.roi import Roi, roi_slices, row_blocks

MAX_COUNT = 65535
FULL_SCALE = 55000.0  # stored value of the brightest pixel


def intimage_scale(max_photons: float, given: float = 0.0) -> float:
    """Factor from photons to the units of the 16-bit image.

    Args:
      max_photons: brightest pixel, photons.
      given: factor the user asks for; 0 or less to choose one.

    Returns:
      The factor asked for; else the one that brings the brightest pixel to 55000; 1 for a dark image.

    Source: specs/noise.md DIGIT-2.
    """
    if given > 0.0:
        return given
    return FULL_SCALE / max_photons if max_photons > 0.0 else 1.0


def to_uint16(
    image: npt.ArrayLike, scale: float, adc_offset: float = 40.0, roi: Roi | None = None
) -> npt.NDArray[np.uint16]:
    """Scale, offset, clip and round an image to 16 bits.

    Args:
      image: expected photons per pixel; rounded to float32 first, as in the float file, (n_slow, n_fast).
      scale: stored units per photon.
      adc_offset: stored units added to every pixel inside the region.
      roi: (fast_min, fast_max, slow_min, slow_max), inclusive; None for the whole image.

    Returns:
      Stored values, uint16, (n_slow, n_fast); 0 outside the region and where the image is NaN.

    Source: specs/noise.md DIGIT-3.
    """
    pixels = np.asarray(image)
    out = np.zeros(pixels.shape, np.uint16)
    with np.errstate(over="ignore", invalid="ignore"):
        for block in row_blocks(roi_slices(roi, pixels.shape)):
            values = pixels[block].astype(np.float32, copy=False) * np.float64(scale)
            values += adc_offset
            np.clip(values, 0.0, MAX_COUNT, out=values)
            values += 0.5
            rounded = values.astype(np.float32)  # a count has no fraction left: what follows cuts it off
            rounded[np.isnan(rounded)] = 0.0
            out[block] = rounded
    return out


def pgm_scale(rmsd: float, image_scale: float, given: float = 0.0) -> float:
    """Factor from photons to grey levels.

    Args:
      rmsd: standard deviation of the image, photons.
      image_scale: the factor of the 16-bit image, used where the image has no spread.
      given: factor the user asks for; 0 or less to choose one.

    Returns:
      The factor asked for; else the one that brings five standard deviations to level 250.

    Source: specs/noise.md DIGIT-4.
    """
    if given > 0.0:
        return given
    return 250.0 / (5.0 * rmsd) if rmsd > 0.0 else image_scale


def to_pgm_bytes(image: npt.ArrayLike, scale: float, roi: Roi | None = None) -> npt.NDArray[np.uint8]:
    """Grey levels of the 8-bit picture, without its header.

    Args:
      image: expected photons per pixel; rounded to float32 first, (n_slow, n_fast).
      scale: grey levels per photon.
      roi: (fast_min, fast_max, slow_min, slow_max), inclusive; None for the whole image.

    Returns:
      Levels, uint8, (n_slow, n_fast); 0 outside the region, below zero and where the image is NaN.

    Source: specs/noise.md DIGIT-5.
    """
    pixels = np.asarray(image)
    out = np.zeros(pixels.shape, np.uint8)
    with np.errstate(over="ignore", invalid="ignore"):
        for block in row_blocks(roi_slices(roi, pixels.shape)):
            levels = pixels[block].astype(np.float32, copy=False) * np.float64(scale)
            np.clip(levels, 0.0, 255.0, out=levels)
            levels[np.isnan(levels)] = 0.0
            out[block] = levels
    return out
