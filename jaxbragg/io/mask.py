"""Pixel masks: an SMV image in which zero means "do not compute this pixel".

Geometry that the mask's header carries is not interpreted here; use `smv.read_smv` for it.
"""

import numpy as np
import numpy.typing as npt

from jaxbragg.io.smv import read_smv
from jaxbragg.io.text import StrPath, format_error


def read_mask(path: StrPath, shape: tuple[int, int] | None = None) -> npt.NDArray[np.bool_]:
    """Reads which pixels are to be computed.

    Args:
      path: the SMV file.
      shape: number of slow and fast pixels that the mask must have; None accepts any.

    Returns:
      True where the pixel is to be computed (nonzero in the file), bool, (slow, fast).

    Raises:
      FormatError: not an SMV image, or another shape.

    Source: specs/files.md FILE-6.
    """
    mask: npt.NDArray[np.bool_] = read_smv(path).data != 0
    if shape is not None and mask.shape != tuple(shape):
        raise format_error(
            path,
            None,
            f"a mask of {shape[1]} x {shape[0]} pixels (fast x slow)",
            f"{mask.shape[1]} x {mask.shape[0]}",
            "make the mask for this detector",
        )
    return mask
