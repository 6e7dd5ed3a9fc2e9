"""X-ray sources as text: one per line, position, weight and wavelength.

The laboratory frame, positions from the sample towards the source (only their direction matters), weights
relative, wavelengths in metres. What a missing value stands for is decided in `jaxbragg.sampling.sources`.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jaxbragg.errors import JaxbraggWarning
from jaxbragg.io.columns import lenient_rows, strict_rows
from jaxbragg.io.text import StrPath, format_error

_NAMES = ("X", "Y", "Z", "weight", "wavelength")

LONGEST_WAVELENGTH = 1e-6
"""Wavelength in metres above which the file was probably written in angstrom."""


@dataclass(frozen=True, eq=False)
class SourceTable:
    """Sources in the order of the file; NaN stands for a column that the file does not give.

    Attributes:
      positions: from the sample towards the source, laboratory frame, any length, float64, (n, 3).
      weights: relative weights, dimensionless, float64, (n,).
      wavelengths: metres, float64, (n,).

    Source: specs/files.md FILE-4.
    """

    positions: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    wavelengths: npt.NDArray[np.float64]


def read_sources(path: StrPath, *, lenient: bool) -> SourceTable:
    """Reads a source file.

    Args:
      path: the file; columns X, Y, Z, weight and wavelength in metres.
      lenient: True reads exactly as the reference program does, so that comments, DOS line ends and a
        missing last line end give zeros; False understands these and refuses text.

    Returns:
      The sources.

    Raises:
      FormatError: no sources; and, unless lenient, text, infinity, the position 0 0 0, a negative weight, or
        a wavelength that is not positive.

    Warns:
      JaxbraggWarning: unless lenient, when a wavelength above `LONGEST_WAVELENGTH` looks like angstrom.

    Source: specs/files.md FILE-4.
    """
    rows = lenient_rows(path, len(_NAMES)) if lenient else _checked_rows(path)
    if len(rows) == 0:
        raise format_error(
            path, None, "at least one source", "none", "give lines of X Y Z weight wavelength, in metres"
        )
    return SourceTable(rows[:, :3].copy(), rows[:, 3].copy(), rows[:, 4].copy())


def _checked_rows(path: StrPath) -> npt.NDArray[np.float64]:
    """The rows of a strictly read file, every one of which is a possible source."""
    rows = []
    for line, values in strict_rows(path, _NAMES):
        x, y, z, weight, wavelength = values
        if x == y == z == 0:
            raise format_error(path, line, "a direction X Y Z", "0 0 0", "point it from sample to source")
        if weight < 0:
            raise format_error(path, line, "a weight of 0 or more", f"{weight:g}", "remove the source")
        if wavelength <= 0:
            raise format_error(
                path,
                line,
                "a positive wavelength in metres",
                f"{wavelength:g}",
                "leave it out or write nan",
            )
        if wavelength > LONGEST_WAVELENGTH:
            warnings.warn(
                f"{path}:{line}: the wavelength {wavelength:g} is taken in metres; "
                f"if angstrom was meant, write {wavelength * 1e-10:g}",
                JaxbraggWarning,
                stacklevel=3,
            )
        rows.append(values)
    return np.array(rows, dtype=np.float64).reshape(-1, len(_NAMES))
