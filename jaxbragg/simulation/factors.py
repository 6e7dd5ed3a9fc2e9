"""Which factors a sample has itself, and which are taken once per pixel."""

from typing import NamedTuple

from jaxbragg.config.experiment import Experiment
from jaxbragg.shapes import Array


class Factors(NamedTuple):
    """Which factors are taken once per pixel and multiplied in at the end."""

    capture_deferred: bool
    polarization_deferred: bool
    solid_angle_deferred: bool


def deferred(experiment: Experiment) -> Factors:
    """Which factors the model takes once per pixel (Q3, Q13)."""
    model, sampling = experiment.model, experiment.sampling
    return Factors(
        capture_deferred=model.last_layer_capture and not sampling.oversample_thick,
        polarization_deferred=model.first_sample_factors and not sampling.oversample_polar,
        solid_angle_deferred=model.first_sample_factors and not sampling.oversample_omega,
    )


def polarized(experiment: Experiment) -> bool:
    """Whether a sample's own polarization factor applies; the program's flag overrules -nopolar (Q14)."""
    overruled = experiment.model.nopolar_overruled and experiment.sampling.oversample_polar
    return overruled or not experiment.beam.no_polarization


def own_factor(
    experiment: Experiment, weight: Array, capture: Array, polarization: Array, solid_angle: Array
) -> Array:
    """Product of the factors that are taken at this sample; arguments as in `PointTerms` and `RayTerms`."""
    factors = deferred(experiment)
    product = weight
    if not factors.capture_deferred:
        product = product * capture
    if not factors.polarization_deferred and polarized(experiment):
        product = product * polarization
    if not factors.solid_angle_deferred:
        product = product * solid_angle
    return product
