"""The two defects of the reference program that depend on the order of pixels, by their closed rules.

Q1: a spindle angle of exactly zero keeps the orientation that was used before it. Q7: the first index outside
the interpolation's range ends interpolation for the rest of the run. Neither needs a serial loop: the first
is a different list of angles for all visits but the first one of the run, the second a position in the serial
order before which samples interpolate. (specs/summation.md SUM-6, SUM-7)
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.config.experiment import Experiment
from jaxbragg.shapes import Array
from jaxbragg.simulation.orientations import Orientations, orientations
from jaxbragg.simulation.point import PointTerms, RayTerms, SampleTerms
from jaxbragg.simulation.setup import Setup
from jaxbragg.simulation.tiles import map_region, region
from jaxbragg.simulation.visits import IN_ANY_ORDER, Job, SerialOrder, fold_rays, fold_samples, narrow_changes

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
    position = jnp.argmax(flat < NEVER).astype(jnp.int32)
    row, column = jnp.divmod(position, numbers.shape[1])
    return Place(row, column, flat[position])


def visited(experiment: Experiment, numbers: Array) -> Array:
    """Numbers of masked pixels replaced by `NEVER`: they are not visited."""
    mask = experiment.sampling.mask
    if mask is None:
        return numbers
    f0, f1, s0, s1 = region(experiment)
    return jnp.where(mask[s0:s1, f0:f1] != 0, numbers, NEVER)


def first_visit(job: Job) -> Place:
    """The first visit of the run that passes the resolution limit."""

    def of_pixel(slow: Array, fast: Array) -> Array:
        def on_ray(first: Array, point: PointTerms, ray: RayTerms, visit: Array) -> Array:
            del point
            return jnp.where(ray.passes, jnp.minimum(first, visit), first)

        return fold_rays(job, slow, fast, _same, on_ray, jnp.full_like(slow, NEVER, jnp.int32))

    numbers: Array = map_region(of_pixel, job.experiment)
    return first_place(visited(job.experiment, numbers))


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
        del point

        def step(first: Array, sample: SampleTerms, number: Array) -> Array:
            counts = ray.passes & ((sample.lattice != 0.0) if skips_zero else True)
            return jnp.where(counts & ~sample.interpolable, jnp.minimum(first, number), first)

        return fold_samples(job, ray, visit, order, step, first)

    return fold_rays(job, slow, fast, _same, on_ray, jnp.full_like(slow, NEVER, jnp.int32))


class SerialPlan(NamedTuple):
    """What the serial order changes in the image.

    Attributes:
      job: the experiment with the orientations of all visits but the first.
      interpolated: number of samples of each pixel that may interpolate, (slow, fast) of the region, or None.
      start: pixel and number of the first visit, or None when it is like any other.
      start_order: the order that holds for that pixel.
    """

    job: Job
    interpolated: Array | None
    start: Place | None
    start_order: SerialOrder


def serial_plan(job: Job) -> SerialPlan:
    """Work out where the order-dependent defects act; the identity in the corrected model."""
    experiment = job.experiment
    start, start_order = None, IN_ANY_ORDER
    if has_stale_phi(experiment):
        stale = stale_orientations(job.setup, experiment)
        job = job._replace(orientations=narrow_changes(stale.others, job.precision))
        start = first_visit(job)
        start_order = SerialOrder(
            first_visit=start.number, first_orientations=narrow_changes(stale.first, job.precision)
        )
    if not has_latch(experiment):
        return SerialPlan(job, None, start, start_order)
    outside = map_region(lambda s, f: first_outside(job, s, f, IN_ANY_ORDER), experiment)
    if start is not None:
        slow, fast = pixel_of(start, experiment)
        outside = outside.at[start.row, start.column].set(first_outside(job, slow, fast, start_order))
    interpolated = _interpolated_samples(visited(experiment, outside))
    if start is not None:
        start_order = start_order._replace(interpolated=interpolated[start.row, start.column])
    return SerialPlan(job, interpolated, start, start_order)


def pixel_order(plan: SerialPlan, slow: Array, fast: Array) -> SerialOrder:
    """The order that holds for one pixel of the region; indices are int32, ()."""
    order = plan.start_order
    if plan.start is not None:
        start_slow, start_fast = pixel_of(plan.start, plan.job.experiment)
        is_start = (slow == start_slow.astype(slow.dtype)) & (fast == start_fast.astype(fast.dtype))
        order = order._replace(first_visit=jnp.where(is_start, plan.start.number, NEVER))
    if plan.interpolated is not None:
        f0, _, s0, _ = region(plan.job.experiment)
        order = order._replace(interpolated=plan.interpolated[slow - s0, fast - f0])
    return order


def pixel_of(place: Place, experiment: Experiment) -> tuple[Array, Array]:
    """Slow and fast index of a place of the region, float64."""
    f0, _, s0, _ = region(experiment)
    return (place.row + s0).astype(jnp.float64), (place.column + f0).astype(jnp.float64)


def _interpolated_samples(outside: Array) -> Array:
    """Samples of every pixel before the first one of the run that is out of range, int32."""
    switch = first_place(outside)
    numbers = jnp.arange(outside.size, dtype=jnp.int32).reshape(outside.shape)
    position = switch.row * outside.shape[1] + switch.column
    later = jnp.where(numbers == position, switch.number, 0)
    return jnp.where((numbers < position) | (switch.number == NEVER), NEVER, later).astype(jnp.int32)
