"""All samples of a pixel at once: what `visits` walks through, with one axis for each kind of sample."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.sampling.points import pixel_points
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.orientations import domain_changes
from jaxbragg.simulation.point import PointTerms, RayTerms, point_terms, ray_index, ray_terms
from jaxbragg.simulation.sample import (
    SampleTerms,
    domain_index,
    index_terms,
    to_nearest,
    unmoved_sample_terms,
)
from jaxbragg.simulation.visits import Job, SerialOrder, may_interpolate, orientations_in_use


class AllSamples(NamedTuple):
    """Terms of every sample; each leaf has the axes named here.

    Attributes:
      point: (sub-pixel, layer).
      ray: (sub-pixel, layer, source).
      sample: (sub-pixel, layer, source, phi, domain).
      may_interpolate: whether the serial order lets the sample interpolate, bool; axes of `sample`.
    """

    point: PointTerms
    ray: RayTerms
    sample: SampleTerms
    may_interpolate: Array


def all_samples(job: Job, slow: Array, fast: Array, order: SerialOrder) -> AllSamples:
    """Evaluate the terms of every sample of one pixel.

    Args:
      job: the experiment.
      slow, fast: pixel indices, float64, ().
      order: dependence on earlier samples.
    """
    setup, experiment = job.setup, job.experiment
    oversample, layers = experiment.sampling.oversample, experiment.detector.sensor_layers
    assert oversample is not None
    sources = setup.sources
    n_phi, n_domains = job.orientations.turns.row_0.x.shape

    def at_point(
        visits: Array, sub_fast: Array, sub_slow: Array, layer: Array
    ) -> tuple[PointTerms, tuple[RayTerms, tuple[SampleTerms, Array]]]:
        point = point_terms(setup, experiment, fast, slow, sub_fast, sub_slow, layer)

        def at_source(
            visit: Array, incident: Vec3, wavelength: Array, weight: Array
        ) -> tuple[RayTerms, tuple[SampleTerms, Array]]:
            ray = ray_terms(setup, experiment, point, incident, wavelength, weight)
            numbers = (visit * n_phi + _count(n_phi, 1)) * n_domains + _count(1, n_domains)

            def at_phi(numbers: Array, base: Mat33, turns: Mat33) -> tuple[SampleTerms, Array]:
                changes = domain_changes(base, turns, job.precision.wide)
                index = index_terms(ray_index(point, ray, base), ray.q, setup.cells, job.precision.wide)

                def at_domain(number: Array, change: Mat33) -> tuple[SampleTerms, Array]:
                    interpolate = may_interpolate(number, order)
                    # in the wide dtype, far or not (PREC-5)
                    domain = to_nearest(domain_index(index, change, setup.cells), setup.cells)
                    domain = jax.tree.map(lambda x: x.astype(job.precision.narrow), domain)
                    terms = unmoved_sample_terms(domain, job.constants, interpolate)
                    return terms, jnp.asarray(True) if interpolate is None else interpolate

                return jax.vmap(at_domain)(numbers, changes)

            return ray, jax.vmap(at_phi)(numbers, *orientations_in_use(job, visit, order))

        return point, jax.vmap(at_source)(visits, *sources)

    points = pixel_points(oversample, layers)
    fast_slow_layer = (jnp.asarray(x.reshape(layers, -1).T) for x in points)
    visits = serial_visits(job)
    point, (ray, (sample, allowed)) = jax.vmap(jax.vmap(at_point))(visits, *fast_slow_layer)
    return AllSamples(point, ray, sample, allowed)


def serial_visits(job: Job) -> Array:
    """Serial number of every visit of a pixel, int32, (sub-pixel, layer, source)."""
    oversample = job.experiment.sampling.oversample
    assert oversample is not None
    shape = (job.experiment.detector.sensor_layers, oversample**2, len(job.setup.sources.wavelength))
    return _count(*shape).transpose(1, 0, 2)


def _count(*shape: int) -> Array:
    """0, 1, 2 … in reading order, int32."""
    count = 1
    for n in shape:
        count *= n
    return jnp.arange(count, dtype=jnp.int32).reshape(shape)
