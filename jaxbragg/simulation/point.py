"""The physics of one ray, every term by name.

Of the four stages from what most samples share to what they do not, the first two: a point of the detector,
and a ray from a source through it; `sample.py` has the others. Each stage is a plain function of scalars that
returns all its terms; the image reads some of them, the trace reads all, and XLA drops what nobody reads.
"""

from typing import NamedTuple

import jax.numpy as jnp

from jaxbragg.config.experiment import Experiment
from jaxbragg.geometry.pixels import DetectorPoint, detector_point
from jaxbragg.geometry.vectors import dot
from jaxbragg.sampling.points import detector_coordinate
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.factors import own_factor
from jaxbragg.simulation.setup import Setup
from jaxbragg.terms.absorption import capture_fraction
from jaxbragg.terms.polarization import polarization_factor
from jaxbragg.terms.scattering import passes_resolution, scattering_along, scattering_vector
from jaxbragg.terms.solid_angle import obliquity, solid_angle


class PointTerms(NamedTuple):
    """A point of the detector.

    Attributes:
      point: position, path and direction.
      obliquity: cosine between the ray and the detector normal, without its sign in the corrected model.
      parallax: cosine between the ray and the normal, as the sensor sees it.
      solid_angle: of the whole pixel, steradian.
      capture: fraction of the photons that this layer of the sensor absorbs.
    """

    point: DetectorPoint
    obliquity: Array
    parallax: Array
    solid_angle: Array
    capture: Array


class RayTerms(NamedTuple):
    """One source's ray through the point.

    Attributes:
      incident: direction of propagation, unit vector.
      wavelength: m.
      weight: dimensionless.
      q: scattering vector, 1/m.
      passes: whether the resolution limit lets the ray count.
      polarization: Kahn factor of the ray.
      factor: product of the factors that samples of the ray have themselves.
    """

    incident: Vec3
    wavelength: Array
    weight: Array
    q: Vec3
    passes: Array
    polarization: Array
    factor: Array


def point_terms(
    setup: Setup,
    experiment: Experiment,
    fast: Array,
    slow: Array,
    sub_fast: Array,
    sub_slow: Array,
    layer: Array,
) -> PointTerms:
    """Terms of one point of a pixel.

    Args:
      setup: pixel-independent quantities.
      experiment: static choices.
      fast, slow: pixel indices, float.
      sub_fast, sub_slow: sub-pixel indices, float.
      layer: layer index, float.
    """
    detector, model = experiment.detector, experiment.model
    oversample = experiment.sampling.oversample
    assert oversample is not None
    seen = detector_point(
        detector_coordinate(fast, sub_fast, oversample, setup.pixel_size),
        detector_coordinate(slow, sub_slow, oversample, setup.pixel_size),
        layer * setup.layer_step,
        setup.placement,
        detector,
        setup.frame.beam,
        model,
    )
    cosine = obliquity(seen.inverse_path, setup.placement.close_distance, detector, model)
    parallax = dot(seen.direction, setup.placement.normal)
    if detector.curved and not model.curved_by_lab_axes:
        parallax = jnp.ones_like(parallax)
    return PointTerms(
        point=seen,
        obliquity=cosine,
        parallax=parallax,
        solid_angle=solid_angle(seen.inverse_path, cosine, setup.pixel_size, detector),
        capture=_capture(setup, experiment, layer, parallax),
    )


def _capture(setup: Setup, experiment: Experiment, layer: Array, parallax: Array) -> Array:
    if experiment.detector.sensor_thickness is None:
        black = experiment.model.black_without_sensor and experiment.sampling.oversample_thick  # Q5
        return jnp.zeros_like(parallax) if black else jnp.ones_like(parallax)
    return capture_fraction(layer, setup.layer_step, setup.attenuation_depth, parallax)


def ray_terms(
    setup: Setup, experiment: Experiment, point: PointTerms, incident: Vec3, wavelength: Array, weight: Array
) -> RayTerms:
    """Terms of one source's ray through a point."""
    seen = point.point
    q = scattering_vector(seen.position, seen.path, seen.inverse_path, incident, wavelength)
    passes = jnp.ones_like(q.x, bool) if setup.dmin is None else passes_resolution(q, setup.dmin)
    polarization = polarization_factor(
        incident,
        seen.direction_along,
        setup.frame.polarization,
        experiment.beam.polarization,
    )
    factor = own_factor(experiment, weight, point.capture, polarization, point.solid_angle)
    return RayTerms(incident, wavelength, weight, q, passes, polarization, factor)


def ray_index(point: PointTerms, ray: RayTerms, base: Mat33) -> Vec3:
    """h, k, l of a ray in a domain with the real vectors a, b, c (m): a.q, b.q, c.q."""
    diffracted = point.point.direction_along
    return Vec3(*(scattering_along(axis, diffracted, ray.incident, ray.wavelength) for axis in base))
