"""Levenberg-Marquardt with the expected (Fisher) curvature.

Why not a library's: a Poisson likelihood is no sum of squares, its derivative images must not exist all at
once, many shots make an arrow-shaped matrix, and a killed run has to continue from a file; what is left of
the method is the few lines below. Source: specs/refinement.md REF-12, REF-13; Marquardt (1963) J. Soc.
Indust. Appl. Math. 11, 431.
"""

from collections.abc import Callable

import numpy as np

from jaxbragg.refine.arrow import Vector
from jaxbragg.refine.fit import Fit, Local
from jaxbragg.refine.steps import Active, Ended, Progress, restricted

FIRST_DAMPING = 1e-2
LEAST_DAMPING = 1e-12
MOST_DAMPING = 1e8
"""Where damping starts, ends being useful, and gives up."""

ROUNDING = 1e-11
"""Gains below this part of the objective are lost in its rounding."""

CLOSE_ENOUGH = 0.03
"""Distance from the predicted optimum, in standard deviations, at which refinement ends."""

AT_A_STEP = 0.3
"""Distance up to which a point that no step improves is an optimum.

Where a pixel changes its nearest reflection the model, and so the objective, has a step that no gradient
knows of, and the optimum may lie at its edge while the curvature predicts one beyond. To be off by 0.3
standard deviations makes the scatter of results 4 % larger than their own, √(1 + 0.3²).
"""


def marquardt(
    fit: Fit,
    at: Vector,
    active: Active,
    taken: int = 0,
    *,
    most_steps: int,
    damping: float = FIRST_DAMPING,
    close_enough: float = CLOSE_ENOUGH,
    on_step: Callable[[Progress], None],
) -> Ended:
    """Minimise the objective in the active numbers.

    Args:
      fit: data and priors.
      at: start; its objective is finite.
      active: which numbers move.
      taken: steps taken before, by a run that this one continues.
      most_steps: accepted steps after which to stop.
      damping: to begin with.
      close_enough: distance in standard deviations at which to stop.
      on_step: called at the start and after every accepted step.

    Returns:
      Where it ended, and why.
    """
    here = fit.around(at)
    fit.check_effect(here.curvature)
    for number in range(taken, most_steps + 1):
        distance = _distance(here, active)
        on_step(Progress(number, at, damping, here.value.objective, here.value.chi_square, distance))
        left = f"{distance:.2g} standard deviations from the predicted optimum"
        if distance <= close_enough:
            return Ended(at, here, f"converged: {left}")
        if number == most_steps:
            break
        found = _downhill(fit, at, here, active, damping)
        if found is None:
            which = (
                "converged: no step improves the fit,"
                if distance <= AT_A_STEP
                else "no step improves the fit:"
            )
            return Ended(at, here, f"{which} {left}")
        at, damping = found
        here = fit.around(at)
    return Ended(at, here, f"stopped after {most_steps} steps: {left}")


def _distance(here: Local, active: Active) -> float:
    """Length of the undamped step in the metric of the curvature: √(gᵀ F⁻¹ g)."""
    slope = restricted(here.slope, active)
    curvature = here.curvature.restricted(*active)
    try:
        return float(np.sqrt(max(slope.dot(curvature.solve(slope)), 0.0)))
    except np.linalg.LinAlgError:
        return float("inf")


def _downhill(
    fit: Fit, at: Vector, here: Local, active: Active, damping: float
) -> tuple[Vector, float] | None:
    """The next point and damping; None when even the shortest steps lead uphill."""
    slope = restricted(here.slope, active)
    curvature = here.curvature.restricted(*active)
    while damping <= MOST_DAMPING:
        step = curvature.solve(slope, damping)
        trial = at.plus(step, -1.0)
        # of (F + λD) x = g: gain gᵀx - xᵀFx/2 = (gᵀx + λ xᵀDx)/2
        expected = 0.5 * (slope.dot(step) + damping * _square(step, curvature.diagonal()))
        if expected < ROUNDING * (1.0 + abs(here.value.objective)):
            return None
        gained = here.value.objective - fit.value(trial).objective
        if gained > 0:
            better = damping / 5.0 if gained > 0.5 * expected else damping * 2.0
            return trial, max(better, LEAST_DAMPING)
        damping = max(8.0 * damping, 1e-8)
    return None


def _square(step: Vector, diagonal: Vector) -> float:
    return float(np.sum(step.local**2 * diagonal.local) + np.sum(step.shared**2 * diagonal.shared))
