"""From experiments and measurements to a fit that can begin: checked, estimated, stacked."""

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np

from jaxbragg.config.experiment import Experiment
from jaxbragg.errors import ConfigError
from jaxbragg.refine.arrow import Vector
from jaxbragg.refine.fit import Fit
from jaxbragg.refine.group import Group
from jaxbragg.refine.measurement import Measurement
from jaxbragg.refine.objectives import Objective
from jaxbragg.refine.orientation import with_cell_and_misset
from jaxbragg.refine.photon_parameters import Background, Scale
from jaxbragg.refine.pixels import Region, chosen_pixels, filled_up, without_choice_of_pixels
from jaxbragg.refine.problem import Problem, make_problem
from jaxbragg.refine.shells import by_resolution
from jaxbragg.refine.shot import Pixels, Shot, stacked, with_leaves_of
from jaxbragg.refine.sums import PIXELS_PER_SUM, Batch, Layout
from jaxbragg.refine.surface import number_of_terms
from jaxbragg.shapes import HostArray


def begin(
    experiments: Sequence[Experiment],
    measurements: Sequence[Measurement],
    groups: Sequence[Group],
    *,
    objective: Objective,
    regions: Sequence[Sequence[Region] | None],
    precision: str,
    at_once: int,
) -> tuple[Fit, list[Pixels]]:
    """A fit at its start, of which nothing has been simulated yet, and the pixels of each shot.

    Raises:
      ConfigError: data and experiments do not fit each other.
    """
    pixels: list[Pixels] = []
    shots: list[Shot] = []
    for experiment, measurement, rectangles in zip(experiments, measurements, regions, strict=True):
        with _told_of_shot(len(shots), of=len(experiments)):
            chosen = chosen_pixels(experiment, measurement, rectangles)
            objective.check(chosen)
            shot = _first_shot(experiment, chosen, groups, rectangles)
        pixels.append(chosen)
        shots.append(with_leaves_of(shots[0], shot) if shots else shot)
    problem = make_problem(groups, shots[0], objective, precision)
    together, differs = _stacked(shots)
    layout = Layout(problem, differs, math.gcd(at_once, len(shots)))
    ordered = [by_resolution(shot, one) for shot, one in zip(shots, pixels, strict=True)]
    return Fit(layout, Batch(together, tiled(ordered)), shots, _start(problem, shots)), pixels


def checked_start(fit: Fit, groups: Sequence[Group], pixels: Sequence[Pixels]) -> Fit:
    """The fit with the scales that are to be estimated.

    Args:
      fit, pixels: from `begin`.
      groups: what is refined.

    Raises:
      ConfigError: the start is impossible.
    """
    if _wants_scale(groups):
        fit = _with_scales(fit, pixels)
    _check_start(fit)
    return fit


@contextlib.contextmanager
def _told_of_shot(number: int, of: int) -> Iterator[None]:
    """Name the shot in what is wrong with it, where there are several."""
    try:
        yield
    except ConfigError as error:
        raise error if of == 1 else ConfigError(f"shot {number}: {error}") from None


def _first_shot(
    experiment: Experiment, pixels: Pixels, groups: Sequence[Group], rectangles: Sequence[Region] | None
) -> Shot:
    """The start of a shot; a scale that is to be estimated is 1."""
    bare = without_choice_of_pixels(with_cell_and_misset(experiment))
    bare = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), bare)
    surface = _first_surface(pixels, groups, 1 if rectangles is None else len(rectangles))
    given = [group.initial for group in groups if isinstance(group, Scale) and group.initial is not None]
    return Shot(bare, np.float64(given[0] if given else 1.0), surface)


def _first_surface(pixels: Pixels, groups: Sequence[Group], regions: int) -> HostArray:
    """Background coefficients: constants that are given, or the median of each region."""
    backgrounds = [group for group in groups if isinstance(group, Background)]
    if not backgrounds:
        return np.zeros((regions, 1))
    surface = np.zeros((regions, number_of_terms(backgrounds[0].order)))
    given = backgrounds[0].initial
    for region in range(regions):
        inside = pixels.photons[pixels.region == region]
        surface[region, 0] = given if given is not None else _typical_level(inside)
    return surface


