"""From directions to the scattering vector and its resolution."""

import jax.numpy as jnp

from jaxbragg.geometry.vectors import norm, scale, subtract
from jaxbragg.shapes import Array, Vec3


def scattering_vector(
    position: Vec3, path: Array, inverse_path: Array, incident: Vec3, wavelength: Array
) -> Vec3:
    """q = (d - i)/wavelength for the ray to a position, 1/m.

    Formed as (position - path i)/(path wavelength): near the beam the difference then keeps its digits, and
    on the beam it is exactly zero.

    Args:
      position: of the detector point, m.
      path: its length, m.
      inverse_path: one over it, 1/m.
      incident: direction of the incident ray, unit vector.
      wavelength: m.

    Source: specs/scattering.md SCAT-1.
    """
    return scale(inverse_path * (1.0 / wavelength), subtract(position, scale(path, incident)))


def passes_resolution(q: Vec3, dmin: Array) -> Array:
    """Whether a sample is coarse enough to count: d-spacing at least `dmin` (m), or dmin not positive.

    Source: specs/scattering.md SCAT-2.
    """
    stol = 0.5 * norm(q)
    safe = jnp.where(stol > 0.0, stol, 1.0)
    return ~((dmin > 0.0) & (stol > 0.0) & (dmin > 0.5 / safe))
