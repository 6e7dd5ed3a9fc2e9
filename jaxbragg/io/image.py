"""A measured image from a file of any kind that is known by its first bytes."""

from typing import NamedTuple

import numpy as np

from jaxbragg.io.floats import read_float_image
from jaxbragg.io.npy import read_npy
from jaxbragg.io.smv import read_smv
from jaxbragg.io.text import StrPath, read_bytes
from jaxbragg.shapes import HostArray

NPY = b"\x93NUMPY"
SMV = b"{\nHEADER_BYT"


class ImageFile(NamedTuple):
    """An image as the file holds it.

    Attributes:
      values: detector units or photons, float64, (slow, fast).
      largest: the largest value that a pixel can have in such a file; None where there is no limit.
    """

    values: HostArray
    largest: float | None


def read_image(path: StrPath, shape: tuple[int, int]) -> ImageFile:
    """Reads an SMV image, a NumPy file, or raw 32-bit reals.

    Args:
      path: the file.
      shape: number of slow and fast pixels, which raw reals do not tell.

    Raises:
      FormatError: the file is malformed, or raw reals of another number.

    Source: specs/refinement.md REF-22.
    """
    start = read_bytes(path)[: len(SMV)]
    if start.startswith(SMV):
        return ImageFile(read_smv(path).data.astype(np.float64), float(np.iinfo(np.uint16).max))
    if start.startswith(NPY):
        return ImageFile(read_npy(path).astype(np.float64), None)
    return ImageFile(read_float_image(path, shape).astype(np.float64), None)
