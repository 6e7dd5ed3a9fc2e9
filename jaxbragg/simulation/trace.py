"""trace(experiment, slow, fast) -> every intermediate of a pixel, from the functions that make the image."""

from typing import Any, cast, get_type_hints

import jax
import jax.numpy as jnp

from jaxbragg.config.experiment import Experiment
from jaxbragg.precision import Precision
from jaxbragg.shapes import Array
from jaxbragg.simulation.accumulate import Sums, pixel_sums
from jaxbragg.simulation.pixel_list import depends_on_order, is_computed, pixel_indices, without_region
from jaxbragg.simulation.program import Program
from jaxbragg.simulation.run import named_precision
from jaxbragg.simulation.serial_order import (
    NEVER,
    SerialPlan,
    is_start,
    pixel_of,
    pixel_order,
    serial_plan,
    start_order,
)
from jaxbragg.simulation.setup import Setup
from jaxbragg.simulation.tiles import map_pixels
from jaxbragg.simulation.trace_groups import pixel_groups, shared_groups
from jaxbragg.simulation.trace_keys import Trace
from jaxbragg.simulation.visits import SerialOrder, make_job


def trace(experiment: Experiment, slow: Any, fast: Any, *, precision: str = "mixed") -> Trace:
    """Every quantity between beam and photons of one pixel, or of several.

    The values are those of the image: the same functions compute them, and `accumulation["pixel"]` is the
    pixel of `simulate` with the same precision. Only the traced pixels are computed, except where a defect of
    the program makes a pixel depend on the ones before it. Works under `jax.jit`, `jax.grad` and `jax.vmap`.

    Args:
      experiment: what to trace.
      slow, fast: pixel indices; integers, or arrays of them that broadcast against each other.
      precision: as in `simulate`.

    Returns:
      Dict of dicts of arrays: "pixel", "geometry", "beam", "crystal", "samples", "accumulation". Every key,
      with its unit and axes, is described in `jaxbragg.simulation.trace_keys`.

    Raises:
      ConfigError: unknown precision, or a pixel that the detector does not have.

    Source: specs/trace.md TRACE-1 to TRACE-7.
    """
    policy = named_precision(precision)
    slow, fast = pixel_indices(experiment, slow, fast)
    computed = is_computed(experiment, slow, fast)
    groups = _trace(without_region(experiment), slow, fast, computed, precision=policy)
    return _in_causal_order(groups)


def _in_causal_order(groups: dict[str, Any]) -> Trace:
    """Keys in the order of cause, which JAX has replaced by the alphabet's."""
    kinds = get_type_hints(Trace)
    ordered = {
        group: {key: groups[group][key] for key in kind.__annotations__ if key in groups[group]}
        for group, kind in kinds.items()
    }
    return cast(Trace, ordered)


def _compute(
    experiment: Experiment, setup: Setup, slow: Array, fast: Array, computed: Array, precision: Precision
) -> Any:
    job = make_job(setup, experiment, precision)
    plan = serial_plan(job) if depends_on_order(experiment) else SerialPlan(job, None, None, None)

    def of_pixel(slow: Array, fast: Array, computed: Array, sums: Sums) -> dict[str, Any]:
        return pixel_groups(plan.job, slow, fast, computed, _order(plan, slow, fast), sums)

    shape, (slow, fast, computed) = slow.shape, (x.reshape(-1) for x in (slow, fast, computed))
    own = jax.vmap(of_pixel)(slow, fast, computed, _sums(plan, slow, fast))
    own = jax.tree.map(lambda x: x.reshape(*shape, *x.shape[1:]), own)
    shared = shared_groups(plan.job, visit_matters=plan.start is not None)
    return {group: {**shared[group], **own[group]} for group in shared}


def _order(plan: SerialPlan, slow: Array, fast: Array) -> SerialOrder:
    """The order that holds in any one pixel; indices are int32, ()."""
    slow, fast = slow.astype(jnp.float64), fast.astype(jnp.float64)
    order = pixel_order(plan, slow, fast)
    if plan.start is None:
        return order
    first_visit = jnp.where(is_start(plan, slow, fast), plan.start.number, NEVER)
    return order._replace(first_visit=first_visit, first_orientations=plan.start_orientations)


def _sums(plan: SerialPlan, slow: Array, fast: Array) -> Sums:
    """What each pixel accumulates, by the functions and in the blocks that make the image."""
    job, slow, fast = plan.job, slow.astype(jnp.float64), fast.astype(jnp.float64)
    sums: Sums = map_pixels(lambda s, f: pixel_sums(job, s, f, pixel_order(plan, s, f)), slow, fast)
    if plan.start is None:
        return sums
    at_start = pixel_sums(job, *pixel_of(plan.start, job.experiment), start_order(plan))
    here = is_start(plan, slow, fast)
    chosen: Sums = jax.tree.map(lambda one, other: jnp.where(here, one, other), at_start, sums)
    return chosen


_trace = Program(_compute)
