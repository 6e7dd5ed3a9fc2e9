"""Small rotations of the crystal about its current orientation, as missetting angles.

An experiment holds its orientation as rotations about x, then y, then z. Steps in these angles are unevenly
long and, where y is 90°, two of them are the same rotation; a rotation vector about the laboratory axes has
neither fault. The angles are computed from it at the end.
"""

import jax.numpy as jnp
import numpy as np

from jaxbragg import units
from jaxbragg.config.crystal import CrystalConfig
from jaxbragg.config.experiment import Experiment
from jaxbragg.config.tree import replaced
from jaxbragg.geometry.vectors import rotate_xyz, vector
from jaxbragg.sampling.mosaic import rotation_minus_identity
from jaxbragg.shapes import Array, HostArray, Vec3
from jaxbragg.simulation.derived import derive

NEAREST_TO_LOCK = 1e-8
"""Radians that y is kept from ±90°, where the angles have no derivative; far below the width of any spot."""


def turned_misset(misset: Array, turn: Array) -> Array:
    """Missetting angles of a crystal that is turned further.

    Args:
      misset: current angles, degrees, (3,).
      turn: rotation vector in the laboratory: axis times angle, degrees, (3,).

    Returns:
      Angles, degrees, (3,), with y between -90 and 90.

    Source: specs/refinement.md REF-3.
    """
    return angles_of(_rotation(units.degrees_to_radians(turn)) @ _matrix(_off_lock(misset)))


def angles_of(matrix: Array) -> Array:
    """Rotations about x, then y, then z, degrees, (3,), that together make a rotation matrix, (3, 3)."""
    x = jnp.arctan2(matrix[2, 1], matrix[2, 2])
    y = jnp.arctan2(-matrix[2, 0], jnp.sqrt(matrix[0, 0] ** 2 + matrix[1, 0] ** 2))
    z = jnp.arctan2(matrix[1, 0], matrix[0, 0])
    return jnp.stack([x, y, z]) * (180.0 / np.pi)


def _off_lock(misset: Array) -> Array:
    """The same angles, unless the middle one is at the singular point to rounding."""
    y = units.degrees_to_radians(misset[1])
    nudge = jnp.where(jnp.abs(jnp.cos(y)) < NEAREST_TO_LOCK, NEAREST_TO_LOCK * 180.0 / np.pi, 0.0)
    return misset.at[1].add(-nudge)


def _matrix(misset: Array) -> Array:
    """Rotation matrix of missetting angles in degrees, (3, 3)."""
    columns = rotate_xyz(vector(jnp.eye(3, dtype=misset.dtype)), vector(units.degrees_to_radians(misset)))
    return jnp.stack(columns)


def _rotation(turn: Array) -> Array:
    """Rotation matrix of a rotation vector in radians, (3, 3); smooth at zero."""
    angle_sq = jnp.sum(turn * turn)
    small = angle_sq < 1e-24
    angle = jnp.sqrt(jnp.where(small, 1.0, angle_sq))
    turned = rotation_minus_identity(vector(turn / angle), angle)
    x, y, z = turn
    zero = jnp.zeros_like(x)
    first_order = (Vec3(zero, -z, y), Vec3(z, zero, -x), Vec3(-y, x, zero))
    change = jnp.stack([jnp.stack(row) for row in turned])
    linear = jnp.stack([jnp.stack(row) for row in first_order])
    return jnp.eye(3, dtype=turn.dtype) + jnp.where(small, linear, change)


def with_cell_and_misset(experiment: Experiment) -> Experiment:
    """The same experiment with its crystal given by cell and missetting angles instead of a matrix.

    Source: specs/refinement.md REF-3.
    """
    if experiment.crystal.matrix is None:
        return experiment
    lattice = derive(experiment).setup.lattice
    real = np.array([lattice.a, lattice.b, lattice.c], dtype=np.float64) * 1e10
    edges = np.linalg.norm(real, axis=1)
    cosines = [real[i] @ real[j] / edges[i] / edges[j] for i, j in ((1, 2), (0, 2), (0, 1))]
    cell = np.concatenate([edges, np.degrees(np.arccos(cosines))])
    canonical = _canonical_vectors(experiment, cell)
    # columns: real vectors; rotation = oriented @ canonical^-1
    rotation = real.T @ np.linalg.inv(canonical.T)
    return _with_crystal(experiment, cell, _host_angles(rotation))


def _canonical_vectors(experiment: Experiment, cell: HostArray) -> HostArray:
    """Real vectors of a cell without missetting, Å, rows a, b, c."""
    lattice = derive(_with_crystal(experiment, cell, np.zeros(3))).setup.lattice
    return np.array([lattice.a, lattice.b, lattice.c], dtype=np.float64) * 1e10


def _with_crystal(experiment: Experiment, cell: HostArray, misset: HostArray) -> Experiment:
    crystal: CrystalConfig = replaced(experiment.crystal, matrix=None, cell=cell, misset=misset)
    return replaced(experiment, crystal=crystal)


def _host_angles(rotation: HostArray) -> HostArray:
    r = rotation
    x, z = np.arctan2(r[2, 1], r[2, 2]), np.arctan2(r[1, 0], r[0, 0])
    y = np.arctan2(-r[2, 0], np.hypot(r[0, 0], r[1, 0]))
    return np.degrees([x, y, z])
