"""Structure factors as text: one reflection per line, `h k l F`.

Amplitudes are in electrons per cell. Symmetry is not expanded here, and nothing is interpolated; the box of
amplitudes that the simulation looks up is `HklTable.grid`. The binary form is in `fdump`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jaxbragg.errors import FormatError
from jaxbragg.io.text import StrPath, format_error, is_whole, number, numbered_lines, quoted, read_text

LARGEST_BOX = 200_000_000
"""Most entries that the box around all indices may have (1.6 GB in double precision)."""

_COMMENT_MARKS = "#!;"


@dataclass(frozen=True, eq=False)
class HklTable:
    """Reflections in the order of the file.

    Attributes:
      indices: Miller indices h, k, l, int64, (n, 3).
      amplitudes: structure-factor amplitudes, electrons per cell, float64, (n,).
      index_min: smallest h, k and l.
      index_max: largest h, k and l.
      n_duplicates: how many reflections have the indices of an earlier one.

    Source: specs/files.md FILE-1.
    """

    indices: npt.NDArray[np.int64]
    amplitudes: npt.NDArray[np.float64]
    index_min: tuple[int, int, int]
    index_max: tuple[int, int, int]
    n_duplicates: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Size of the box around all indices, (n_h, n_k, n_l)."""
        return _box_shape(self.index_min, self.index_max)

    def grid(self, default_f: float) -> npt.NDArray[np.float64]:
        """The amplitudes as a box whose element [0, 0, 0] belongs to `index_min`.

        Args:
          default_f: amplitude of the reflections that the file does not list, electrons per cell.

        Returns:
          Amplitudes, electrons per cell, float64, (n_h, n_k, n_l); of duplicates the last one holds.

        Source: specs/files.md FILE-1.
        """
        box = np.full(self.shape, default_f, dtype=np.float64)
        h, k, l = (self.indices - np.array(self.index_min)).T
        box[h, k, l] = self.amplitudes
        return box


def read_hkl(path: StrPath) -> HklTable:
    """Reads a text file of structure factors, plain or gzip.

    Args:
      path: the file; columns h, k, l and F (electrons per cell), further columns are ignored; empty lines
        and everything from `#`, `!` or `;` to the end of the line are skipped.

    Returns:
      The reflections in the order of the file.

    Raises:
      FormatError: fewer than four columns, text, indices that are not integers, nan or infinity, no
        reflections at all, or indices so far apart that their box exceeds `LARGEST_BOX`.

    Source: specs/files.md FILE-1.
    """
    lines, rows = _read_rows(path, read_text(path))
    table = np.array(rows, dtype=np.float64).reshape(-1, 4)
    _check_values(path, lines, table)
    if len(table) == 0:
        raise format_error(
            path, None, "at least one reflection", "none", "give lines of h k l F, for example '1 0 -2 120.5'"
        )
    indices = table[:, :3].astype(np.int64)
    index_min, index_max = _corner(indices.min(axis=0)), _corner(indices.max(axis=0))
    shape = _box_shape(index_min, index_max)
    if shape[0] * shape[1] * shape[2] > LARGEST_BOX:
        raise _box_error(path, lines, indices)
    keys = np.ravel_multi_index(tuple((indices - np.array(index_min)).T), shape)
    n_duplicates = len(keys) - len(np.unique(keys))
    return HklTable(indices, table[:, 3].copy(), index_min, index_max, n_duplicates)


def report(table: HklTable) -> str:
    """One line on what was read: number of reflections, ranges of the indices, duplicates.

    Args:
      table: the reflections.

    Returns:
      The text, without line end.

    Source: specs/files.md FILE-1.
    """
    (h0, k0, l0), (h1, k1, l1) = table.index_min, table.index_max
    text = f"{len(table.amplitudes)} reflections, h {h0}..{h1}, k {k0}..{k1}, l {l0}..{l1}"
    if table.n_duplicates:
        text += f", {table.n_duplicates} of them repeat earlier indices (the last one holds)"
    return text


def _corner(values: npt.NDArray[np.int64]) -> tuple[int, int, int]:
    """Three indices as plain integers."""
    return int(values[0]), int(values[1]), int(values[2])


def _box_shape(index_min: tuple[int, int, int], index_max: tuple[int, int, int]) -> tuple[int, int, int]:
    """Number of indices between two corners, both included."""
    h, k, l = (high - low + 1 for low, high in zip(index_min, index_max, strict=True))
    return h, k, l


def _read_rows(path: StrPath, text: str) -> tuple[list[int], list[tuple[float, float, float, float]]]:
    """Line numbers and the first four columns; a plain loop, about 20 ms for 30 000 reflections."""
    lines: list[int] = []
    rows: list[tuple[float, float, float, float]] = []
    commented = any(mark in text for mark in _COMMENT_MARKS)
    odd = "_" in text or not text.isascii()  # float() would take 1_000 and foreign digits
    for line_number, line in numbered_lines(text):
        words = (_without_comment(line) if commented else line).split()
        if not words:
            continue
        try:
            rows.append((float(words[0]), float(words[1]), float(words[2]), float(words[3])))
        except (ValueError, IndexError):
            raise _line_error(path, line_number, line, words) from None
        if odd and any(number(word) is None for word in words[:4]):
            raise _line_error(path, line_number, line, words)
        lines.append(line_number)
    return lines, rows


def _without_comment(line: str) -> str:
    """The part of a line before its comment."""
    for mark in _COMMENT_MARKS:
        line = line.partition(mark)[0]
    return line


def _line_error(path: StrPath, line_number: int, line: str, words: list[str]) -> FormatError:
    """Says why a line is no reflection."""
    if len(words) < 4:
        return format_error(
            path,
            line_number,
            "four columns, h k l F",
            f"{len(words)} in {quoted(line)}",
            "write each reflection on one line of its own",
        )
    bad = next(word for word in words[:4] if number(word) is None)
    return format_error(
        path,
        line_number,
        "the numbers h k l F",
        f"{quoted(bad, 30)} in {quoted(line)}",
        "start comment and heading lines with #",
    )


def _check_values(path: StrPath, lines: list[int], table: npt.NDArray[np.float64]) -> None:
    """Raises for the first row whose indices are not integers or whose amplitude is not finite."""
    with np.errstate(invalid="ignore"):
        whole = (np.mod(table[:, :3], 1) == 0) & (np.abs(table[:, :3]) < 2**31)
    good = whole.all(axis=1) & np.isfinite(table[:, 3])
    if good.all():
        return
    row = int(np.argmin(good))
    bad = next((x for x in table[row, :3] if not is_whole(x)), None)
    if bad is not None:
        raise format_error(
            path,
            lines[row],
            "integers h k l",
            f"{bad:.12g}",
            "remove reflections with fractional indices, or index them on a larger cell",
        )
    raise format_error(
        path,
        lines[row],
        "a finite amplitude F",
        f"{table[row, 3]:g}",
        "remove the line; reflections that are not listed get the default amplitude",
    )


def _box_error(path: StrPath, lines: list[int], indices: npt.NDArray[np.int64]) -> FormatError:
    """Names the extreme indices and the lines they stand on."""
    extremes = ", ".join(
        f"{name} from {column[low]} (line {lines[low]}) to {column[high]} (line {lines[high]})"
        for name, column in zip("hkl", indices.T, strict=True)
        for low, high in [(int(column.argmin()), int(column.argmax()))]
    )
    return format_error(
        path,
        None,
        f"indices whose box has at most {LARGEST_BOX} entries",
        extremes,
        "check these lines for columns that run together or are in another order",
    )
