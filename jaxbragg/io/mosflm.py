"""Orientation matrix of MOSFLM: the nine numbers at the beginning of a `.mat` file.

Columns are a*, b*, c* times the wavelength, rows are x, y, z of MOSFLM's frame, dimensionless. Dividing by
the wavelength and turning into the laboratory frame happens in `jaxbragg.geometry.orientation`.
"""

import numpy as np
import numpy.typing as npt

from jaxbragg.io.text import StrPath, format_error, number, numbered_lines, quoted, read_text

_FLATTEST = 1e-9
"""Smallest volume of three unit vectors that still counts as a cell; MOSFLM writes eight decimals."""

_REMEDY = "give the A matrix that MOSFLM wrote, three rows of three numbers"


def read_matrix(path: StrPath) -> npt.NDArray[np.float64]:
    """Reads an orientation matrix exactly as it stands in the file.

    Args:
      path: the file; nine numbers separated by white space, whatever follows is ignored.

    Returns:
      The matrix, columns a*, b*, c* (times wavelength, dimensionless), rows x, y, z, float64, (3, 3).

    Raises:
      FormatError: fewer than nine numbers, text, nan or infinity, or columns that span no volume.

    Source: specs/files.md FILE-3.
    """
    values: list[float] = []
    for line_number, line in numbered_lines(read_text(path)):
        for word in line.split():
            value = number(word)
            if value is None or not np.isfinite(value):
                raise format_error(
                    path,
                    line_number,
                    f"matrix element {len(values) + 1} of 9, a finite number",
                    f"{quoted(word, 30)} in {quoted(line)}",
                    _REMEDY,
                )
            values.append(value)
            if len(values) == 9:
                return _checked(path, np.array(values).reshape(3, 3))
    raise format_error(path, None, "nine numbers", f"{len(values)}", _REMEDY)


def _checked(path: StrPath, matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The matrix, unless its columns lie in a plane."""
    largest = float(np.abs(matrix).max())
    scaled = matrix / largest if largest > 0 else matrix  # keeps squares and products in range
    lengths = np.linalg.norm(scaled, axis=0)
    if np.all(lengths > 0):
        a, b, c = (scaled / lengths).T
        volume = abs(float(np.dot(a, np.cross(b, c))))
    else:
        volume = 0.0
    if volume < _FLATTEST:
        raise format_error(
            path, None, "three columns a*, b*, c* that span a volume", "columns in one plane", _REMEDY
        )
    return matrix
