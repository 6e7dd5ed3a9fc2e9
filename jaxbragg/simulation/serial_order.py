"""The two defects of the reference program that depend on the order of pixels, by their closed rules.

Q1: a spindle angle of exactly zero keeps the orientation that was used before it. Q7: the first index outside
the interpolation's range ends interpolation for the rest of the run. Neither needs a serial loop: the first
is a different list of angles for all visits but the first one of the run, the second a position in the serial
order before which samples interpolate. (specs/summation.md SUM-6, SUM-7)
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.config.experiment import Experiment
from jaxbragg.shapes import Array
from jaxbragg.simulation.orientations import Orientations, orientations
from jaxbragg.simulation.point import PointTerms, RayTerms
from jaxbragg.simulation.sample import SampleTerms
from jaxbragg.simulation.setup import Setup
from jaxbragg.simulation.tiles import region
from jaxbragg.simulation.visits import IN_ANY_ORDER, Job, SerialOrder, fold_rays, fold_samples

NEVER = 2**31 - 1
"""A number of samples or visits that no pixel reaches."""


def has_stale_phi(experiment: Experiment) -> bool:
    """Whether Q1 can act: some angle may be zero after another that is not."""
    return experiment.model.stale_phi_zero and experiment.rotation.steps > 1


def has_latch(experiment: Experiment) -> bool:
    """Whether Q7 can act."""
    factors = experiment.structure_factors
    return experiment.model.interpolation_latch and factors.interpolate and factors.table is not None


def stale_angles(phi: Array, before: Array) -> Array:
    """Angles that are used when every exact zero keeps the angle before it.

    Args:
      phi: intended angles, radians, (n,).
      before: angle in use before the first step.
    """

    def step(current: Array, angle: Array) -> tuple[Array, Array]:
        current = jnp.where(angle == 0.0, current, angle)
        return current, current

    return jax.lax.scan(step, before, phi)[1]


def angles_in_use(phi: Array) -> tuple[Array, Array]:
    """Angles under Q1 in the first visit of the run, and in all others, radians, (n,) each."""
    first = stale_angles(phi, jnp.zeros_like(phi[0]))
    return first, stale_angles(phi, first[-1])


class StalePhi(NamedTuple):
    """Orientations under Q1: of the first visit of the run, and of all others."""

    first: Orientations
    others: Orientations


def stale_orientations(setup: Setup, experiment: Experiment) -> StalePhi:
    """Orientations for the two lists of angles."""
    first, others = angles_in_use(setup.phi)

    def at(angles: Array) -> Orientations:
        return orientations(experiment.crystal, setup.lattice, angles, setup.frame.spindle, experiment.model)

    return StalePhi(at(first), at(others))


class Place(NamedTuple):
    """A pixel of the region, and a number inside it.

    Attributes:
      row, column: in the region, int32.
      number: of a visit or sample; `NEVER` when there is no such place.
    """

    row: Array
    column: Array
    number: Array


def first_place(numbers: Array) -> Place:
    """The first pixel in serial order whose number is not `NEVER`, and that number."""
    flat = numbers.reshape(-1)
    position = jax.lax.argmax(flat < NEVER, 0, jnp.int32)
    row, column = jnp.divmod(position, numbers.shape[1])
    return Place(row, column, flat[position])


def search(of_block: Callable[[Array, Array], Array], experiment: Experiment) -> Place:
    """The first pixel of the region in serial order that has a number; pixels well after it are not computed.

    Args:
      of_block: (slow, fast) -> numbers, int32, of a block of pixels; `NEVER` where a pixel has none.
      experiment: its region and mask; masked pixels are not visited.
    """
    f0, f1, s0, s1 = region(experiment)
    n_rows, n_columns = s1 - s0, f1 - f0
    shape = (max(1, min(n_rows, PIXELS_PER_STEP // n_columns)), n_columns)
    fast = jax.lax.broadcast_in_dim(jnp.arange(f0, f1, dtype=jnp.float64), shape, (1,))

    def step(state: tuple[Array, Place]) -> tuple[Array, Place]:
        row, _ = state
        rows = row + jnp.arange(shape[0], dtype=jnp.int32)
        slow = jax.lax.broadcast_in_dim((rows + s0).astype(jnp.float64), shape, (0,))
        place = first_place(jnp.where(_visited(experiment, rows), of_block(slow, fast), NEVER))
        return row + shape[0], place._replace(row=row + place.row)

    def goes_on(state: tuple[Array, Place]) -> Array:
        return (state[0] < n_rows) & (state[1].number == NEVER)

    zero, never = jnp.asarray(0, jnp.int32), jnp.asarray(NEVER, jnp.int32)
    _, place = jax.lax.while_loop(goes_on, step, (zero, Place(zero, zero, never)))
    return place


PIXELS_PER_STEP = 4096
"""Pixels that a search computes at a time."""


def _visited(experiment: Experiment, rows: Array) -> Array:
    """Whether pixels of these rows of the region exist and are not masked, (rows, columns)."""
    f0, f1, s0, s1 = region(experiment)
    exist = jnp.broadcast_to((rows < s1 - s0)[:, None], (len(rows), f1 - f0))
    mask = experiment.sampling.mask
    if mask is None:
        return exist
    counts: Array = mask[jnp.minimum(rows + s0, s1 - 1), f0:f1] != 0
    return exist & counts


def first_visit(job: Job) -> Place:
    """The first visit of the run that passes the resolution limit."""

    def of_block(slow: Array, fast: Array) -> Array:
        if job.setup.dmin is None:
            return jnp.zeros_like(slow, jnp.int32)

        def on_ray(first: Array, point: PointTerms, ray: RayTerms, visit: Array) -> Array:
            del point
            return jnp.where(ray.passes, jnp.minimum(first, visit), first)

        never = jnp.full_like(slow, NEVER, jnp.int32)
        return fold_rays(job, slow, fast, _same, on_ray, never)

    return search(of_block, job.experiment)


def _same(carry: Array, point: PointTerms, is_first: Array) -> Array:
    del point, is_first
    return carry


def first_outside(job: Job, slow: Array, fast: Array, order: SerialOrder) -> Array:
    """Number of the pixel's first sample outside the interpolation's range, int32; `NEVER` if none.

    Samples that the program skips do not count: below the resolution limit, and with a lattice amplitude of
    exactly zero unless there is diffuse scatter.
    """
    skips_zero = job.setup.background is None

    def on_ray(first: Array, point: PointTerms, ray: RayTerms, visit: Array) -> Array:
        def step(first: Array, sample: SampleTerms, number: Array) -> Array:
            counts = ray.passes & ((sample.lattice != 0.0) if skips_zero else True)
            return jnp.where(counts & ~sample.interpolable, jnp.minimum(first, number), first)

        return fold_samples(job, point, ray, visit, order, step, first)

    return fold_rays(job, slow, fast, _same, on_ray, jnp.full_like(slow, NEVER, jnp.int32))


class SerialPlan(NamedTuple):
    """What the serial order changes in the image.

    Attributes:
      job: the experiment with the orientations of all visits but the first.
      switch: pixel and number of the sample that ends interpolation, or None when nothing ends it.
      start: pixel and number of the first visit, or None when it is like any other.
      start_orientations: orientations of that visit.
    """

    job: Job
    switch: Place | None
    start: Place | None
    start_orientations: Orientations | None


def serial_plan(job: Job) -> SerialPlan:
    """Work out where the order-dependent defects act; the identity in the corrected model."""
    plan = SerialPlan(job, None, None, None)
    if has_stale_phi(job.experiment):
        stale = stale_orientations(job.setup, job.experiment)
        job = job._replace(orientations=stale.others)
        plan = SerialPlan(job, None, first_visit(job), stale.first)
    return plan._replace(switch=_switch(plan)) if has_latch(job.experiment) else plan


def _switch(plan: SerialPlan) -> Place:
    """The first sample of the run outside the interpolation's range."""
    job = plan.job

    def of_block(slow: Array, fast: Array) -> Array:
        numbers = first_outside(job, slow, fast, IN_ANY_ORDER)
        if plan.start is None:
            return numbers
        return jnp.where(is_start(plan, slow, fast), of_start, numbers)

    if plan.start is not None:
        of_start = first_outside(job, *pixel_of(plan.start, job.experiment), start_order(plan))
    return search(of_block, job.experiment)


