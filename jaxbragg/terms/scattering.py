"""From directions to the scattering vector and its resolution."""

import jax.numpy as jnp

from jaxbragg.geometry.vectors import norm, scale, subtract
from jaxbragg.shapes import Array, Vec3


def scattering_vector(diffracted: Vec3, incident: Vec3, wavelength: Array) -> Vec3:
    """Q = (d - i)/wavelength, 1/m.

    Args:
      diffracted, incident: unit vectors.
      wavelength: m.

    Source: specs/scattering.md SCAT-1.
    """
    change = subtract(diffracted, incident)
    return scale(1.0 / wavelength, change)


def passes_resolution(q: Vec3, dmin: Array) -> Array:
    """Whether a sample is coarse enough to count: d-spacing at least `dmin` (m), or dmin not positive.

    Source: specs/scattering.md SCAT-2.
    """
    stol = 0.5 * norm(q)
    safe = jnp.where(stol > 0.0, stol, 1.0)
    return ~((dmin > 0.0) & (stol > 0.0) & (dmin > 0.5 / safe))
