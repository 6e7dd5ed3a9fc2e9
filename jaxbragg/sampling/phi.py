"""Spindle angles of the stills that make one image."""

import jax.numpy as jnp

from jaxbragg import units
from jaxbragg.config.rotation import RotationConfig
from jaxbragg.shapes import Array


def phi_angles(rotation: RotationConfig) -> Array:
    """Spindle angle of every step, radians, (steps,); the left edges of the steps.

    Source: specs/crystal.md CRYST-8.
    """
    start = units.degrees_to_radians(rotation.phi)
    if rotation.phi_step is None:
        step = units.degrees_to_radians(rotation.osc) / rotation.steps
    else:
        step = units.degrees_to_radians(rotation.phi_step)
    return start + step * jnp.arange(rotation.steps, dtype=start.dtype)
