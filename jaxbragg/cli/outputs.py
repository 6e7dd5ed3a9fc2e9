"""Which files a run writes, and whether they can be written; decided before anything is computed.

Rules: specs/command_line.md CLI-46.
"""

import contextlib
import importlib.util
import os
import warnings
from dataclasses import dataclass, fields
from pathlib import Path

from jaxbragg.cli.options import DEFAULT_DUMP, Options
from jaxbragg.errors import JaxbraggError, JaxbraggWarning
from jaxbragg.io.atomic import replace_file


@dataclass(frozen=True)
class Outputs:
    """Names of the files to write, in the order of writing; None for those that are not wanted.

    Attributes:
      dump: the structure factors, for later runs.
      float: photons per pixel, raw 32-bit reals.
      int: photons times a scale, SMV.
      pgm: grey levels.
      npy: photons per pixel as NumPy writes it.
      png: preview with resolution rings.
      noise: photons with counting noise, SMV.
    """

    dump: str | None = None
    float: str | None = None
    int: str | None = None
    pgm: str | None = None
    npy: str | None = None
    png: str | None = None
    noise: str | None = None

    def named(self) -> dict[str, str]:
        """The wanted files by their kind."""
        names = {field.name: getattr(self, field.name) for field in fields(self)}
        return {kind: name for kind, name in names.items() if name is not None}


def planned_outputs(options: Options, model: str) -> Outputs:
    """The files that a command line asks for.

    The program's model writes what the program writes: everything that is not switched off. The corrected
    one writes the noise image, the PGM picture and the dump only when an option speaks of them.

    Args:
      options: one command line, as typed.
      model: "corrected" or "nanobragg".

    Source: specs/command_line.md CLI-46.
    """
    unasked = model == "nanobragg"
    noise = options.write_noise is not False and (unasked or options.write_noise or options.seed is not None)
    pgm = unasked if options.write_pgm is None else options.write_pgm
    dump = options.hkl_file is not None and (unasked or options.dump_file is not None)
    return Outputs(
        dump=(options.dump_file or DEFAULT_DUMP) if dump else None,
        float=options.float_file or "floatimage.bin",
        int=options.int_file or "intimage.img",
        pgm=(options.pgm_file or "image.pgm") if pgm else None,
        noise=(options.noise_file or "noiseimage.img") if noise else None,
        png=options.png_file,
        npy=options.npy_file,
    )


class _Probe(Exception):
    """Ends the writing of a file that is not wanted."""


def check_outputs(outputs: Outputs) -> None:
    """Refuse names that cannot be written; warn about one name for two files.

    Raises:
      JaxbraggError: one of the files cannot be written; the text says why.

    Warns:
      JaxbraggWarning: two files have the same name.

    Source: specs/command_line.md CLI-46.
    """
    names = outputs.named()
    seen: dict[str, str] = {}
    for kind, name in names.items():
        if kind != "dump":
            _check(name)
        path = name if "\0" in name else os.path.realpath(name)
        if path in seen and _is_plain(name):
            warnings.warn(
                f"{name} is both the {seen[path]} and the {kind} file; the second replaces the first",
                JaxbraggWarning,
                stacklevel=2,
            )
        seen[path] = kind
    if outputs.png is not None and importlib.util.find_spec("PIL") is None:
        raise JaxbraggError('PNG previews need Pillow; run: pip install "jaxbragg[plot]"')


def _check(name: str) -> None:
    """Start to write a file, and give up."""
    if _is_plain(name):
        with contextlib.suppress(_Probe), replace_file(name):
            raise _Probe


def _is_plain(name: str) -> bool:
    """Whether the name is that of a file to be, not of a device or pipe, where starting would show."""
    try:
        path = Path(name)
        return not path.exists() or path.is_file() or path.is_dir()
    except (OSError, ValueError):
        return True
