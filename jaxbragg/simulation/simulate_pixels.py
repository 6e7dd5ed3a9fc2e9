"""simulate_pixels(experiment, slow, fast) -> the image at these pixels only."""

from typing import Any

import jax.numpy as jnp

from jaxbragg.config.experiment import Experiment
from jaxbragg.precision import Precision
from jaxbragg.shapes import Array
from jaxbragg.simulation.accumulate import photons, pixel_photons, pixel_totals
from jaxbragg.simulation.pixel_list import depends_on_order, is_computed, pixel_indices, without_region
from jaxbragg.simulation.program import Program, with_setup
from jaxbragg.simulation.run import named_precision
from jaxbragg.simulation.serial_order import (
    SerialPlan,
    is_start,
    pixel_of,
    pixel_order,
    serial_plan,
    start_order,
)
from jaxbragg.simulation.setup import Setup
from jaxbragg.simulation.tiles import map_list
from jaxbragg.simulation.visits import make_job


def simulate_pixels(experiment: Experiment, slow: Any, fast: Any, *, precision: str = "mixed") -> Array:
    """Expected photons in chosen pixels; equals `simulate(experiment)[slow, fast]` up to rounding.

    Time and memory follow the number of pixels, not the size of the detector, except where a defect of the
    program makes a pixel depend on the ones before it. Works under `jax.jit`, `jax.grad` and `jax.vmap`.

    Args:
      experiment: what to simulate.
      slow, fast: pixel indices; integers, or arrays of them that broadcast against each other.
      precision: as in `simulate`.

    Returns:
      Expected photons, float32 or float64, in the broadcast shape of the indices; 0 outside the region of
      interest and where the mask is 0.

    Raises:
      ConfigError: unknown precision, or a pixel that the detector does not have.

    Source: specs/summation.md SUM-10.
    """
    policy = named_precision(precision)
    slow, fast = pixel_indices(experiment, slow, fast)
    computed = is_computed(experiment, slow, fast)
    values: Array = _pixels(without_region(experiment), slow, fast, computed, precision=policy)
    return values


def simulate_pixels_of_setup(
    experiment: Experiment, setup: Any, slow: Any, fast: Any, *, precision: Precision
) -> Array:
    """`simulate_pixels`, where what no pixel changes is known: `inputs(experiment, precision).setup`.

    Experiment and setup are independent numbers to derivatives.
    """
    slow, fast = pixel_indices(experiment, slow, fast)
    computed = is_computed(experiment, slow, fast)
    given = with_setup(without_region(experiment), setup, precision)
    values: Array = _pixels.of(given, slow, fast, computed, precision=precision)
    return values


def _compute(
    experiment: Experiment, setup: Setup, slow: Array, fast: Array, computed: Array, precision: Precision
) -> Array:
    if slow.size == 0:
        return jnp.zeros(slow.shape, precision.narrow)
    job = make_job(setup, experiment, precision)
    plan = serial_plan(job) if depends_on_order(experiment) else SerialPlan(job, None, None, None)
    rows, columns = (index.reshape(-1).astype(jnp.float64) for index in (slow, fast))
    values = _photons(plan, rows, columns).reshape(slow.shape)
    return jnp.where(computed, values, jnp.zeros((), values.dtype))


_pixels = Program(_compute)


def _photons(plan: SerialPlan, slow: Array, fast: Array) -> Array:
    """Photons in pixels, (n,); that of the first visit of the run has its own orientations."""
    job = plan.job
    totals = map_list(
        lambda s, f: pixel_totals(job, s, f, pixel_order(plan, s, f)), job.experiment, slow, fast
    )
    values = photons(job, totals)
    if plan.start is None:
        return values
    at_start = pixel_photons(job, *pixel_of(plan.start, job.experiment), start_order(plan))
    return jnp.where(is_start(plan, slow, fast), at_start, values)
