"""A folder of compiled programs, found by what they were made from.

Holds files, names and checks; which functions are kept stands in ``kept_jit.py``. Whatever cannot be read or
written is as if it were not there. Rules: specs/command_line.md CLI-54.
"""

import hashlib
import os
import pickle
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.experimental import serialize_executable

from jaxbragg.errors import JaxbraggError
from jaxbragg.io.atomic import replace_file

MOST_FILES = 100
"""Files in the folder; when there are more, those that were used last stay."""

_DIGEST = 32
"""Bytes of the checksum in front of every file."""


class Shelf:
    """A folder of compiled programs.

    Args:
      folder: made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._source = _source()
        self._ahead: dict[str, Future[Any]] = {}
        self._reader = ThreadPoolExecutor(1)
        folder.mkdir(parents=True, exist_ok=True)

    def read_ahead(self) -> None:
        """Begin to read the programs that each function used last; a core is free while Python imports."""
        latest = {name.partition("-")[0]: name for name in _by_use(self._folder)}
        for name in sorted(latest.values(), key=lambda name: (self._folder / name).stat().st_mtime_ns):
            self._ahead[name] = self._reader.submit(_read, self._folder / name)

    def name(self, function: str, types: bytes) -> str:
        """Name of the file of a program."""
        digest = hashlib.sha256(self._source + function.encode() + b"\0" + types)
        return f"{function}-{digest.hexdigest()[:32]}.program"

    def get(self, name: str) -> Any:
        """A program, or None; it counts as used."""
        try:
            os.utime(self._folder / name)
            ahead = self._ahead.get(name)
            if ahead is None or ahead.cancel():  # not begun: others wait in front of it
                return _read(self._folder / name)
            return ahead.result()
        except Exception:  # of whatever kind, of JAX or of the file: the program is compiled anew
            return None

    def put(self, name: str, program: jax.stages.Compiled) -> None:
        """Keep a program, if that is possible."""
        try:
            content = pickle.dumps(serialize_executable.serialize(program))
        except Exception:  # not all programs can be kept, and JAX has many ways to say so
            return
        try:
            with replace_file(self._folder / name) as file:
                file.write(hashlib.sha256(content).digest() + content)
            for old in _by_use(self._folder)[:-MOST_FILES]:
                (self._folder / old).unlink(missing_ok=True)
        except (JaxbraggError, OSError):
            return


def _source() -> bytes:
    """Digest of everything else that decides what is compiled: this package, JAX and its settings."""
    package = Path(__file__).parent
    versions = sys.version, jax.__version__, version("jaxlib"), np.__version__
    digest = hashlib.sha256(repr(versions).encode())
    settings = sorted(item for item in os.environ.items() if item[0].startswith(("JAX_", "XLA_")))
    digest.update(repr(settings).encode())
    for path in sorted(package.rglob("*.py")):
        digest.update(os.fsencode(path.relative_to(package)) + b"\0" + path.read_bytes())
    return digest.digest()


def _by_use(folder: Path) -> list[str]:
    """Names of the programs in a folder, those used last at the end."""
    with os.scandir(folder) as entries:
        programs = [entry for entry in entries if entry.name.endswith(".program")]
    return [entry.name for entry in sorted(programs, key=lambda entry: entry.stat().st_mtime_ns)]


def _read(path: Path) -> Any:
    """A program from its file."""
    whole = path.read_bytes()
    digest, content = whole[:_DIGEST], whole[_DIGEST:]
    if hashlib.sha256(content).digest() != digest:
        raise ValueError(f"{path} is damaged")
    return serialize_executable.deserialize_and_load(*pickle.loads(content))
