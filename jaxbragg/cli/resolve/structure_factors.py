"""Structure factors: from a list, from the program's dump, or one number for all.

Rules: specs/command_line.md CLI-35 to CLI-37.
"""

from datetime import datetime
from pathlib import Path

from jaxbragg.cli.memory import check_box_memory
from jaxbragg.cli.options import DEFAULT_DUMP, Options
from jaxbragg.cli.resolve.crystal import typed_counts
from jaxbragg.cli.resolve.listed import listed_factors
from jaxbragg.config.model import CORRECTED, Model
from jaxbragg.config.structure_factors import StructureFactorConfig
from jaxbragg.errors import ConfigError
from jaxbragg.io.fdump import read_fdump
from jaxbragg.shapes import HostArray

Box = tuple[HostArray, tuple[int, int, int]]


def structure_factor_config(
    options: Options, model: Model, folder: Path
) -> tuple[StructureFactorConfig, list[str]]:
    """The structure factors that options describe.

    Args:
      options: as typed.
      model: only the program's model takes a dump that is lying about.
      folder: where relative file names are looked up.

    Returns:
      The structure factors, and what to tell the user.

    Raises:
      ConfigError: there are none.
      FormatError: a file cannot be read.

    Source: specs/command_line.md CLI-35.
    """
    default_f = options.default_f or 0.0
    box, notes = _box(options, default_f, model, folder)
    if box is None and default_f == 0:
        raise ConfigError(
            "structure factors are needed: give -hkl with a list of h k l F, or -default_F with one "
            "amplitude for all reflections, got neither"
        )
    if box is None and options.interpolate:
        notes.append("-interpolate has no effect without a list of structure factors")
    table, index_min = box or (None, (0, 0, 0))
    factors = StructureFactorConfig(
        table=table,
        index_min=index_min,
        default_f=default_f,
        interpolate=table is not None and _interpolates(options),
    )
    return factors, notes


def _box(options: Options, default_f: float, model: Model, folder: Path) -> tuple[Box | None, list[str]]:
    """Amplitudes and first indices, from the list or else the dump; None without either."""
    if options.hkl_file is not None:
        listed = listed_factors(folder / options.hkl_file)
        check_box_memory(options.hkl_file, listed.shape)
        return (listed.grid(default_f), listed.index_min), []
    if model == CORRECTED:
        if options.dump_file is None:
            return None, []
        dump = read_fdump(folder / options.dump_file)
        return (dump.values, dump.index_min), []
    path = folder / (options.dump_file or DEFAULT_DUMP)
    if not path.exists():
        return None, [] if options.dump_file is None else [f"there is no {path}; -default_F is used instead"]
    dump = read_fdump(path, skip_whitespace=True)
    return (dump.values, dump.index_min), [_stale(path)]


def _stale(path: Path) -> str:
    """Which file is taken instead of a list, and how old it is."""
    written = datetime.fromtimestamp(path.stat().st_mtime).isoformat(sep=" ", timespec="seconds")
    return (
        f"structure factors are taken from {path}, written {written}, as the C program does without -hkl; "
        "give -hkl, or remove the file"
    )


def _interpolates(options: Options) -> bool:
    """Whether to interpolate: as typed, else if the crystal as typed has 2 cells or fewer along an axis.

    Source: specs/command_line.md CLI-36.
    """
    if options.interpolate is not None:
        return options.interpolate
    return min(typed_counts(options)) <= 2
