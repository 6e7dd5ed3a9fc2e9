"""Real-space vectors of the crystal at every spindle angle, and how mosaic domains are turned from them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.config.crystal import CrystalConfig
from jaxbragg.config.model import Model
from jaxbragg.geometry.cell import Lattice
from jaxbragg.geometry.vectors import apply, rotate_about, together
from jaxbragg.sampling.mosaic import mosaic_turns
from jaxbragg.shapes import Array, Mat33, Vec3


class Orientations(NamedTuple):
    """Orientations of one experiment.

    Attributes:
      base: unrotated domain at every spindle angle, rows a, b, c in m, components (n_phi,).
      turns: rotation of a domain from there, less the identity, components (n_phi, n_domains).
    """

    base: Mat33
    turns: Mat33


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

    def turn(angle: Array) -> Callable[[Vec3], Vec3]:
        return lambda v: rotate_about(v, spindle, angle)

    def base(angle: Array) -> Mat33:
        return Mat33(*together(turn(angle), cell.a, cell.b, cell.c))

    def turns(angle: Array) -> Mat33:
        return mosaic_turns(crystal, (lambda axis: axis) if model.mosaic_in_laboratory else turn(angle))

    return Orientations(base=jax.vmap(base)(phi), turns=jax.vmap(turns)(phi))


def single_domain_turned(given: Orientations) -> tuple[Mat33, Mat33 | None]:
    """A single domain as its own unrotated one, so that samples need not be moved; more domains as given.

    Returns:
      Base, and turns from there: None for the single domain.
    """
    base, turns = given
    if turns.row_0.x.shape[-1] > 1:
        return base, turns
    turned: Mat33 = jax.tree.map(lambda x: x[..., 0], domain_axes(base, turns))
    return turned, None


def domain_changes(base: Mat33, turns: Mat33 | None, dtype: Any) -> Mat33:
    """What every domain changes in the real vectors, m.

    Args:
      base: rows a, b, c of the unrotated domain, m.
      turns: rotation of every domain less the identity, components with one more axis than those of `base`;
        None for a single domain that is not turned.
      dtype: of the result, which is formed in the dtype of the arguments and rounded once.
    """
    if turns is None:
        unturned: Mat33 = jax.tree.map(lambda x: jnp.zeros((*x.shape, 1), dtype), base)
        return unturned
    rows = (apply(turns, Vec3(*(x[..., None] for x in row))) for row in base)
    changes: Mat33 = jax.tree.map(lambda x: x.astype(dtype), Mat33(*rows))
    return changes


def domain_axes(base: Mat33, turns: Mat33 | None) -> Mat33:
    """Real vectors of every domain, m; arguments as in `domain_changes`, dtype theirs."""
    changes = domain_changes(base, turns, base.row_0.x.dtype)
    axes: Mat33 = jax.tree.map(lambda x, change: x[..., None] + change, base, changes)
    return axes


def rotations(turns: Mat33 | None, dtype: Any) -> Mat33:
    """Rotation of every domain from the unrotated one; `turns` as in `domain_changes`, of this dtype."""
    if turns is None:
        one, zero = jnp.ones(1, dtype), jnp.zeros(1, dtype)
        return Mat33(Vec3(one, zero, zero), Vec3(zero, one, zero), Vec3(zero, zero, one))
    a, b, c = turns
    return Mat33(a._replace(x=a.x + 1.0), b._replace(y=b.y + 1.0), c._replace(z=c.z + 1.0))
