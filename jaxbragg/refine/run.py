"""refine_image, refine_shots: the recipe."""

import functools
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jaxbragg.compile_ahead import compiled_meanwhile
from jaxbragg.config.experiment import Experiment
from jaxbragg.config.tree import replaced
from jaxbragg.errors import ConfigError, JaxbraggWarning
from jaxbragg.io.text import StrPath
from jaxbragg.refine.arrow import Vector
from jaxbragg.refine.beginning import begin, checked_start
from jaxbragg.refine.by_name import as_group
from jaxbragg.refine.checkpoint import State, fingerprint, load, save
from jaxbragg.refine.fit import Fit, Local
from jaxbragg.refine.gradient_methods import adam, lbfgs
from jaxbragg.refine.group import Group
from jaxbragg.refine.marquardt import FIRST_DAMPING, marquardt
from jaxbragg.refine.measurement import Measurement, as_measurement
from jaxbragg.refine.objectives import Objective, Poisson
from jaxbragg.refine.pixels import Region
from jaxbragg.refine.progress import step_line
from jaxbragg.refine.result import RefinedValue, Refinement, Step
from jaxbragg.refine.schedule import Stage, stages_of
from jaxbragg.refine.shot import Pixels
from jaxbragg.refine.starts import Starts, best_start
from jaxbragg.refine.steps import Ended, Progress
from jaxbragg.refine.uncertainty import correlation, covariances, undetermined
from jaxbragg.shapes import HostArray

OnStep = Callable[[Step], None]


def refine_image(
    experiment: Experiment,
    data: Measurement | Any,
    parameters: Sequence[Group | str],
    *,
    regions: Sequence[Region] | None = None,
    **options: Any,
) -> Refinement:
    """Refine an experiment against one measured image.

    Args:
      experiment: a rough one.
      data: a Measurement, or an image of photons, (slow, fast).
      parameters: names such as "misset", "cell", "scale", "background", "mosaic_spread",
        "detector.distance", or groups such as `UnitCell("monoclinic")`.
      regions: rectangles (first and last fast, first and last slow pixel) to compare, each with a background
        of its own; None is the whole image.
      **options: as in `refine_shots`.

    Returns:
      Refined experiment, values with standard deviations and correlations, history.

    Raises:
      ConfigError: experiment, data and parameters do not fit each other; the text tells the remedy.

    Source: specs/refinement.md.
    """
    return refine_shots([experiment], [data], parameters, regions=[regions], **options)


def refine_shots(
    experiments: Sequence[Experiment],
    data: Sequence[Measurement | Any],
    parameters: Sequence[Group | str],
    *,
    system: str | None = None,
    objective: Objective | None = None,
    regions: Sequence[Sequence[Region] | None] | None = None,
    schedule: str | Sequence[Stage] = "shells",
    last: Stage | None = None,
    starts: Starts | None = None,
    precision: str = "mixed",
    at_once: int = 1,
    uncertainties: bool = True,
    checkpoint: StrPath | None = None,
    on_step: OnStep | None = None,
    progress: bool = False,
) -> Refinement:
    """Refine several shots together, each with parameters of its own and some that all share.

    Args:
      experiments: one for each shot; they differ in numbers only.
      data: as many measurements, or images of photons.
      parameters: as in `refine_image`; groups with `shared=True` are the same for all shots.
      system: crystal system of the parameter "cell".
      objective: likelihood; None is Poisson().
      regions: of each shot; None is all pixels of all shots.
      schedule: "shells" refines everything at once, first against pixels at low resolution and then against
        more and more of them, "all" against all pixels from the beginning; "staged" refines scale,
        orientation, cell, mosaicity and then everything; or a list of stages.
      last: the stage that refines everything; its method too.
      starts: orientations to try first.
      precision: of the simulation, as in `simulate`.
      at_once: shots computed side by side where their number allows; memory grows with it.
      uncertainties: False leaves standard deviations out, which cost one more derivative image of every
        parameter after methods that need none.
      checkpoint: file that holds the state after every step; a run that finds it goes on from there.
      on_step: called after every step.
      progress: whether to show every step on stderr.

    Raises:
      ConfigError: experiments, data and parameters do not fit each other.
      FormatError: the checkpoint is of another refinement.

    Source: specs/refinement.md.
    """
    began = time.perf_counter()
    if not experiments or len(experiments) != len(data):
        raise ConfigError(
            f"every shot needs an experiment and an image, got {len(experiments)} and {len(data)}"
        )
    groups = [as_group(wanted, system) for wanted in parameters]
    fit, pixels = begin(
        experiments,
        [as_measurement(image) for image in data],
        groups,
        objective=Poisson() if objective is None else objective,
        regions=[None] * len(experiments) if regions is None else regions,
        precision=precision,
        at_once=at_once,
    )
    stages = stages_of(schedule, fit.problem, Stage() if last is None else last)
    with compiled_meanwhile(functools.partial(fit.compile_for, stages[0].method)):
        fit = checked_start(fit, groups, pixels)
    with step_line(progress) as show:
        run = _Run(fit, stages, checkpoint, [show] if on_step is None else [show, on_step])
        ended = run.go(starts)
    return _result(run, ended, experiments, pixels, uncertainties, time.perf_counter() - began)


