"""What all text readers share: opening (gzip or plain), numbered lines, numbers, and the error text.

No file format lives here; see the module named after the format. Source: specs/files.md, "Rules for all
readers".
"""

import gzip
import io
import math
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from jaxbragg.errors import FormatError

StrPath: TypeAlias = str | os.PathLike[str]
"""A file name, as text or as a path object."""

LARGEST_FILE = 2**31
"""Files are not read beyond this many bytes, counted after decompression."""

_GZIP_MAGIC = b"\x1f\x8b"
_LEADING_NUMBER = re.compile(
    r"\s*([+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?|nan))", re.IGNORECASE | re.ASCII
)


def format_error(path: StrPath, line: int | None, expected: str, found: str, remedy: str) -> FormatError:
    """Builds the error of a file that is not what it should be.

    Args:
      path: the file.
      line: number of the offending line, counted from 1; None when the whole file is meant.
      expected: what should have been there.
      found: what was there.
      remedy: what the user can do.

    Returns:
      The error, to be raised by the caller; its text is one line.

    Source: specs/files.md, "Rules for all readers".
    """
    place = f"{os.fspath(path)}:{line}" if line is not None else f"{os.fspath(path)}"
    return FormatError(f"{place}: expected {expected}, found {found}; {remedy}")


def quoted(text: str, limit: int = 60) -> str:
    """Text for an error message: quoted on one line, unprintable characters escaped, cut after `limit`."""
    text = text.rstrip("\r\n")
    return repr(text if len(text) <= limit else text[: limit - 3] + "...")


def read_bytes(path: StrPath, *, expand: bool = True) -> bytes:
    """The content of a file, decompressed when it is a gzip file.

    Args:
      path: the file.
      expand: False keeps the bytes of a gzip file as they are.

    Returns:
      The content.

    Raises:
      FormatError: no such file, a folder, not readable, a damaged gzip file, or more than `LARGEST_FILE`.

    Source: specs/files.md, "Rules for all readers".
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        if expand and data.startswith(_GZIP_MAGIC):
            data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(LARGEST_FILE + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise format_error(
            path, None, "a complete gzip file", f"a damaged one ({error})", "make or copy it again"
        ) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise format_error(
            path, None, "a readable file", f"none ({reason})", "check the name and the permissions"
        ) from error
    if len(data) > LARGEST_FILE:
        raise format_error(
            path, None, f"at most {LARGEST_FILE} bytes", "more", "check that this is the file you meant"
        )
    return data


def read_text(path: StrPath) -> str:
    r"""The text of a plain or gzip file, with every kind of line end turned into `\n`.

    Bytes that are not UTF-8 become U+FFFD, so that comments in any encoding do no harm; a byte order mark
    is dropped.

    Args:
      path: the file.

    Returns:
      The text.

    Raises:
      FormatError: as for `read_bytes`.

    Source: specs/files.md, "Rules for all readers".
    """
    text = read_bytes(path).decode("utf-8-sig", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    r"""The lines of a text with their numbers, counted from 1; only `\n` ends a line."""
    return enumerate(text.split("\n"), start=1)


def number(word: str) -> float | None:
    """The real number that a whole word spells in ASCII, or None when it spells none."""
    if "_" in word or not word.isascii():
        return None
    try:
        return float(word)
    except ValueError:
        return None


def leading_number(text: str) -> float:
    """The number at the beginning of a text, as C's atof finds it: leading space skipped, 0 if there is none.

    Hexadecimal numbers are not recognised.
    """
    match = _LEADING_NUMBER.match(text)
    return float(match.group(1)) if match else 0.0


def general(value: float) -> str:
    """A real number as C's `%g` prints it: six digits, and the sign of -0 and of a negative nan."""
    if math.isnan(value):
        return "-nan" if math.copysign(1.0, value) < 0 else "nan"
    return f"{value:g}"


def is_whole(value: float) -> bool:
    """Whether a number is a finite integer that fits into 32 bits with its sign."""
    return math.isfinite(value) and value == int(value) and -(2**31) <= value < 2**31
