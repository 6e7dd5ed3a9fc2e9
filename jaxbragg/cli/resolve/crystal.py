"""The crystal: cell, orientation, size, shape and mosaic domains.

Rules: specs/command_line.md CLI-32 to CLI-34.
"""

import math
import time
from pathlib import Path

from jaxbragg.cli.options import Options
from jaxbragg.config.choices import Shape
from jaxbragg.config.crystal import DEFAULT_MOSAIC_SEED, CrystalConfig
from jaxbragg.config.step_rules import mosaic_domains
from jaxbragg.errors import ConfigError
from jaxbragg.io.mosflm import read_matrix
from jaxbragg.sampling.c_draws import mosaic_draws, random_misset
from jaxbragg.sampling.c_random import CRandom
from jaxbragg.shapes import HostArray

DEGREES_PER_RADIAN = 180.0 / math.pi
"""Divided by, as the program does, so that the last digit agrees."""


def crystal_config(options: Options, folder: Path) -> CrystalConfig:
    """The crystal that options describe.

    One generator makes the random orientation, then the mosaic domains, as in the program: a negative mosaic
    seed continues where the orientation stopped.

    Args:
      options: as typed, headers included.
      folder: where relative file names are looked up.

    Raises:
      ConfigError: there is neither cell nor matrix, or the numbers make no sense.
      FormatError: the matrix cannot be read.

    Source: specs/command_line.md CLI-32 to CLI-34.
    """
    if options.cell is None and options.matrix_file is None:
        raise ConfigError(
            "a unit cell is needed: give -cell with a b c in Å and angles in degrees, or -mat with an "
            "orientation matrix, got neither"
        )
    random = CRandom()
    misset = _misset(options, random)
    spread = max(options.mosaic_spread or 0.0, 0.0)
    axes, fractions = _mosaic(options, spread, random)
    return CrystalConfig(
        cell=None if options.cell is None else whole_cell(options.cell),
        matrix=None if options.matrix_file is None else read_matrix(folder / options.matrix_file),
        misset=misset,
        n_cells=tuple(float(max(n, 1)) for n in typed_counts(options)),
        sample_size=(options.sample_x or 0.0, options.sample_y or 0.0, options.sample_z or 0.0),
        shape=Shape(options.shape or "square"),
        fudge=1.0 if options.fudge is None else options.fudge,
        mosaic_spread=spread,
        mosaic_axes=axes,
        mosaic_fractions=fractions,
    )


def used_generator(options: Options) -> CRandom:
    """The generator as orientation and domains leave it; noise with a negative seed continues from there.

    Args:
      options: as typed.

    Source: specs/command_line.md CLI-32.
    """
    random = CRandom()
    _misset(options, random)
    _mosaic(options, max(options.mosaic_spread or 0.0, 0.0), random)
    return random


def whole_cell(typed: tuple[float, ...]) -> tuple[float, ...]:
    """All six numbers of a cell: b and c that are missing, zero or negative are a, such angles are 90.

    Args:
      typed: one to six numbers, Å and degrees.

    Source: specs/command_line.md CLI-33.
    """
    a = typed[0]
    defaults = (a, a, a, 90.0, 90.0, 90.0)
    given = (*typed, *(0.0,) * 6)[1:6]
    return (a, *(other if x <= 0 else x for x, other in zip(given, defaults[1:], strict=True)))


def typed_counts(options: Options) -> tuple[int, int, int]:
    """Cells along a, b and c as typed, 1 without."""
    na, nb, nc = (1 if n is None else n for n in (options.na, options.nb, options.nc))
    return na, nb, nc


def _misset(options: Options, random: CRandom) -> HostArray | tuple[float, ...]:
    """Missetting angles, degrees; a random one without a seed is another one every second."""
    if options.misset != "random":
        return options.misset or (0.0, 0.0, 0.0)
    seed = int(time.time()) if options.misset_seed is None else options.misset_seed
    angles, _ = random_misset(random, -seed)
    return angles


def _mosaic(options: Options, spread: float, random: CRandom) -> tuple[HostArray, HostArray]:
    """Axis and relative angle of every domain; the draws are made even for a single one."""
    if spread > 360.0:
        raise ConfigError(f"-mosaic must be at most 360 degrees, got {spread:g}; it is the largest rotation")
    seed = DEFAULT_MOSAIC_SEED if options.mosaic_seed is None else options.mosaic_seed
    count = mosaic_domains(options.mosaic_domains, spread)
    axes, fractions, _ = mosaic_draws(random, -seed, count, spread / DEGREES_PER_RADIAN)
    return axes, fractions
