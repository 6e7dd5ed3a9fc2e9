"""From directions to the scattering vector and its resolution."""

from collections.abc import Callable

import jax.numpy as jnp

from jaxbragg.geometry.vectors import dot, norm, scale, subtract
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


def scattering_along(
    onto: Vec3, diffracted: Callable[[Vec3], Array], incident: Vec3, wavelength: Array
) -> Array:
    """Scalar product of q with a vector that all pixels share, 1/m times its unit.

    Takes a third of the operations per pixel that it takes by the components of q.

    Args:
      onto: the vector.
      diffracted: direction of the scattered ray, by its scalar product with any vector that all pixels
        share.
      incident, wavelength: as in `scattering_vector`.

    Source: specs/scattering.md SCAT-1, SCAT-3.
    """
    per_wavelength = scale(1.0 / wavelength, onto)
    return diffracted(per_wavelength) - dot(incident, per_wavelength)


def passes_resolution(q: Vec3, dmin: Array) -> Array:
    """Whether a sample is coarse enough to count: d-spacing at least `dmin` (m), or dmin not positive.

    Source: specs/scattering.md SCAT-2.
    """
    stol = 0.5 * norm(q)
    safe = jnp.where(stol > 0.0, stol, 1.0)
    return ~((dmin > 0.0) & (stol > 0.0) & (dmin > 0.5 / safe))
