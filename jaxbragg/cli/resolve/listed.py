"""The structure factor list of a command line, read once although it is checked before it is used."""

import functools
from pathlib import Path

from jaxbragg.io.hkl import HklTable, read_hkl


def listed_factors(path: Path) -> HklTable:
    """The reflections of a file; the last file is remembered as long as it does not change.

    Args:
      path: the file.

    Raises:
      FormatError: it cannot be read.
    """
    if not path.is_file():
        return read_hkl(path)
    state = path.stat()
    return _read(path, state.st_mtime_ns, state.st_size, state.st_ino)


@functools.lru_cache(maxsize=1)
def _read(path: Path, changed: int, size: int, number: int) -> HklTable:
    """Read a file; the rest of the arguments tells its versions apart."""
    return read_hkl(path)