def _typical_level(photons: HostArray) -> float:
    """The median; where that is not positive the mean; where nothing was counted one photon in all."""
    if photons.size == 0:
        return 1.0
    level = float(np.median(photons))
    return level if level > 0 else max(float(np.mean(photons)), 1.0 / photons.size)


def _wants_scale(groups: Sequence[Group]) -> bool:
    return any(isinstance(group, Scale) and group.initial is None for group in groups)


def _with_scales(fit: Fit, pixels: Sequence[Pixels]) -> Fit:
    """The fit with the scales that make the sum of all photons of each shot right.

    Raises:
      ConfigError: there are no simulated photons.
    """
    simulated = fit.simulated(fit.start)
    if not np.all(simulated > 0):
        raise ConfigError(
            f"the simulated image of shot {int(np.argmin(simulated > 0))} is zero in all pixels that are "
            "compared, so no scale can be found; check structure factors, resolution limit and regions"
        )
    shots = [
        shot._replace(scale=np.float64(_excess(shot, one) / total))
        for shot, one, total in zip(fit.shots, pixels, simulated, strict=True)
    ]
    together, _ = _stacked(shots)
    return Fit(fit.layout, Batch(together, fit.batch.pixels), shots, _start(fit.problem, shots))


def _excess(shot: Shot, pixels: Pixels) -> float:
    """Photons above the background; at least one, and at least a hundredth of all."""
    background = shot.surface[pixels.region, 0]
    above, total = np.sum(pixels.photons - background), np.sum(np.abs(pixels.photons))
    return float(max(above, 0.01 * total, 1.0))


def _stacked(shots: list[Shot]) -> tuple[Shot, tuple[bool, ...]]:
    """Shots as one; they differ in numbers only."""
    if len({jax.tree.structure(shot) for shot in shots}) > 1 or len({_shapes(shot) for shot in shots}) > 1:
        raise ConfigError(
            "shots that are refined together may differ in numbers only, not in their numbers of pixels, "
            "domains, regions or other choices; refine them apart, or make them alike"
        )
    return stacked(shots)


def _shapes(shot: Shot) -> tuple[Any, ...]:
    return tuple(np.shape(leaf) for leaf in jax.tree.leaves(shot))


STRIDE = 512
"""Pixels that a tile grows by."""


def tiled(pixels: Sequence[Pixels]) -> Pixels:
    """Lists of pixels as arrays (shots, tiles, n), filled up with unused pixels.

    n is a multiple of `STRIDE`, so that masks and regions that differ a little share one compiled program.
    """
    most = max(len(one.slow) for one in pixels)
    tiles = -(-most // PIXELS_PER_SUM)
    size = -(-most // (tiles * STRIDE)) * STRIDE
    full = [filled_up(one, tiles * size) for one in pixels]
    return Pixels(*(np.stack(parts).reshape(len(full), tiles, size) for parts in zip(*full, strict=True)))


def _start(problem: Problem, shots: list[Shot]) -> Vector:
    """Free numbers that leave all shots as they are.

    Raises:
      ConfigError: a shared parameter starts differently in different shots.
    """
    starts = np.stack([problem.start(shot) for shot in shots])
    n = problem.n_local
    differ = np.any(starts[:, n:] != starts[0, n:], axis=0)
    if np.any(differ):
        label = problem.labels(shots[0])[n:][int(np.argmax(differ))]
        raise ConfigError(f"`{label}` is shared but starts differently in different shots; give all the same")
    return Vector(starts[:, :n], starts[0, n:])


def _check_start(fit: Fit) -> None:
    """Refuse a start that the data make impossible."""
    value = fit.value(fit.start)
    if np.isfinite(value.objective):
        return
    shot = int(np.argmax(~np.isfinite(value.shots)))
    raise ConfigError(
        f"the model of shot {shot} has pixels without any expected photon, which no data can be compared "
        "with; refine a `background`, or give the experiment one (water)"
    )
