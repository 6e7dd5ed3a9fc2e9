"""What the layers of the sensor capture."""

import jax.numpy as jnp

from jaxbragg.shapes import Array


def capture_fraction(layer: Array, step: Array, attenuation_depth: Array, parallax: Array) -> Array:
    """Fraction of the photons that one layer absorbs, dimensionless.

    Args:
      layer: index of the layer, 0 nearest to the sample.
      step: thickness of a layer, m.
      attenuation_depth: m; infinite captures nothing.
      parallax: cosine between the ray and the detector normal.

    Source: specs/sensor.md SENS-2.
    """
    per_layer = step / attenuation_depth / parallax
    return jnp.exp(-layer * per_layer) - jnp.exp(-(layer + 1.0) * per_layer)
