"""Float images: raw 32-bit reals without any header, photons per pixel."""

import numpy as np
import numpy.typing as npt

from jaxbragg.errors import ConfigError
from jaxbragg.io.atomic import replace_file
from jaxbragg.io.text import StrPath, format_error, read_bytes


def read_float_image(path: StrPath, shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Reads a float image.

    Args:
      path: the file.
      shape: number of slow and fast pixels, which the file does not tell.

    Returns:
      Photons per pixel, float32, (slow, fast).

    Raises:
      FormatError: the length does not fit the shape.

    Source: specs/files.md FILE-8.
    """
    content = read_bytes(path, expand=False)
    slow, fast = shape
    if len(content) != 4 * slow * fast:
        raise format_error(
            path,
            None,
            f"{4 * slow * fast} bytes for {fast} x {slow} pixels (fast x slow)",
            f"{len(content)}",
            "check the number of pixels",
        )
    return np.frombuffer(content, dtype="<f4").reshape(slow, fast).astype(np.float32)


def write_float_image(path: StrPath, image: npt.NDArray[np.floating]) -> None:
    """Writes a float image, slow axis outermost, little-endian.

    Args:
      path: the file to write; it appears complete or not at all.
      image: photons per pixel, (slow, fast); rounded to 32 bits.

    Raises:
      ConfigError: the image is not two-dimensional.
      JaxbraggError: the file cannot be written.

    Source: specs/files.md FILE-8.
    """
    if image.ndim != 2:
        raise ConfigError(f"an image must have the shape (slow, fast), got {image.shape}; reshape it")
    with np.errstate(over="ignore"):
        content = np.ascontiguousarray(image, dtype="<f4")
    with replace_file(path) as file:
        file.write(content.data)
