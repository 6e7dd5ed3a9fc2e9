"""Scattering of an amorphous material as text: two columns, scattering angle and amplitude.

The simulation does not use the table; the file is read so that a wrong one is reported.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jaxbragg.io.columns import strict_rows
from jaxbragg.io.text import StrPath, format_error

_NAMES = ("sin(theta)/lambda", "F")


@dataclass(frozen=True, eq=False)
class StolTable:
    """Amplitudes of an amorphous material over the scattering angle, in the order of the file.

    Attributes:
      stol: sin(theta)/lambda, 4 sin(theta)/lambda or 4 pi sin(theta)/lambda, as the user declares it,
        1/angstrom, float64, (n,).
      amplitudes: structure factor of one molecule, electrons, 0 where the file gives none, float64, (n,).

    Source: specs/files.md FILE-5.
    """

    stol: npt.NDArray[np.float64]
    amplitudes: npt.NDArray[np.float64]


def read_stol(path: StrPath) -> StolTable:
    """Reads a table of amorphous scattering.

    Args:
      path: the file; columns as in the source file, comments and blank lines are skipped.

    Returns:
      The table.

    Raises:
      FormatError: no rows, text, infinity, or a missing or negative scattering angle.

    Source: specs/files.md FILE-5.
    """
    rows = []
    for line, values in strict_rows(path, _NAMES):
        if not values[0] >= 0:
            raise format_error(
                path,
                line,
                f"{_NAMES[0]} of 0 or more",
                "nan" if np.isnan(values[0]) else f"{values[0]:g}",
                "correct or remove the line",
            )
        rows.append(values)
    if not rows:
        raise format_error(path, None, "at least one line", "none", "give lines of " + " and ".join(_NAMES))
    table = np.array(rows, dtype=np.float64)
    return StolTable(table[:, 0].copy(), np.nan_to_num(table[:, 1]))
