"""The sources that a pixel sees: directions, wavelengths and weights."""

from typing import NamedTuple

import jax.numpy as jnp

from jaxbragg import units
from jaxbragg.config.beam import BeamConfig
from jaxbragg.config.model import Model
from jaxbragg.constants import SOURCE_DISTANCE
from jaxbragg.geometry.conventions import Frame
from jaxbragg.geometry.vectors import cross, rotate_about, scale, unit, unit_or_zero, vector
from jaxbragg.shapes import Array, Vec3


class Sources(NamedTuple):
    """All sources of an experiment.

    Attributes:
      incident: directions of propagation, unit vectors with components (n,).
      wavelength: m, (n,).
      weight: share of the photons times the number of sources, dimensionless, (n,); 1 when all are equal.
    """

    incident: Vec3
    wavelength: Array
    weight: Array


def sources(beam: BeamConfig, frame: Frame, model: Model) -> Sources:
    """Sources from the list, else from divergence and dispersion.

    Args:
      beam: ranges and grid, or the list.
      frame: beam and polarization axes.
      model: `equal_source_weights` (Q11) acts here.

    Source: specs/beam.md BEAM-4 to BEAM-6.
    """
    if beam.sources is None:
        return _generated(beam, frame)
    listed = beam.sources
    count = len(listed.weights)
    weight = listed.weights * count / jnp.sum(listed.weights)
    return Sources(
        incident=scale(-1.0, unit(vector(listed.positions))),
        wavelength=units.angstroms_to_metres(listed.wavelengths),
        weight=jnp.ones_like(weight) if model.equal_source_weights else weight,
    )


def _generated(beam: BeamConfig, frame: Frame) -> Sources:
    grid = beam.source_grid
    horizontal = units.milliradians_to_radians(beam.divergence[0]) * grid[:, 0]
    vertical = units.milliradians_to_radians(beam.divergence[1]) * grid[:, 1]
    # a polarization axis along the beam has no upright direction: horizontal divergence then does nothing
    upright = unit_or_zero(cross(frame.beam, frame.polarization))
    position = rotate_about(scale(-SOURCE_DISTANCE, frame.beam), frame.polarization, vertical)
    position = rotate_about(position, upright, horizontal)
    offset = units.percent_to_fraction(beam.dispersion) * grid[:, 2]
    wavelength = units.angstroms_to_metres(beam.wavelength) * (1.0 + offset)
    return Sources(scale(-1.0, unit(position)), wavelength, jnp.ones_like(wavelength))
