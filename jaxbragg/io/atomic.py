"""Files that appear complete or not at all: written under a temporary name, then renamed.

All writers of this package go through `replace_file`. Source: specs/files.md FILE-12.
"""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from jaxbragg.errors import JaxbraggError
from jaxbragg.io.text import StrPath


@contextlib.contextmanager
def replace_file(path: StrPath) -> Iterator[BinaryIO]:
    """Opens a file for writing that takes its name only when the block ends without an error.

    A reader sees the old content or the new one, never half of it. Links are followed; what is not a regular
    file (`/dev/null`, a pipe) is written directly.

    Args:
      path: the name that the file shall get.

    Yields:
      The binary file to write into.

    Raises:
      JaxbraggError: the path is a folder, its folder does not exist, or it cannot be written; one line
        with path and remedy. The temporary file is removed.

    Source: specs/files.md FILE-12.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if target.exists() and not target.is_file():
            with target.open("wb") as file:
                yield file
        else:
            with _temporary(target) as file:
                yield file
    except (OSError, ValueError) as error:
        if isinstance(error, ValueError) and "null byte" not in str(error):
            raise
        raise JaxbraggError(f"cannot write {_shown(path)}: {_reason(error)}") from error


@contextlib.contextmanager
def _temporary(target: Path) -> Iterator[BinaryIO]:
    """A new file beside the target that is renamed at the end, or removed after an error."""
    temporary = target.with_name(f".{target.name[:200]}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _shown(path: StrPath) -> str:
    """The path on one line."""
    return os.fspath(path).encode("unicode_escape", "backslashreplace").decode("ascii")


def _reason(error: Exception) -> str:
    """What went wrong, and the remedy."""
    number = error.errno if isinstance(error, OSError) else None
    known = {
        errno.EISDIR: "it is a folder; give the name of a file",
        errno.ENOENT: "its folder does not exist; create the folder or choose another one",
        errno.ENOTDIR: "a part of its path is a file; choose another folder",
        errno.EACCES: "permission denied; choose a folder you may write to",
        errno.EPERM: "permission denied; choose a folder you may write to",
        errno.EROFS: "the file system is read-only; choose another folder",
        errno.ENOSPC: "the disk is full; free some space or choose another folder",
        errno.EDQUOT: "your disk quota is used up; free some space or choose another folder",
        errno.EFBIG: "larger than files may be here (ulimit -f); raise the limit",
        errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    }
    return known.get(number or 0, f"{error}; choose another name")
