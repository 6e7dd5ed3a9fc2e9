"""The sum over the samples of one pixel, and its scale.

Every factor of a sample is either its own, taken where the sample is, or deferred: taken once per pixel and
multiplied in at the end, as the reference program does unless told otherwise. The corrected model defers
nothing.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jax.ad_checkpoint import checkpoint_name
from jax.typing import DTypeLike

from jaxbragg.config.experiment import Experiment
from jaxbragg.constants import CLASSICAL_ELECTRON_RADIUS_SQ
from jaxbragg.geometry.vectors import apply
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.domains import domain_sum
from jaxbragg.simulation.factors import deferred
from jaxbragg.simulation.loops import dtype_of_total
from jaxbragg.simulation.narrow_tangents import with_tangents
from jaxbragg.simulation.orientations import Orientations, single_domain_turned
from jaxbragg.simulation.point import PointTerms, RayTerms, ray_index
from jaxbragg.simulation.sample import SampleTerms
from jaxbragg.simulation.visits import Job, SerialOrder, fold_angles, fold_rays, fold_samples

SUM_OVER_SAMPLES = "sum over samples"
"""What derivatives call the sum of a pixel."""


class Sums(NamedTuple):
    """What a pixel accumulates.

    Attributes:
      spots: sum of F² L² times the samples' own factors.
      background: sum of the factors alone, for diffuse scatter; None when there is none or `spots` holds it.
      capture, polarization, solid_angle: deferred factors; 0 until taken, None when not deferred.
    """

    spots: Array
    background: Array | None
    capture: Array | None
    polarization: Array | None
    solid_angle: Array | None


class Totals(NamedTuple):
    """Sums of pixels with all their factors; only one number that all pixels share is missing.

    Attributes:
      spots: sum over the samples.
      background: sum of the factors alone; None when there is none or `spots` holds it.
    """

    spots: Array
    background: Array | None


def pixel_photons(job: Job, slow: Array, fast: Array, order: SerialOrder) -> Array:
    """Expected photons in pixels, narrow dtype.

    Args:
      job: the experiment.
      slow, fast: pixel indices, float64, any shapes that broadcast.
      order: dependence on earlier samples.

    Source: specs/summation.md SUM-1 to SUM-5.
    """
    return scaled(job, pixel_sums(job, slow, fast, order))


def pixel_totals(job: Job, slow: Array, fast: Array, order: SerialOrder) -> Totals:
    """Sums of pixels times their deferred factors; arguments as in `pixel_photons`."""
    return _with_deferred(pixel_sums(job, slow, fast, order))


def _with_deferred(sums: Sums) -> Totals:
    spots = sums.spots
    for factor in (sums.capture, sums.polarization, sums.solid_angle):
        if factor is not None:
            spots = spots * factor.astype(spots.dtype)
    return Totals(spots, sums.background)


def scaled(job: Job, sums: Sums) -> Array:
    """From the sums of pixels to expected photons."""
    return photons(job, _with_deferred(sums))


def pixel_sums(job: Job, slow: Array, fast: Array, order: SerialOrder) -> Sums:
    """Sum over all samples of every pixel."""

    def on_point(sums: Sums, point: PointTerms, is_first: Array) -> Sums:
        return _defer_point_factors(sums, point, is_first)

    def on_ray(sums: Sums, point: PointTerms, ray: RayTerms, visit: Array) -> Sums:
        return _add_ray(job, sums, point, ray, visit, order)

    sums = fold_rays(job, slow, fast, on_point, on_ray, _empty_sums(job, slow + fast))
    narrow = job.precision.narrow
    kept = checkpoint_name(sums.spots.astype(narrow), SUM_OVER_SAMPLES)  # type: ignore[no-untyped-call]
    background = None if sums.background is None else sums.background.astype(narrow)
    return sums._replace(spots=kept, background=background)


def _empty_sums(job: Job, pixels: Array) -> Sums:
    experiment, setup, narrow = job.experiment, job.setup, job.precision.narrow
    factors = deferred(experiment)
    additions = samples_per_pixel(experiment) // len(experiment.crystal.mosaic_fractions)
    start = jnp.zeros_like(pixels, dtype_of_total(additions, narrow))
    background = None
    if setup.background is not None:
        if experiment.model.background_scaled_twice:  # Q6: the diffuse scatter is one more term of the sum
            start = start + setup.background.astype(start.dtype)
        else:
            background = start
    zero = jnp.zeros_like(pixels)
    polarization = jnp.ones_like(zero) if experiment.beam.no_polarization else zero
    return Sums(
        spots=start,
        background=background,
        capture=zero if factors.capture_deferred else None,
        polarization=polarization if factors.polarization_deferred else None,
        solid_angle=zero if factors.solid_angle_deferred else None,
    )


def _defer_point_factors(sums: Sums, point: PointTerms, first_sub_pixel: Array) -> Sums:
    """Remember the solid angle of the first point and the capture of each layer's first sub-pixel."""
    if sums.solid_angle is not None:
        kept = jnp.where(sums.solid_angle == 0.0, point.solid_angle, sums.solid_angle)
        sums = sums._replace(solid_angle=kept)
    if sums.capture is not None:
        sums = sums._replace(capture=jnp.where(first_sub_pixel, point.capture, sums.capture))
    return sums


