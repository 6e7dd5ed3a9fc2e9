"""The walk over the samples of a block of pixels, in the serial order of the reference program.

Points (layers, then sub-pixels) are outermost, then sources; a point with a source is a visit. Inside a visit
come spindle angles, then mosaic domains. What is done at each sample is the caller's: the image adds, the
program's order-dependent defects look for the first of something.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp

from jaxbragg.config.experiment import Experiment
from jaxbragg.precision import Precision
from jaxbragg.sampling.points import pixel_points
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.far_domains import is_far
from jaxbragg.simulation.loops import fold
from jaxbragg.simulation.narrow_tangents import with_tangents
from jaxbragg.simulation.orientations import Orientations, domain_changes
from jaxbragg.simulation.point import PointTerms, RayTerms, point_terms, ray_index, ray_terms
from jaxbragg.simulation.sample import (
    BlockRules,
    SampleConstants,
    SampleTerms,
    domain_index,
    index_terms,
    sample_terms,
)
from jaxbragg.simulation.setup import Setup
from jaxbragg.terms.lattice import ReciprocalAxes

Carry = TypeVar("Carry")


class Job(NamedTuple):
    """An experiment ready to be summed.

    Attributes:
      setup: pixel-independent quantities.
      experiment: static choices, and parameters that act per sample.
      constants: what every sample shares.
      precision: dtypes.
      orientations: of the crystal and its domains.
      far: whether a sum over domains needs their indices in the wide dtype, bool, (); None where it has them.
    """

    setup: Setup
    experiment: Experiment
    constants: SampleConstants
    precision: Precision
    orientations: Orientations
    far: Array | None


class SerialOrder(NamedTuple):
    """How a pixel's samples depend on the ones before (program model only).

    Attributes:
      interpolated: number of leading samples of the pixel that may interpolate, int32; None means all.
      first_visit: number of the visit that is the first of the run, int32; None: not in this pixel.
      first_orientations: orientations for that visit.
    """

    interpolated: Array | None = None
    first_visit: Array | None = None
    first_orientations: Orientations | None = None


IN_ANY_ORDER = SerialOrder()
"""Samples that do not depend on each other."""


def make_job(setup: Setup, experiment: Experiment, precision: Precision) -> Job:
    """Bring what the samples share into the narrow dtype."""

    def narrow(x: Array) -> Array:
        return x.astype(precision.narrow)

    cell = setup.lattice
    constants = SampleConstants(
        cells=jax.tree.map(narrow, setup.cells),
        fudge=narrow(experiment.crystal.fudge),
        axes=jax.tree.map(narrow, ReciprocalAxes(cell.a_star, cell.b_star, cell.c_star)),
        factors=jax.tree.map(narrow, experiment.structure_factors),
        rules=BlockRules(
            shape=experiment.crystal.shape,
            full_index_sines=experiment.model.full_index_sines and precision.narrow == jnp.float64,
        ),
    )
    far = None
    if precision.narrow != precision.wide:
        far = is_far(setup.orientations, setup.cells, setup.largest_q)
    return Job(setup, experiment, constants, precision, setup.orientations, far)


def fold_rays(
    job: Job,
    slow: Array,
    fast: Array,
    on_point: Callable[[Carry, PointTerms, Array], Carry],
    on_ray: Callable[[Carry, PointTerms, RayTerms, Array], Carry],
    carry: Carry,
) -> Carry:
    """Carry a value through the points and sources of every pixel.

    Args:
      job: the experiment.
      slow, fast: pixel indices, float64, any shapes that broadcast.
      on_point: (carry, point, whether it is its layer's first sub-pixel) -> carry.
      on_ray: (carry, point, ray, visit number int32) -> carry.
      carry: start value.
    """
    setup, experiment = job.setup, job.experiment
    oversample = experiment.sampling.oversample
    assert oversample is not None
    points = pixel_points(oversample, experiment.detector.sensor_layers)
    sources = setup.sources
    n_sources = len(sources.wavelength)
    source_numbers = jnp.arange(n_sources, dtype=jnp.int32)
    at_point = with_tangents(point_terms, point_terms, job.precision.narrow)
    along_ray = with_tangents(_ray_through, _point_and_ray, job.precision.narrow)

    def over_points(carry: Carry, item: tuple[Array, Array, Array, Array]) -> Carry:
        number, sub_fast, sub_slow, layer = item
        point = at_point(setup, experiment, fast, slow, sub_fast, sub_slow, layer)
        carry = on_point(carry, point, sub_fast + sub_slow == 0)

        def over_sources(carry: Carry, item: tuple[Array, Vec3, Array, Array]) -> Carry:
            source_number, incident, wavelength, weight = item
            pixel = (fast, slow, sub_fast, sub_slow, layer)
            source = (incident, wavelength, weight)
            seen, ray = along_ray(jax.lax.stop_gradient(point), setup, experiment, pixel, source)
            return on_ray(carry, seen, ray, number * n_sources + source_number)

        return fold(
            over_sources, carry, (source_numbers, sources.incident, sources.wavelength, sources.weight)
        )

    numbers = jnp.arange(len(points.fast), dtype=jnp.int32)
    items = (numbers, jnp.asarray(points.fast), jnp.asarray(points.slow), jnp.asarray(points.layer))
    return fold(over_points, carry, items)


def _ray_through(
    point: PointTerms, setup: Setup, experiment: Experiment, pixel: tuple[Array, ...], source: tuple[Any, ...]
) -> tuple[PointTerms, RayTerms]:
    """A source's ray through a point whose terms are known."""
    del pixel
    return point, ray_terms(setup, experiment, point, *source)


def _point_and_ray(
    point: PointTerms, setup: Setup, experiment: Experiment, pixel: tuple[Array, ...], source: tuple[Any, ...]
) -> tuple[PointTerms, RayTerms]:
    """The same from the pixel, so that every dtype follows the arguments'."""
    del point
    point = point_terms(setup, experiment, *pixel)
    return point, ray_terms(setup, experiment, point, *source)


def orientations_in_use(job: Job, visit: Array, order: SerialOrder) -> Orientations:
    """Orientations at a visit: those of the first visit of the run, or those of all others."""
    if order.first_visit is None:
        return job.orientations
    is_first = visit == order.first_visit
    used: Orientations = jax.tree.map(
        lambda first, other: jnp.where(is_first, first, other), order.first_orientations, job.orientations
    )
    return used


def may_interpolate(number: Array, order: SerialOrder) -> Array | None:
    """Whether the sample of this number may interpolate; None follows the table alone."""
    return None if order.interpolated is None else number < order.interpolated


def fold_samples(
    job: Job,
    point: PointTerms,
    ray: RayTerms,
    visit: Array,
    order: SerialOrder,
    step: Callable[[Carry, SampleTerms, Array], Carry],
    carry: Carry,
) -> Carry:
    """Carry a value through the spindle angles and mosaic domains of one ray.

    Args:
      job: the experiment.
      point, ray: of the visit.
      visit: number of this point and source in the pixel, int32.
      order: dependence on earlier samples.
      step: (carry, sample, sample number int32) -> carry.
      carry: start value.
    """

    def over_phi(carry: Carry, number: Array, here: Orientations) -> Carry:
        index = index_terms(ray_index(point, ray, here.base), ray.q, job.setup.cells, job.precision.narrow)
        change = domain_changes(*here, job.precision.narrow)
        n_domains = len(change.row_0.x)

        def over_domains(carry: Carry, item: tuple[Array, Mat33]) -> Carry:
            domain_number, domain_change = item
            sample_number = number * n_domains + domain_number
            interpolate = may_interpolate(sample_number, order)
            domain = domain_index(index, domain_change, job.constants.cells)
            return step(carry, sample_terms(domain, job.constants, interpolate), sample_number)

        return fold(over_domains, carry, (jnp.arange(n_domains, dtype=jnp.int32), change))

    return fold_angles(job, visit, order, over_phi, carry)


def fold_angles(
    job: Job,
    visit: Array,
    order: SerialOrder,
    step: Callable[[Carry, Array, Orientations], Carry],
    carry: Carry,
) -> Carry:
    """Carry a value through the spindle angles of one visit.

    Args:
      job, visit, order, carry: as in `fold_samples`.
      step: (carry, number of the spindle angle in the pixel int32, orientations there) -> carry.
    """
    orientations = orientations_in_use(job, visit, order)
    n_phi = len(orientations.base.row_0.x)

    def over_phi(carry: Carry, item: tuple[Array, Orientations]) -> Carry:
        phi_number, here = item
        return step(carry, visit * n_phi + phi_number, here)

    return fold(over_phi, carry, (jnp.arange(n_phi, dtype=jnp.int32), orientations))