class _Run:
    """A refinement on its way through its stages."""

    def __init__(
        self, fit: Fit, stages: list[Stage], checkpoint: StrPath | None, listeners: list[OnStep]
    ) -> None:
        self.fit, self.stages = fit, stages
        self._checkpoint, self._listeners = checkpoint, listeners
        self._mark = fingerprint(fit, stages)
        found = None if checkpoint is None else load(checkpoint, self._mark)
        self._is_new = found is None
        self.state = State.at_start(fit.start) if found is None else found

    def go(self, starts: Starts | None) -> Ended:
        """Take all stages that are left; the end of the last one."""
        if self._is_new:
            if starts is not None:
                self.state = State.at_start(best_start(self.fit, self.fit.start, starts))
            self._save()
        ended = Ended(self.state.at, None, "")
        for number in range(self.state.stage, len(self.stages)):
            ended = self._take(self.stages[number])
            self.state.end_stage(ended.at, ended.reason)
            self._save()
        return ended

    def _take(self, stage: Stage) -> Ended:
        """One stage, or what is left of it."""
        state = self.state
        fit = stage.view(self.fit, state.visited[0])
        if state.taken < 0:
            state.move(stage.place(fit, state.visited))
        active, taken = stage.active(fit.problem), max(state.taken, 0)
        on_step = functools.partial(self._after_step, fit)
        if stage.method != "marquardt":
            method = lbfgs if stage.method == "lbfgs" else adam
            return method(fit, state.at, active, taken, most_steps=stage.most_steps, on_step=on_step)
        return marquardt(
            fit,
            state.at,
            active,
            taken,
            most_steps=stage.most_steps,
            damping=FIRST_DAMPING if state.damping is None else state.damping,
            close_enough=stage.close_enough,
            on_step=on_step,
        )

    def _after_step(self, fit: Fit, progress: Progress) -> None:
        """Remember, save and tell; a resumed stage begins with a step that is known already."""
        state = self.state
        if progress.taken <= state.taken:
            return
        state.move(progress.at)
        state.taken, state.damping = progress.taken, progress.damping
        step = Step(
            stage=state.stage,
            objective=progress.objective,
            reduced_chi_square=progress.chi_square / fit.degrees_of_freedom,
            distance=progress.distance,
            values=fit.reported(progress.at).values.flat().tolist(),
        )
        state.history.append(vars(step))
        self._save()
        for listener in self._listeners:
            listener(step)

    def _save(self) -> None:
        if self._checkpoint is not None:
            save(self._checkpoint, self.state, self._mark)


def _result(
    run: _Run,
    ended: Ended,
    experiments: Sequence[Experiment],
    pixels: list[Pixels],
    uncertainties: bool,
    seconds: float,
) -> Refinement:
    """Everything in the user's units."""
    fit, problem = run.fit, run.fit.problem
    here = _final(run, ended, uncertainties)
    reported, before = fit.reported(ended.at), fit.reported(fit.start).values
    size = problem.n_local + problem.n_shared
    matrices = [np.full((size, size), np.nan)] * len(fit.shots)
    if here is not None:
        fit.check_effect(here.curvature)
        matrices = covariances(here.curvature, reported)
        _warn_of_undetermined(fit, here, matrices)
    value = fit.value(ended.at) if here is None else here.value
    final = fit.shots_at(ended.at)
    return Refinement(
        experiments=[_restored(shot.experiment, e) for shot, e in zip(final, experiments, strict=True)],
        scales=[float(shot.scale) for shot in final],
        surfaces=[np.asarray(shot.surface) for shot in final],
        parameters=_parameters(fit, before, reported.values, matrices),
        correlations=[correlation(matrix) for matrix in matrices],
        objective=value.objective,
        reduced_chi_square=value.chi_square / fit.degrees_of_freedom,
        n_pixels=fit.n_pixels,
        history=[Step(**step) for step in run.state.history],
        reasons=run.state.reasons,
        seconds=seconds,
        pixels=pixels,
        precision=problem.precision,
    )


def _warn_of_undetermined(fit: Fit, here: Local, matrices: list[HostArray]) -> None:
    """No standard deviation goes missing silently."""
    if np.all(np.isfinite(matrices)):
        return
    free = np.any(undetermined(here.curvature), axis=0)
    names = [label for label, one in zip(fit.problem.labels(fit.shots[0]), free, strict=True) if one]
    warnings.warn(
        f"the data do not determine {', '.join(names) or 'all numbers'}, so standard deviations are missing "
        "(NaN); refine fewer of them, or give one a prior",
        JaxbraggWarning,
        stacklevel=4,
    )


def _final(run: _Run, ended: Ended, uncertainties: bool) -> Local | None:
    """The curvature of all data at the end, if it is known or wanted."""
    if ended.here is not None and not run.stages[-1].is_partial:
        return ended.here
    return run.fit.around(ended.at) if uncertainties else None


def _restored(refined: Experiment, given: Experiment) -> Experiment:
    """The refined experiment with the region of interest and the mask of the given one."""
    return replaced(refined, sampling=given.sampling)


def _parameters(fit: Fit, before: Vector, after: Vector, matrices: list[HostArray]) -> list[RefinedValue]:
    """Numbers shot by shot, then shared ones."""
    n = fit.problem.n_local
    labels = fit.problem.labels(fit.shots[0])
    sigmas = np.sqrt([np.diagonal(matrix) for matrix in matrices])
    local = [
        RefinedValue(label, shot, *(float(x) for x in numbers))
        for shot, sigma in enumerate(sigmas)
        for label, *numbers in zip(labels[:n], before.local[shot], after.local[shot], sigma[:n], strict=True)
    ]
    shared = zip(labels[n:], before.shared, after.shared, sigmas[0, n:], strict=True)
    return [*local, *(RefinedValue(label, None, *(float(x) for x in numbers)) for label, *numbers in shared)]
