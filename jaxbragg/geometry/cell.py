"""Unit cell to real and reciprocal vectors (metres and 1/Å), in the reference program's order of operations.

The order matters: the number of unit cells in a sample is the ceiling of a quotient of these lengths, and a
sample of exactly ten cells has ten or eleven by their last bit (exact.py).
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg import units
from jaxbragg.config.crystal import CrystalConfig
from jaxbragg.config.model import Model
from jaxbragg.constants import TINY
from jaxbragg.exact import product, quotient, rounded
from jaxbragg.geometry.vectors import rotate_xyz, vector
from jaxbragg.shapes import Array, Vec3


class Lattice(NamedTuple):
    """The unrotated lattice, after missetting.

    Attributes:
      a, b, c: real vectors, m.
      a_star, b_star, c_star: reciprocal vectors, 1/Å.
      volume: of the unit cell, Å³.
    """

    a: Vec3
    b: Vec3
    c: Vec3
    a_star: Vec3
    b_star: Vec3
    c_star: Vec3
    volume: Array


class CellEdges(NamedTuple):
    """Edges and volume that a given cell forces on the real vectors; Å and Å³."""

    a: Array
    b: Array
    c: Array
    volume: Array


def lattice(crystal: CrystalConfig, wavelength: Array, model: Model) -> Lattice:
    """Real and reciprocal vectors of the crystal at spindle angle zero.

    Args:
      crystal: cell or orientation matrix, and missetting angles.
      wavelength: nominal wavelength, Å; scales the orientation matrix.
      model: `approximate_triclinic_cell` (Q8) acts here.

    Source: specs/crystal.md CRYST-1 to CRYST-4.
    """
    edges = None
    if crystal.cell is not None:
        reciprocal, edges = _from_cell(crystal.cell, model)
    if crystal.matrix is not None:
        reciprocal = _from_matrix(crystal.matrix, wavelength)
    angles = Vec3(*(units.degrees_to_radians(crystal.misset[i]) for i in range(3)))
    a_star, b_star, c_star = (rotate_xyz(v, angles) for v in reciprocal)
    return _real_vectors(a_star, b_star, c_star, edges)


def cell_volume(cell: Array) -> Array:
    """Volume of a cell of edges (Å) and angles (degrees), Å³."""
    al, be, ga = (units.degrees_to_radians(cell[i]) for i in (3, 4, 5))
    s = (al + be + ga) / 2
    sines = product(jnp.sin(s), jnp.sin(s - al), jnp.sin(s - be), jnp.sin(s - ga))
    volume = product(2.0 * cell[0], cell[1], cell[2], jnp.sqrt(jnp.abs(sines)))
    return jnp.where(volume > 0, volume, TINY)


def _from_cell(cell: Array, model: Model) -> tuple[tuple[Vec3, Vec3, Vec3], CellEdges]:
    """Reciprocal vectors in the canonical orientation: a* along x, b* in the xy plane."""
    a, b, c = cell[0], cell[1], cell[2]
    al, be, ga = (units.degrees_to_radians(cell[i]) for i in (3, 4, 5))
    volume = cell_volume(cell)
    v_star = quotient(jnp.ones_like(volume), volume)
    a_star = product(b, c, jnp.sin(al), v_star)
    b_star = product(c, a, jnp.sin(be), v_star)
    c_star = product(a, b, jnp.sin(ga), v_star)
    sin_ga_star = _clip_straight_through(quotient(quotient(product(c, v_star), a_star), b_star))
    cos_al_star = _reciprocal_cosine(al, be, ga)
    cos_be_star = _reciprocal_cosine(be, ga, al)
    cos_ga_star = _reciprocal_cosine(ga, al, be)
    zero = jnp.zeros_like(a)
    sine = sin_ga_star if model.approximate_triclinic_cell else jnp.sin(ga)
    c_star_y = quotient(product(c_star, cos_al_star - product(cos_be_star, cos_ga_star)), sin_ga_star)
    c_star_z = quotient(product(c_star, volume), product(a, b, c, sine))
    vectors = (
        Vec3(a_star, zero, zero),
        Vec3(product(b_star, cos_ga_star), product(b_star, sin_ga_star), zero),
        Vec3(product(c_star, cos_be_star), c_star_y, c_star_z),
    )
    return vectors, CellEdges(a, b, c, volume)


def _reciprocal_cosine(opposite: Array, one: Array, other: Array) -> Array:
    """Cosine of the reciprocal angle opposite to `opposite`; 1 when rounding leaves the unit interval."""
    numerator = product(jnp.cos(one), jnp.cos(other)) - jnp.cos(opposite)
    cosine = quotient(numerator, product(jnp.sin(one), jnp.sin(other)))
    return jnp.where(cosine * cosine > 1.0, 1.0, cosine)


def _clip_straight_through(sine: Array) -> Array:
    """Clip to [-1, 1] without losing the derivative: at a right angle only rounding exceeds 1."""
    return sine - jax.lax.stop_gradient(sine - jnp.clip(sine, -1.0, 1.0))


def _from_matrix(matrix: Array, wavelength: Array) -> tuple[Vec3, Vec3, Vec3]:
    """Columns a*, b*, c* of a MOSFLM matrix, freed of the wavelength, 1/Å."""
    factor = quotient(jnp.full_like(wavelength, 1e-10), units.angstroms_to_metres(wavelength))
    return (
        _scaled(vector(matrix[:, 0]), factor),
        _scaled(vector(matrix[:, 1]), factor),
        _scaled(vector(matrix[:, 2]), factor),
    )


def _real_vectors(a_star: Vec3, b_star: Vec3, c_star: Vec3, edges: CellEdges | None) -> Lattice:
    """Real vectors from reciprocal ones, with the lengths of a given cell, and back again."""
    bc, ca, ab = _cross(b_star, c_star), _cross(c_star, a_star), _cross(a_star, b_star)
    v_star = _dot(a_star, bc)
    one = jnp.ones_like(v_star)
    if edges is not None:
        bc = _scaled(bc, quotient(quotient(edges.a, edges.volume), length(bc)))
        ca = _scaled(ca, quotient(quotient(edges.b, edges.volume), length(ca)))
        ab = _scaled(ab, quotient(quotient(edges.c, edges.volume), length(ab)))
        v_star = quotient(one, edges.volume)
    volume = quotient(one, v_star)
    a, b, c = _scaled(bc, volume), _scaled(ca, volume), _scaled(ab, volume)
    metres = jnp.full_like(volume, 1e-10)
    return Lattice(
        a=_scaled(a, metres),
        b=_scaled(b, metres),
        c=_scaled(c, metres),
        a_star=_scaled(_cross(b, c), v_star),
        b_star=_scaled(_cross(c, a), v_star),
        c_star=_scaled(_cross(a, b), v_star),
        volume=volume,
    )


def _scaled(v: Vec3, factor: Array) -> Vec3:
    return Vec3(product(v.x, factor), product(v.y, factor), product(v.z, factor))


def _cross(u: Vec3, v: Vec3) -> Vec3:
    return Vec3(
        product(u.y, v.z) - product(u.z, v.y),
        product(u.z, v.x) - product(u.x, v.z),
        product(u.x, v.y) - product(u.y, v.x),
    )


def _dot(u: Vec3, v: Vec3) -> Array:
    return product(u.x, v.x) + product(u.y, v.y) + product(u.z, v.z)


def length(v: Vec3) -> Array:
    """Euclidean length, every operation rounded."""
    return rounded(jnp.sqrt(_dot(v, v)))
