"""Real-space vectors of the crystal at every spindle angle, and what each mosaic domain changes in them."""

from collections.abc import Callable
from typing import NamedTuple

import jax

from jaxbragg.config.crystal import CrystalConfig
from jaxbragg.config.model import Model
from jaxbragg.geometry.cell import Lattice
from jaxbragg.geometry.vectors import apply, rotate_about, together
from jaxbragg.sampling.mosaic import mosaic_changes
from jaxbragg.shapes import Array, Mat33, Vec3


class Orientations(NamedTuple):
    """Orientations of one experiment, as matrices whose rows are a, b, c in m.

    Attributes:
      base: unrotated domain at every spindle angle, components (n_phi,).
      change: real vectors of a domain less those of `base`, components (n_phi, n_domains).
    """

    base: Mat33
    change: Mat33


def orientations(
    crystal: CrystalConfig, cell: Lattice, phi: Array, spindle: Vec3, model: Model
) -> Orientations:
    """Turn the crystal about the spindle and spread it over its mosaic domains.

    Args:
      crystal: mosaic spread and draws.
      cell: the crystal at spindle angle zero.
      phi: spindle angles, radians, (n_phi,).
      spindle: rotation axis, unit vector.
      model: `mosaic_in_laboratory` (Q23) acts here: the domains then do not turn with the crystal.

    Source: specs/crystal.md CRYST-7, CRYST-8.
    """
    axes = (cell.a, cell.b, cell.c)

    def turn(angle: Array) -> Callable[[Vec3], Vec3]:
        return lambda v: rotate_about(v, spindle, angle)

    def base(angle: Array) -> Mat33:
        return Mat33(*together(turn(angle), *axes))

    def change(angle: Array, domain: Mat33) -> Mat33:
        if model.mosaic_in_laboratory:
            return Mat33(*together(lambda v: apply(domain, v), *base(angle)))
        return Mat33(*together(turn(angle), *together(lambda v: apply(domain, v), *axes)))

    over_domains = jax.vmap(change, in_axes=(None, 0))
    return Orientations(
        base=jax.vmap(base)(phi),
        change=jax.vmap(over_domains, in_axes=(0, None))(phi, mosaic_changes(crystal)),
    )
