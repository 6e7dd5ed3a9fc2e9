"""Methods that need the gradient alone, for more parameters than derivative images can be made of.

L-BFGS is SciPy's, Adam is Optax's. Steps are in units of each group's typical change.
"""

import itertools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg.errors import JaxbraggError
from jaxbragg.refine.arrow import Vector
from jaxbragg.refine.fit import Fit
from jaxbragg.refine.steps import Active, Ended, Progress, restricted
from jaxbragg.shapes import HostArray

SMALL_GAIN = 1e-10
"""Relative gain of a step of L-BFGS at which it ends."""

ADAM_RATE = 0.1
"""First step of Adam, in typical changes; it falls to zero as a cosine."""


def lbfgs(
    fit: Fit,
    at: Vector,
    active: Active,
    taken: int = 0,
    *,
    most_steps: int,
    on_step: Callable[[Progress], None],
) -> Ended:
    """Minimise the objective in the active numbers by L-BFGS; arguments as for `marquardt`.

    Source: specs/refinement.md REF-14; Liu & Nocedal (1989) Math. Program. 45, 503.
    """
    from scipy.optimize import minimize

    unit, typical = _in_typical_units(fit, at, active)
    latest: dict[bytes, Progress] = {}

    def objective(x: HostArray) -> tuple[float, HostArray]:
        point = at.plus(at.like(x * typical))
        value, slope = fit.slope(point)
        latest.clear()
        latest[x.tobytes()] = Progress(0, point, 0.0, value.objective, value.chi_square, float("nan"))
        return value.objective, restricted(slope, active).flat() * typical

    steps = itertools.count(taken + 1)

    def after_step(x: HostArray) -> None:
        if x.tobytes() not in latest:
            objective(x)
        on_step(latest[x.tobytes()]._replace(taken=next(steps)))

    found = minimize(
        objective,
        unit,
        jac=True,
        method="L-BFGS-B",
        callback=after_step,
        options={"maxiter": max(most_steps - taken, 1), "ftol": SMALL_GAIN, "gtol": 0.0},
    )
    end = at.plus(at.like(found.x * typical))
    reason = "converged: the gain of a step is lost in rounding" if found.success else str(found.message)
    return Ended(end, None, f"L-BFGS after {found.nit} steps: {reason}")


def adam(
    fit: Fit,
    at: Vector,
    active: Active,
    taken: int = 0,
    *,
    most_steps: int,
    on_step: Callable[[Progress], None],
) -> Ended:
    """Minimise the objective in the active numbers by Adam; arguments as for `marquardt`.

    Source: specs/refinement.md REF-14; Kingma & Ba (2015) ICLR.
    """
    try:
        import optax
    except ImportError:
        raise JaxbraggError(
            "Adam needs optax, which is not installed; pip install 'jaxbragg[refine]', or use another method"
        ) from None
    unit, typical = _in_typical_units(fit, at, active)
    with jax.enable_x64(True):
        method = optax.adam(lambda count: ADAM_RATE * _cosine((count + taken) / most_steps))
        x, state = unit, method.init(unit)
        best = Progress(taken, at, 0.0, float("inf"), float("nan"), float("nan"))
        for number in range(taken + 1, most_steps + 1):
            point = at.plus(at.like(x * typical))
            value, slope = fit.slope(point)
            here = Progress(number, point, 0.0, value.objective, value.chi_square, float("nan"))
            best = min(best, here, key=lambda progress: progress.objective)
            on_step(here)
            with jax.numpy_dtype_promotion("standard"):  # Optax needs it, whatever the caller has set
                update, state = method.update(restricted(slope, active).flat() * typical, state)
                x = np.asarray(optax.apply_updates(x, update))
    return Ended(best.at, None, f"Adam took its {most_steps} steps; the best one is kept")


def _cosine(part: Any) -> Any:
    """From 1 to 0 as a half period of a cosine."""
    return 0.5 * (1.0 + jnp.cos(math.pi * part))


def _in_typical_units(fit: Fit, at: Vector, active: Active) -> tuple[HostArray, HostArray]:
    """Start, all zero, and the length of its units; inactive numbers have none."""
    n, typical = fit.problem.n_local, fit.problem.typical
    local = np.broadcast_to(typical[:n] * active.local, at.local.shape)
    lengths = Vector(local, typical[n:] * active.shared).flat()
    return np.zeros_like(lengths), lengths
