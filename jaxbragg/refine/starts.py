"""Several starts for the orientation: try rotations around the given one, and keep what fits best."""

from dataclasses import dataclass

import numpy as np

from jaxbragg.errors import ConfigError
from jaxbragg.refine.arrow import Vector
from jaxbragg.refine.fit import Fit
from jaxbragg.refine.marquardt import marquardt
from jaxbragg.refine.parameters import Orientation
from jaxbragg.refine.problem import Problem
from jaxbragg.refine.steps import Active, Progress
from jaxbragg.shapes import HostArray


@dataclass(frozen=True)
class Starts:
    """Orientations to begin with.

    Attributes:
      radius: largest rotation from the given orientation, degrees.
      tries: number of orientations, the given one included.
      kept: how many of them, the best of each shot, are refined a little before one is chosen.
      seed: of the random rotations.
    """

    radius: float
    tries: int = 50
    kept: int = 3
    seed: int = 1

    def __post_init__(self) -> None:
        if not (self.radius > 0 and 1 <= self.kept <= self.tries):
            raise ConfigError(
                "orientation starts need a positive radius and at least as many tries as kept ones, got "
                f"radius {self.radius:g}, {self.tries} tries, {self.kept} kept"
            )


STEPS = 4
"""Steps of orientation, scale and background that decide between the kept starts."""


def best_start(fit: Fit, at: Vector, starts: Starts) -> Vector:
    """The start with the orientation of each shot that fits best.

    Args:
      fit: data and priors; refines the orientation of each shot.
      at: start of everything else.
      starts: which orientations.

    Raises:
      ConfigError: the orientation is not among the parameters of each shot.

    Source: specs/refinement.md REF-17.
    """
    columns = _orientation_columns(fit.problem)
    turns = rotations(starts)

    def turned(turn: HostArray) -> Vector:
        local = at.local.copy()
        local[:, columns] += turn
        return at._replace(local=local)

    tried = np.stack([fit.value(turned(turn)).shots for turn in turns])
    order = np.argsort(tried, axis=0, kind="stable")
    candidates = [turned(turns[order[rank]]) for rank in range(starts.kept)]
    if starts.kept == 1:
        return candidates[0]
    ends = [_refined_a_little(fit, candidate) for candidate in candidates]
    best = np.argmin([fit.value(end).shots for end in ends], axis=0)
    chosen = np.stack([end.local for end in ends])[best, np.arange(len(best))]
    return at._replace(local=chosen)


def rotations(starts: Starts) -> HostArray:
    """Rotation vectors evenly in a ball, degrees, (tries, 3); the first is none."""
    random = np.random.default_rng(starts.seed)
    directions = random.normal(size=(starts.tries - 1, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    radii = starts.radius * random.random(starts.tries - 1) ** (1 / 3)
    return np.concatenate([np.zeros((1, 3)), radii[:, None] * directions])


def _orientation_columns(problem: Problem) -> HostArray:
    columns = np.flatnonzero(problem.belongs([Orientation.name])[: problem.n_local])
    if columns.size == 0:
        raise ConfigError("starts of the orientation need `misset` among the parameters of each shot")
    return columns


def _refined_a_little(fit: Fit, at: Vector) -> Vector:
    names = (Orientation.name, "scale", "background")
    active = Active(fit.problem.belongs(names)[: fit.problem.n_local], np.zeros(fit.problem.n_shared, bool))

    def ignore(progress: Progress) -> None:
        del progress

    return marquardt(fit, at, active, most_steps=STEPS, on_step=ignore).at
