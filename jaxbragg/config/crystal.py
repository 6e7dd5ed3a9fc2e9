"""The crystal: cell, orientation, size, spot shape and mosaicity.

The constructor draws the mosaic domains with the reference program's random numbers; afterwards the draws are
leaves, so that a changed spread turns the same domains further.
"""

import warnings
from dataclasses import InitVar

import numpy as np

from jaxbragg.config.checks import finite, not_negative, positive, unit_vectors
from jaxbragg.config.choices import Shape, as_choice
from jaxbragg.config.step_rules import mosaic_domains as domains_by_rule
from jaxbragg.config.tree import config, convert_and_check, is_concrete, leaf, static
from jaxbragg.errors import ConfigError, JaxbraggWarning
from jaxbragg.sampling.c_draws import mosaic_draws
from jaxbragg.sampling.c_random import CRandom
from jaxbragg.shapes import HostArray, Leaf

DEFAULT_MOSAIC_SEED = 12345678
"""Seed of the mosaic domains when none is given; the reference program's."""


@config
class CrystalConfig:
    """What diffracts.

    Attributes:
      cell: edges a, b, c in Å and angles alpha, beta, gamma in degrees, (6,).
      matrix: orientation matrix as MOSFLM writes it: columns a*, b*, c* times the wavelength in Å,
        dimensionless, (3, 3). With a cell too, the cell gives the lengths and the matrix the directions.
      misset: rotation about the laboratory x, then y, then z axis, applied to the reciprocal vectors,
        degrees, (3,).
      n_cells: unit cells along a, b and c in one mosaic block, dimensionless, (3,); below 1 counts as 1.
      sample_size: edges along a, b and c, mm, (3,); where positive it replaces `n_cells`.
      shape: shape of the block, hence of every spot.
      fudge: factor on the squared spot radius of the ROUND, GAUSS and TOPHAT shapes, dimensionless.
      mosaic_spread: largest rotation of a mosaic domain, degrees.
      mosaic_axes: rotation axis of every domain, unit vectors, (n, 3).
      mosaic_fractions: rotation of every domain as a fraction of the spread, (n,).

    The constructor also takes `mosaic_domains` and `mosaic_seed` (integers) and draws axes and fractions.
    """

    cell: Leaf = leaf(None, shape=(6,), unit="Å, degrees", check=positive("edges in Å, angles in degrees"))
    matrix: Leaf = leaf(None, shape=(3, 3), check=finite())
    misset: Leaf = leaf((0.0, 0.0, 0.0), shape=(3,), unit="degrees", check=finite())
    n_cells: Leaf = leaf((1.0, 1.0, 1.0), shape=(3,), unit="cells", check=finite())
    sample_size: Leaf = leaf((0.0, 0.0, 0.0), shape=(3,), unit="mm", check=not_negative())
    shape: Shape = static(Shape.SQUARE)
    fudge: Leaf = leaf(1.0, check=finite())
    mosaic_spread: Leaf = leaf(0.0, unit="degrees", check=not_negative())
    mosaic_axes: Leaf = leaf(None, shape=(None, 3), check=unit_vectors)
    mosaic_fractions: Leaf = leaf(None, shape=(None,), check=finite())
    mosaic_domains: InitVar[int | None] = None
    mosaic_seed: InitVar[int | None] = None

    def __post_init__(self, mosaic_domains: int | None, mosaic_seed: int | None) -> None:
        object.__setattr__(self, "shape", as_choice(Shape, "shape", self.shape))
        if (self.mosaic_axes is None) != (self.mosaic_fractions is None):
            raise ConfigError(
                "give both or neither of `mosaic_axes` and `mosaic_fractions`; without them they are drawn"
            )
        if mosaic_domains is not None or mosaic_seed is not None or self.mosaic_axes is None:
            _draw_domains(self, mosaic_domains, mosaic_seed)
        convert_and_check(self)
        _check_lattice(self)
        if len(self.mosaic_axes) != len(self.mosaic_fractions):
            raise ConfigError(
                "every mosaic domain needs an axis and a fraction, got "
                f"{len(self.mosaic_axes)} and {len(self.mosaic_fractions)}"
            )
        _warn_of_idle_spread(self)


def _draw_domains(crystal: CrystalConfig, count: int | None, seed: int | None) -> None:
    spread = float(crystal.mosaic_spread) if is_concrete(crystal.mosaic_spread) else None
    n = count if count is not None else domains_by_rule(None, 1.0 if spread is None else spread)
    if n < 1:
        raise ConfigError(f"`mosaic_domains` must be at least 1, got {n}")
    stream = -(DEFAULT_MOSAIC_SEED if seed is None else seed)
    axes, fractions, _ = mosaic_draws(CRandom(), stream, n, np.radians(spread or 0.0))
    object.__setattr__(crystal, "mosaic_axes", axes)
    object.__setattr__(crystal, "mosaic_fractions", fractions)


def _warn_of_idle_spread(crystal: CrystalConfig) -> None:
    values = (crystal.mosaic_spread, crystal.mosaic_fractions)
    if (
        all(is_concrete(v) for v in values)
        and np.any(crystal.mosaic_spread)
        and not np.any(crystal.mosaic_fractions)
    ):
        warnings.warn(
            "`mosaic_spread` has no effect: no mosaic domain is turned; give `mosaic_domains`",
            JaxbraggWarning,
            stacklevel=4,
        )


def _check_angles(angles: HostArray) -> None:
    half_sum = np.sum(angles) / 2
    if not (np.all(angles < 180) and half_sum < 180 and np.all(half_sum > angles)):
        raise ConfigError(
            "cell angles must meet in a corner: each below 180 degrees and below the sum of the other two, "
            f"together below 360, got {' '.join(f'{x:g}' for x in angles)}; check the order alpha beta gamma"
        )


def _check_lattice(crystal: CrystalConfig) -> None:
    if crystal.cell is None and crystal.matrix is None:
        raise ConfigError(
            "a crystal needs a `cell` (a, b, c in Å, alpha, beta, gamma in degrees) or an orientation "
            "`matrix`, got neither"
        )
    if crystal.cell is not None and is_concrete(crystal.cell):
        _check_angles(np.asarray(crystal.cell)[3:])
    if crystal.matrix is not None and is_concrete(crystal.matrix):
        matrix = np.asarray(crystal.matrix)
        if np.linalg.matrix_rank(matrix) < 3:
            raise ConfigError(
                f"`matrix` must have three independent columns a*, b*, c*, got {matrix.tolist()}"
            )
