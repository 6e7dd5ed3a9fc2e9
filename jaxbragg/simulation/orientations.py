"""Real-space vectors of the crystal at every spindle angle, and what each mosaic domain changes in them."""

from typing import NamedTuple

import jax.numpy as jnp

from jaxbragg.config.crystal import CrystalConfig
from jaxbragg.config.model import Model
from jaxbragg.geometry.cell import Lattice
from jaxbragg.geometry.vectors import apply, rotate_about
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
    changes = mosaic_changes(crystal)
    base, change = [], []
    for axis in (cell.a, cell.b, cell.c):
        turned = rotate_about(axis, spindle, phi)
        base.append(turned)
        if model.mosaic_in_laboratory:
            change.append(_by_domain(changes, turned))
        else:
            spread = apply(changes, Vec3(*(jnp.asarray(x)[..., None] for x in axis)))
            change.append(rotate_about(Vec3(*(x.reshape(1, -1) for x in spread)), spindle, phi[:, None]))
    return Orientations(Mat33(*base), Mat33(*change))


def _by_domain(changes: Mat33, turned: Vec3) -> Vec3:
    """Apply every domain's change to the vector at every spindle angle."""
    return apply(changes, Vec3(*(x[:, None] for x in turned)))
