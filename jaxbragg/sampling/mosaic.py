"""Mosaic rotations, written as what they change.

Most domains turn by a fraction of a degree. U - 1 is formed directly, so that the small change of an index
can be computed in single precision after the index of the unrotated crystal has been computed in double.
"""

from collections.abc import Callable

import jax.numpy as jnp

from jaxbragg import units
from jaxbragg.config.crystal import CrystalConfig
from jaxbragg.geometry.vectors import vector
from jaxbragg.shapes import Array, Mat33, Vec3


def mosaic_turns(crystal: CrystalConfig, turn_axis: Callable[[Vec3], Vec3]) -> Mat33:
    """U - 1 for the rotation U of every domain, components (n,).

    Args:
      crystal: mosaic spread and draws.
      turn_axis: what has turned the crystal, and with it the axes of the rotations.

    Source: specs/crystal.md CRYST-6, CRYST-7.
    """
    angle = units.degrees_to_radians(crystal.mosaic_spread) * crystal.mosaic_fractions
    return rotation_minus_identity(turn_axis(vector(crystal.mosaic_axes)), angle)


def rotation_minus_identity(axis: Vec3, angle: Array) -> Mat33:
    """Rotation about a unit axis by an angle (radians, right-handed), less the identity.

    1 - cos is written with the sine of half the angle, which keeps its digits at small angles.
    """
    sine = jnp.sin(angle)
    versine = 2.0 * jnp.sin(angle / 2.0) ** 2
    x, y, z = axis
    return Mat33(
        Vec3(versine * (x * x - 1.0), versine * x * y - sine * z, versine * x * z + sine * y),
        Vec3(versine * y * x + sine * z, versine * (y * y - 1.0), versine * y * z - sine * x),
        Vec3(versine * z * x - sine * y, versine * z * y + sine * x, versine * (z * z - 1.0)),
    )
