"""Structure factors as a binary box: the reference program's `Fdump.bin`.

Amplitudes are in electrons per cell. The text form is in `hkl`.
"""

import re
from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from jaxbragg.errors import ConfigError
from jaxbragg.io.atomic import replace_file
from jaxbragg.io.hkl import LARGEST_BOX
from jaxbragg.io.text import StrPath, format_error, quoted, read_bytes

_HEADER = re.compile(rb"\s*" + rb"\s+".join([rb"([+-]?\d{1,10})"] * 6) + rb"(?![\d.])")
_SEPARATOR = b"\n\f"
_WHITE_SPACE = b" \t\n\v\f\r"
_REMEDY = "remove it and let the program write it again from the hkl file"


@dataclass(frozen=True, eq=False)
class FdumpBox:
    """Amplitudes of all reflections between two corners.

    Attributes:
      index_min: h, k and l of the first element.
      index_max: h, k and l of the last element that is not padding.
      padded: amplitudes with the file's one extra plane at the end of each axis, electrons per cell,
        float64, (n_h + 1, n_k + 1, n_l + 1).

    Source: specs/files.md FILE-2.
    """

    index_min: tuple[int, int, int]
    index_max: tuple[int, int, int]
    padded: npt.NDArray[np.float64]

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """Amplitudes without the padding, electrons per cell, (n_h, n_k, n_l)."""
        return self.padded[:-1, :-1, :-1]


def read_fdump(path: StrPath, *, skip_whitespace: bool = False) -> FdumpBox:
    """Reads a binary box of structure factors.

    Args:
      path: the file.
      skip_whitespace: True reads as the reference program does, which takes leading data bytes that look
        like white space for a part of the header; the data then shift, and the end is filled with zeros.

    Returns:
      The box.

    Raises:
      FormatError: no header, an empty or too large box, another length than the header demands, or nan or
        infinity among the amplitudes.

    Source: specs/files.md FILE-2.
    """
    content = read_bytes(path)
    header = _HEADER.match(content[:200])
    if header is None:
        start = quoted(content[:30].decode("latin-1"))
        raise format_error(path, None, "six integers, the corners of a box of reflections", start, _REMEDY)
    h0, h1, k0, k1, l0, l1 = (int(word) for word in header.groups())
    shape = _padded_shape(path, (h0, k0, l0), (h1, k1, l1))
    start_of_data, n_lost = _start_of_data(path, content, header.end(), skip_whitespace)
    data = content[start_of_data:] + bytes(n_lost)
    if len(data) != 8 * prod(shape):
        raise format_error(
            path,
            None,
            f"{8 * prod(shape)} bytes for {' x '.join(map(str, shape))} amplitudes after the header",
            f"{len(data)}",
            _REMEDY,
        )
    padded = np.frombuffer(data, dtype="<f8").reshape(shape).astype(np.float64)
    if not (skip_whitespace or np.isfinite(padded).all()):
        raise format_error(path, None, "finite amplitudes", "nan or infinity", _REMEDY)
    return FdumpBox((h0, k0, l0), (h1, k1, l1), padded)


def write_fdump(path: StrPath, grid: npt.NDArray[np.float64], index_min: tuple[int, int, int]) -> None:
    """Writes a box of structure factors as the reference program does, with planes of zeros as padding.

    Args:
      path: the file to write; it appears complete or not at all.
      grid: amplitudes, electrons per cell, (n_h, n_k, n_l).
      index_min: h, k and l of the first element.

    Raises:
      ConfigError: the grid is empty or not three-dimensional.
      JaxbraggError: the file cannot be written.

    Source: specs/files.md FILE-2.
    """
    if grid.ndim != 3 or 0 in grid.shape:
        raise ConfigError(f"amplitudes must have the shape (n_h, n_k, n_l), got {grid.shape}; reshape them")
    ends = (f"{low} {low + size - 1}" for low, size in zip(index_min, grid.shape, strict=True))
    padded = np.pad(grid, [(0, 1)] * 3).astype("<f8")
    with replace_file(path) as file:
        file.write(" ".join(ends).encode("ascii") + _SEPARATOR)
        file.write(padded.tobytes())


def _padded_shape(
    path: StrPath, index_min: tuple[int, int, int], index_max: tuple[int, int, int]
) -> tuple[int, int, int]:
    """Size of the stored box, one more than the number of indices along each axis."""
    h, k, l = (high - low + 2 for low, high in zip(index_min, index_max, strict=True))
    if min(h, k, l) < 2 or h * k * l > 2 * LARGEST_BOX:
        raise format_error(
            path,
            None,
            f"corners of a box with 1 to {LARGEST_BOX} reflections",
            ", ".join(f"{i} {low}..{high}" for i, low, high in zip("hkl", index_min, index_max, strict=True)),
            _REMEDY,
        )
    return h, k, l


def _start_of_data(path: StrPath, content: bytes, end: int, skip_whitespace: bool) -> tuple[int, int]:
    """Where the amplitudes begin, and how many of their bytes were taken for white space."""
    separator = content[end : end + len(_SEPARATOR)]
    if separator != _SEPARATOR:
        raise format_error(
            path,
            None,
            "a line end and a form feed after the six integers",
            quoted(separator.decode("latin-1") or "nothing"),
            _REMEDY,
        )
    end += len(_SEPARATOR)
    n_lost = len(content[end:]) - len(content[end:].lstrip(_WHITE_SPACE)) if skip_whitespace else 0
    return end + n_lost, n_lost
