"""Stages of a refinement: which groups move, by which method, for how many steps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jaxbragg.errors import ConfigError
from jaxbragg.refine.arrow import Vector
from jaxbragg.refine.fit import Fit
from jaxbragg.refine.problem import Problem
from jaxbragg.refine.steps import Active

METHODS = ("marquardt", "lbfgs", "adam")
"""Methods by name."""

PLACES = ("before", "start", "best")
"""Where a stage can begin."""


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes:
      parameters: names of the groups that move; None is all.
      method: "marquardt", "lbfgs" or "adam".
      most_steps: after which it ends.
      close_enough: distance from the predicted optimum, in standard deviations, at which "marquardt" ends.
      part: of each shot's pixels that is compared: those at the lowest resolution; 1 is all.
      restraint: standard deviation with which every number is held near where the refinement began, in
        `typical` changes of its group; None leaves all free.
      begins: "before", where the stage before ended; "start", where the refinement began; or "best", at the
        one of all those places that fits best what this stage compares.
    """

    parameters: tuple[str, ...] | None = None
    method: str = "marquardt"
    most_steps: int = 50
    close_enough: float = 0.03
    part: float = 1.0
    restraint: float | None = None
    begins: str = "before"

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ConfigError(
                f"the method must be one of {', '.join(map(repr, METHODS))}, got {self.method!r}"
            )
        if self.begins not in PLACES:
            raise ConfigError(f"a stage begins at one of {', '.join(map(repr, PLACES))}, got {self.begins!r}")
        if self.most_steps < 1:
            raise ConfigError(f"a stage needs at least one step, got {self.most_steps}")
        if not 0 < self.part <= 1:
            raise ConfigError(f"the part of the pixels must be above 0 and at most 1, got {self.part:g}")
        if self.restraint is not None and not self.restraint > 0:
            raise ConfigError(f"the restraint must be positive, got {self.restraint:g}; None leaves it out")

    @property
    def is_partial(self) -> bool:
        """Whether its optimum is not that of all the data alone."""
        return self.part < 1 or self.restraint is not None

    def view(self, fit: Fit, began: Vector) -> Fit:
        """The fit as this stage sees it.

        Args:
          fit: of all data.
          began: free numbers where the refinement began.
        """
        if self.part < 1:
            fit = fit.at_low_resolution(self.part)
        return fit if self.restraint is None else fit.restrained(began, self.restraint)

    def place(self, fit: Fit, places: Sequence[Vector]) -> Vector:
        """Free numbers where the stage begins.

        Args:
          fit: as this stage sees it.
          places: where the refinement began, then where every stage before ended.
        """
        if self.begins == "best":
            return min(places, key=lambda at: fit.value(at).objective)
        return places[0] if self.begins == "start" else places[-1]

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

PARTS = (0.125, 0.25, 0.375, 0.5, 0.75)
"""Parts of the pixels that are compared before all are."""

RESTRAINT = 1.0
"""Standard deviation of the start, in typical changes, until all pixels are compared."""

STEPS_OF_A_SHELL = 6
"""Steps of the stages that compare a part of the pixels, and of the one that competes with them."""


def shells(last: Stage) -> list[Stage]:
    """Everything at once, but first against the pixels at low resolution.

    A wrong orientation or cell moves spots by an amount that grows with the scattering angle, while their
    width does not: near the beam the spots of a rough model overlap those of the data, and the fit there
    brings the next ones to overlap. Few spots may mislead it, so a few steps against all pixels compete.

    Args:
      last: the stage of all pixels; none takes more steps. Gradient methods, whose steps are small and
        many, take it alone.

    Source: specs/refinement.md REF-16.
    """
    if last.method != "marquardt":
        return [last]
    steps = min(STEPS_OF_A_SHELL, last.most_steps)
    few = Stage(last.parameters, most_steps=steps, close_enough=1.0)
    parts = [replace(few, part=part, restraint=RESTRAINT) for part in PARTS]
    return [few, replace(parts[0], begins="start"), *parts[1:], replace(last, begins="best")]


def stages_of(schedule: str | Sequence[Stage], problem: Problem, last: Stage) -> list[Stage]:
    """The stages that a user asks for: "shells", "all" at once, "staged", or a list.

    Raises:
      ConfigError: no such schedule.
    """
    if not isinstance(schedule, str):
        stages = list(schedule)
    elif schedule == "shells":
        stages = shells(last)
    elif schedule == "all":
        stages = [last]
    elif schedule == "staged":
        stages = staged(problem, last)
    else:
        raise ConfigError(
            f"`schedule` must be 'shells', 'all', 'staged' or a list of stages, got {schedule!r}"
        )
    if not stages:
        raise ConfigError("a schedule needs at least one stage")
    for stage in stages:
        stage.active(problem)
    return stages
