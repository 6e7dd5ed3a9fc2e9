"""The files that a command line names, looked at before JAX is started: a wrong one is reported at once.

The resolver reads them again, except the structure factors; large ones are only opened here. Rules:
specs/command_line.md CLI-45.
"""

from collections.abc import Callable
from pathlib import Path

from jaxbragg.cli.options import Options
from jaxbragg.cli.resolve.listed import listed_factors
from jaxbragg.io.fdump import read_fdump
from jaxbragg.io.mosflm import read_matrix
from jaxbragg.io.smv import read_smv
from jaxbragg.io.sources import read_sources
from jaxbragg.io.text import read_bytes

SMALL = 1_000_000
"""Files of up to this many bytes are read completely."""


def check_inputs(options: Options, model: str) -> None:
    """Refuse files that are missing or malformed.

    Args:
      options: one command line, as typed.
      model: "corrected" or "nanobragg".

    Raises:
      FormatError: a file cannot be read; the text names it.

    Source: specs/command_line.md CLI-45.
    """

    def source_list(path: Path) -> object:
        return read_sources(path, lenient=model != "corrected")

    _check(options.mask_file, read_smv)
    _check(options.img_file, read_smv)
    _check(options.matrix_file, read_matrix)
    _check(options.hkl_file, listed_factors, at_most=None)
    _check(options.source_file, source_list)
    _check(options.stol_file, _nothing)
    if options.hkl_file is None and options.dump_file is not None and model == "corrected":
        _check(options.dump_file, read_fdump)


def _nothing(path: Path) -> None:
    """The content does not matter."""


def _check(name: str | None, read: Callable[[Path], object], at_most: int | None = SMALL) -> None:
    """Read a file, or only open a large one; pipes can be read only once and are left alone."""
    if name is None:
        return
    path = Path(name)
    if not path.is_file():
        if not path.exists() or path.is_dir():
            read_bytes(path)  # says what is wrong
        return
    if at_most is not None and path.stat().st_size > at_most:
        with path.open("rb"):
            return
    read_bytes(path, expand=False)
    read(path)
