"""Column text: the line and word rules that the source file and the stol table share.

Two readings of the same text: `lenient_rows` is what the reference program makes of it, oddities included;
`strict_rows` is ours, which knows comments and refuses what it does not understand.
"""

import math
import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from jaxbragg.io.text import (
    StrPath,
    format_error,
    leading_number,
    number,
    numbered_lines,
    quoted,
    read_bytes,
    read_text,
)

_DELIMITERS = " \t,;:!"
_NUMBER_CHARACTERS = "0123456789-+.EGeg"
_LONGEST_LINE = 10239
_WORD_BREAK = re.compile(r"[\s,;:!]+")
_COMMENT_MARKS = ("#", "!", ";")


def lenient_rows(path: StrPath, n_columns: int) -> npt.NDArray[np.float64]:
    r"""Reads column text as the reference program does.

    Columns are missing only when the line ends in exactly `\n` after its last word; otherwise they are 0.
    Comments are rows of zeros. Hexadecimal numbers are not recognised.

    Args:
      path: the file.
      n_columns: number of columns to use; the rest of a line is ignored.

    Returns:
      Values, NaN where missing, float64, (n, n_columns); n may be 0.

    Raises:
      FormatError: the file cannot be read.

    Source: specs/files.md FILE-4.
    """
    rows = [_lenient_row(line, n_columns) for line in _c_lines(read_bytes(path).decode("latin-1"))]
    return np.array(rows, dtype=np.float64).reshape(-1, n_columns)


def strict_rows(path: StrPath, names: tuple[str, ...]) -> Iterator[tuple[int, list[float]]]:
    """Reads column text with comments, any line end, and no guessing.

    Args:
      path: the file; columns separated by white space or any of `, ; : !`; empty lines, lines that begin
        with `#`, `!` or `;`, and everything after a `#` are skipped.
      names: names of the columns, for the error text.

    Yields:
      Line number and as many values as there are names, NaN where the line is too short or says nan.

    Raises:
      FormatError: the file cannot be read, or a word in these columns is text or infinite.

    Source: specs/files.md FILE-4.
    """
    for line_number, line in numbered_lines(read_text(path)):
        if line.lstrip().startswith(_COMMENT_MARKS):
            continue
        words = [word for word in _WORD_BREAK.split(line.partition("#")[0]) if word][: len(names)]
        if not words:
            continue
        values = [math.nan] * len(names)
        for column, word in enumerate(words):
            value = number(word)
            if value is None or math.isinf(value):
                raise format_error(
                    path,
                    line_number,
                    f"a number in column {column + 1}, {names[column]}",
                    f"{quoted(word, 30)} in {quoted(line)}",
                    "start comment lines with #, and write nan for a value you do not know",
                )
            values[column] = value
        yield line_number, values


def _c_lines(text: str) -> Iterator[str]:
    r"""Lines as C's fgets delivers them, with `\n`, cut at 10239 characters and at a NUL; no empty ones."""
    for whole in re.findall(r"[^\n]*\n|[^\n]+", text):
        for start in range(0, len(whole), _LONGEST_LINE):
            line = whole[start : start + _LONGEST_LINE].partition("\0")[0]
            if line.lstrip(_DELIMITERS) != "\n":
                yield line


def _lenient_row(line: str, n_columns: int) -> list[float]:
    """One record: convert, skip what looks like a number, skip to the next word; stop at a bare line end."""
    values = [math.nan] * n_columns
    rest = line.lstrip(_DELIMITERS)
    for column in range(n_columns):
        values[column] = leading_number(rest)
        rest = rest.lstrip(_NUMBER_CHARACTERS)
        if rest == "\n":
            break
        rest = rest[_word_length(rest) :].lstrip(_DELIMITERS)
        if rest == "\n":
            break
    return values


def _word_length(text: str) -> int:
    """Number of characters before the next delimiter."""
    return next((i for i, character in enumerate(text) if character in _DELIMITERS), len(text))
