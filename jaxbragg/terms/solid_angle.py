"""How much of the sphere around the sample a pixel covers."""

import jax.numpy as jnp

from jaxbragg.config.detector import DetectorConfig
from jaxbragg.config.model import Model
from jaxbragg.shapes import Array


def obliquity(inverse_path: Array, close_distance: Array, detector: DetectorConfig, model: Model) -> Array:
    """Cosine between the ray and the detector normal, dimensionless.

    Args:
      inverse_path: one over the distance from the sample to the point, 1/m.
      close_distance: from the sample to the plane, m.
      detector: a curved detector faces the sample everywhere.
      model: `signed_solid_angle` (Q18) and `curved_by_lab_axes` (Q9) act here.

    Source: specs/geometry.md GEO-9.
    """
    if detector.curved and not model.curved_by_lab_axes:
        return jnp.ones_like(inverse_path)
    return (close_distance if model.signed_solid_angle else jnp.abs(close_distance)) * inverse_path


def solid_angle(inverse_path: Array, cosine: Array, pixel_size: Array, detector: DetectorConfig) -> Array:
    """Solid angle of a whole pixel seen from the sample, steradian (1/m² for a point pixel).

    Args:
      inverse_path: one over the distance from the sample to the point, 1/m.
      cosine: obliquity, dimensionless.
      pixel_size: edge, m.
      detector: whether its pixels are points.

    Source: specs/geometry.md GEO-9, GEO-10.
    """
    if detector.point_pixel:
        return inverse_path * inverse_path
    return pixel_size * pixel_size * (inverse_path * inverse_path) * cosine