def is_start(plan: SerialPlan, slow: Array, fast: Array) -> Array:
    """Whether pixels are that of the first visit; indices are float64."""
    if plan.start is None:
        return jnp.zeros_like(slow, bool)
    start_slow, start_fast = pixel_of(plan.start, plan.job.experiment)
    return (slow == start_slow) & (fast == start_fast)


def pixel_order(plan: SerialPlan, slow: Array, fast: Array) -> SerialOrder:
    """The order that holds in pixels other than that of the first visit; indices are float64."""
    if plan.switch is None:
        return IN_ANY_ORDER
    f0, f1, s0, _ = region(plan.job.experiment)
    row, column = ((index - first).astype(jnp.int32) for index, first in ((slow, s0), (fast, f0)))
    return SerialOrder(interpolated=interpolated_samples(plan.switch, row, column, f1 - f0))


def start_order(plan: SerialPlan) -> SerialOrder:
    """The order that holds in the pixel of the first visit."""
    assert plan.start is not None
    order = pixel_order(plan, *pixel_of(plan.start, plan.job.experiment))
    return order._replace(first_visit=plan.start.number, first_orientations=plan.start_orientations)


def pixel_of(place: Place, experiment: Experiment) -> tuple[Array, Array]:
    """Slow and fast index of a place of the region, float64."""
    f0, _, s0, _ = region(experiment)
    return (place.row + s0).astype(jnp.float64), (place.column + f0).astype(jnp.float64)


def interpolated_samples(switch: Place, row: Array, column: Array, width: int) -> Array:
    """How many leading samples of pixels interpolate: those before the switch, int32.

    Args:
      switch: the first sample that does not.
      row, column: places of the pixels in the region, int32.
      width: columns of the region.
    """
    number = row * width + column
    position = switch.row * width + switch.column
    at_switch = jnp.where(number == position, switch.number, 0)
    return jnp.where((number < position) | (switch.number == NEVER), NEVER, at_switch).astype(jnp.int32)
