"""What the headers of -mask and -img say, for everything that was not typed; and the mask itself.

Rules: specs/command_line.md CLI-25.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from jaxbragg.cli.options import Options
from jaxbragg.io.smv import SmvImage, read_smv

DEFAULT_PIXEL = 0.1
"""Edge of a pixel, mm, when neither the line nor a header tells it."""

_KEYWORDS = {
    "pixel": "PIXEL_SIZE",
    "distance": "DISTANCE",
    "close_distance": "CLOSE_DISTANCE",
    "wavelength": "WAVELENGTH",
    "xbeam": "BEAM_CENTER_X",
    "ybeam": "BEAM_CENTER_Y",
    "orgx": "ORGX",
    "orgy": "ORGY",
    "phi": "PHI",
    "osc": "OSC_RANGE",
}
"""Field of `Options` to header keyword; the units are the same."""


def inherit(options: Options, folder: Path) -> tuple[Options, npt.NDArray[np.float64] | None]:
    """Options with the gaps filled from image headers.

    Args:
      options: as typed; whatever is typed holds.
      folder: where relative file names are looked up.

    Returns:
      The options, and the mask, 0 where a pixel is not computed, (slow, fast), or None.

    Raises:
      FormatError: an image cannot be read.

    Source: specs/command_line.md CLI-25.
    """
    found: dict[str, Any] = {}
    mask = None
    if options.mask_file is not None:
        image = read_smv(folder / options.mask_file)
        mask = np.asarray(image.data != 0, dtype=np.float64)
        _add(found, image, ybeam_from_top=True)
    if options.img_file is not None:
        _add(found, read_smv(folder / options.img_file), ybeam_from_top=False)
    missing = {name: value for name, value in found.items() if getattr(options, name) is None}
    return replace(options, **missing), mask


def _add(found: dict[str, Any], image: SmvImage, *, ybeam_from_top: bool) -> None:
    """Put what one header says over what an earlier one said."""
    for name, keyword in _KEYWORDS.items():
        value = image.value(keyword)
        if value is not None:
            found[name] = value
    found["detpixels_s"], found["detpixels_f"] = image.data.shape
    pixel = found.get("pixel", DEFAULT_PIXEL)
    found["detsize_f"], found["detsize_s"] = (pixel * n for n in reversed(image.data.shape))
    if ybeam_from_top and image.value(_KEYWORDS["ybeam"]) is not None:
        found["ybeam"] = found["detsize_s"] - found["ybeam"]
