"""Diffuse scattering of the water around the crystal."""

from jaxbragg import units
from jaxbragg.constants import (
    AVOGADRO,
    CLASSICAL_ELECTRON_RADIUS_SQ,
    WATER_DENSITY,
    WATER_F,
    WATER_MOLAR_MASS,
)
from jaxbragg.shapes import Array


def water_background(edge: Array, fluence: Array) -> Array:
    """Photons per steradian scattered by a cube of water, before polarization.

    Args:
      edge: edge of the cube, µm.
      fluence: photons/m².

    Source: specs/background.md BKG-1.
    """
    volume = units.micrometres_to_metres(edge) ** 3
    molecules = volume * WATER_DENSITY * AVOGADRO / WATER_MOLAR_MASS
    return WATER_F**2 * CLASSICAL_ELECTRON_RADIUS_SQ * fluence * molecules
