"""Kahn's polarization factor."""

from collections.abc import Callable

import jax.numpy as jnp

from jaxbragg.geometry.vectors import add, cross, dot, subtract
from jaxbragg.shapes import Array, Vec3


def polarization_factor(
    incident: Vec3, diffracted: Callable[[Vec3], Array], axis: Vec3, fraction: Array
) -> Array:
    """Polarization factor of one scattered ray, dimensionless.

    Written without the azimuth: sin²(2theta) cos(2psi) is the difference of the squared projections of the
    diffracted ray on the directions along and across the field, which has no singular point.

    Args:
      incident: direction of the incident ray, unit vector.
      diffracted: direction of the scattered ray, by its scalar product with any vector that all pixels
        share.
      axis: polarization axis, unit vector; need not be normal to the ray.
      fraction: Kahn factor, -1 to 1.

    Returns:
      0 to 1; 1 at zero scattering angle for any fraction. An axis along the ray has no azimuth: the factor
      is then that of scattering in the plane of the field, as in the reference program.

    Source: specs/polarization.md POL-1, POL-2; Kahn et al. (1982) J. Appl. Cryst. 15, 330.
    """
    cosine = diffracted(incident)
    across = cross(axis, incident)
    length_sq = dot(across, across)
    undefined = length_sq == 0.0
    # i x (p x i) has the length of p x i, so one division normalises both directions
    along = cross(incident, across)
    per_square = jnp.where(undefined, 0.0, 0.5 * fraction / jnp.where(undefined, 1.0, length_sq))
    in_plane = jnp.where(undefined, 0.5 * fraction, 0.0)
    # a² - b² as (a + b)(a - b)
    of_azimuth = per_square * (diffracted(add(along, across)) * diffracted(subtract(along, across)))
    return (0.5 - in_plane) + (0.5 + in_plane) * cosine**2 - of_azimuth
