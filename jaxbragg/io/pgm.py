"""PGM pictures: eight-bit grey levels, photons times one scale."""

import numpy as np
import numpy.typing as npt

from jaxbragg.errors import ConfigError
from jaxbragg.io.atomic import replace_file
from jaxbragg.io.text import StrPath, general


def grey_levels(image: npt.NDArray[np.floating], scale: float) -> npt.NDArray[np.uint8]:
    """Grey levels of a float image: photons times scale, cut off at 255, fractions dropped.

    Args:
      image: photons per pixel, (slow, fast).
      scale: grey levels per photon.

    Returns:
      Grey levels, uint8, (slow, fast); 0 for nan and negative values.

    Source: specs/files.md FILE-9.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = image.astype(np.float64) * scale
    return np.clip(np.nan_to_num(scaled, nan=0.0), 0, 255).astype(np.uint8)


def write_pgm(path: StrPath, pixels: npt.NDArray[np.uint8], scale: float) -> None:
    """Writes grey levels as binary PGM; the scale stands in a comment.

    Args:
      path: the file to write; it appears complete or not at all.
      pixels: grey levels, uint8, (slow, fast), from `grey_levels`.
      scale: grey levels per photon.

    Raises:
      ConfigError: the pixels are not 8-bit unsigned and two-dimensional.
      JaxbraggError: the file cannot be written.

    Source: specs/files.md FILE-9.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 2:
        raise ConfigError(
            f"PGM pixels must be uint8 of shape (slow, fast), got {pixels.dtype} of shape {pixels.shape}; "
            "use grey_levels()"
        )
    slow, fast = pixels.shape
    with replace_file(path) as file:
        file.write(f"P5\n{fast} {slow}\n# pixels scaled by {general(scale)}\n255\n".encode("ascii"))
        file.write(np.ascontiguousarray(pixels).data)