def _defer_polarization(sums: Sums, ray: RayTerms, experiment: Experiment) -> Sums:
    """Remember the polarization factor of the first ray that passes the resolution limit (Q15: else none)."""
    if sums.polarization is None:
        return sums
    take = sums.polarization == 0.0
    if experiment.model.dmin_blanks_background:
        take &= ray.passes
    return sums._replace(polarization=jnp.where(take, ray.polarization, sums.polarization))


def _add_ray(
    job: Job, sums: Sums, point: PointTerms, ray: RayTerms, visit: Array, order: SerialOrder
) -> Sums:
    """Add all spindle angles and domains of one ray."""
    experiment, narrow = job.experiment, job.precision.narrow
    sums = _defer_polarization(sums, ray, experiment)
    factor = ray.factor.astype(narrow)
    if sums.background is not None:
        sums = sums._replace(background=sums.background + factor.astype(sums.background.dtype))
    if multiplies_running_sum(experiment):
        skips_zero = job.setup.background is None

        def multiply_running_sum(total: Array, sample: SampleTerms, number: Array) -> Array:
            del number
            counts = ray.passes & ((sample.lattice != 0.0) if skips_zero else True)
            return jnp.where(counts, (total + sample.intensity) * factor, total)

        return sums._replace(
            spots=fold_samples(job, point, ray, visit, order, multiply_running_sum, sums.spots)
        )

    # The factor goes in with every sample: a sum that is linear in its terms needs no stored partial sums for
    # the derivative with respect to the factor.
    counted = counted_factor(ray, narrow)
    if order.interpolated is None:

        def add_domains(total: Array, number: Array, here: Orientations) -> Array:
            del number
            base, turns = single_domain_turned(here)
            index = with_tangents(ray_index, _index_by_components, narrow)(point, ray, base)
            cells, constants = job.setup.cells, job.constants
            domains = domain_sum(index, ray.q, base, turns, counted, cells, constants, job.far)
            return total + domains.astype(total.dtype)

        return sums._replace(spots=fold_angles(job, visit, order, add_domains, sums.spots))

    def add(total: Array, sample: SampleTerms, number: Array) -> Array:
        del number
        return total + (counted * sample.intensity).astype(total.dtype)

    return sums._replace(spots=fold_samples(job, point, ray, visit, order, add, sums.spots))


def counted_factor(ray: RayTerms, narrow: DTypeLike) -> Array:
    """What a ray's samples are multiplied with: nothing where the resolution limit drops it."""
    return jnp.where(ray.passes, ray.factor.astype(narrow), 0.0)


def _index_by_components(point: PointTerms, ray: RayTerms, base: Mat33) -> Vec3:
    """`ray_index` by the components of q, which the sum over domains needs in the narrow dtype anyway."""
    del point
    return apply(base, ray.q)


def multiplies_running_sum(experiment: Experiment) -> bool:
    """Whether own factors multiply the sum so far instead of their sample (Q2)."""
    sampling = experiment.sampling
    any_flag = sampling.oversample_thick or sampling.oversample_polar or sampling.oversample_omega
    return experiment.model.running_products and any_flag


def photons(job: Job, totals: Totals) -> Array:
    """From the totals of pixels to expected photons.

    Source: specs/summation.md SUM-1, SUM-4.
    """
    setup, experiment = job.setup, job.experiment
    dtype = totals.spots.dtype
    steps = number_of_steps(experiment)
    expected = totals.spots * (CLASSICAL_ELECTRON_RADIUS_SQ * setup.fluence / steps).astype(dtype)
    if totals.background is not None and setup.background is not None:
        oversample = experiment.sampling.oversample
        assert oversample is not None
        rays = len(setup.sources.wavelength) * oversample**2
        expected = expected + totals.background * (setup.background / rays).astype(dtype)
    return expected


def number_of_steps(experiment: Experiment) -> int:
    """Samples per pixel that are averaged: sources, domains, spindle angles, sub-pixels; not layers."""
    oversample = experiment.sampling.oversample
    assert oversample is not None
    beam, crystal = experiment.beam, experiment.crystal
    sources = len(beam.source_grid) if beam.sources is None else len(beam.sources.weights)
    return int(sources * len(crystal.mosaic_fractions) * experiment.rotation.steps * oversample**2)


def samples_per_pixel(experiment: Experiment) -> int:
    """Samples of one pixel: its steps in every layer of the sensor."""
    return number_of_steps(experiment) * experiment.detector.sensor_layers
