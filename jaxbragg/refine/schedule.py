"""Stages of a refinement: which groups move, by which method, for how many steps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jaxbragg.errors import ConfigError
from jaxbragg.refine.problem import Problem
from jaxbragg.refine.steps import Active

METHODS = ("marquardt", "lbfgs", "adam")
"""Methods by name."""


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes:
      parameters: names of the groups that move; None is all.
      method: "marquardt", "lbfgs" or "adam".
      most_steps: after which it ends.
      close_enough: distance from the predicted optimum, in standard deviations, at which "marquardt" ends.
    """

    parameters: tuple[str, ...] | None = None
    method: str = "marquardt"
    most_steps: int = 50
    close_enough: float = 0.03

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ConfigError(
                f"the method must be one of {', '.join(map(repr, METHODS))}, got {self.method!r}"
            )
        if self.most_steps < 1:
            raise ConfigError(f"a stage needs at least one step, got {self.most_steps}")

    def active(self, problem: Problem) -> Active:
        """Which numbers move."""
        names = [group.name for group in problem.groups] if self.parameters is None else self.parameters
        unknown = [name for name in names if name not in [group.name for group in problem.groups]]
        if unknown:
            known = ", ".join(group.name for group in problem.groups)
            raise ConfigError(f"a stage can move only what is refined, {known}; got {', '.join(unknown)}")
        chosen = problem.belongs(names)
        return Active(chosen[: problem.n_local], chosen[problem.n_local :])


ORDER = (
    ("scale", "background"),
    ("crystal.misset",),
    ("crystal.cell",),
    ("crystal.mosaic_spread", "crystal.n_cells", "crystal.fudge"),
)
"""What the stages of a staged refinement add, one after the other; the last stage adds the rest."""


def staged(problem: Problem, last: Stage) -> list[Stage]:
    """Scale, orientation, cell, mosaicity and block size, then everything, each with what came before.

    Args:
      problem: groups of parameters.
      last: the stage that moves everything.

    Source: specs/refinement.md REF-16.
    """
    names = [group.name for group in problem.groups]
    stages, moving = [], []
    for added in ORDER:
        new = [name for name in names if name.split("[")[0] in added]
        moving += new
        if new and len(moving) < len(names):
            stages.append(Stage(tuple(moving), most_steps=STEPS_BEFORE_LAST, close_enough=1.0))
    return [*stages, last]


STEPS_BEFORE_LAST = 4
"""Steps of all stages but the last, which only have to come near."""


def stages_of(schedule: str | Sequence[Stage], problem: Problem, last: Stage) -> list[Stage]:
    """The stages that a user asks for: "all" at once, "staged", or a list.

    Raises:
      ConfigError: no such schedule.
    """
    if not isinstance(schedule, str):
        stages = list(schedule)
    elif schedule == "all":
        stages = [last]
    elif schedule == "staged":
        stages = staged(problem, last)
    else:
        raise ConfigError(f"`schedule` must be 'all', 'staged' or a list of stages, got {schedule!r}")
    if not stages:
        raise ConfigError("a schedule needs at least one stage")
    for stage in stages:
        stage.active(problem)
    return stages


def covers(stages: Sequence[Stage], problem: Problem) -> bool:
    """Whether every number moves in some stage."""
    moved = np.any([np.concatenate(stage.active(problem)) for stage in stages], axis=0)
    return bool(np.all(moved))
