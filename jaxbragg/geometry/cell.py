"""Unit cell to real and reciprocal vectors (metres and 1/Å), in the reference program's order of operations.

The order matters: the number of unit cells in a sample is the ceiling of a quotient of these lengths, and a
sample of exactly ten cells has ten or eleven by their last bit. XLA contracts a·b+c into one fused operation,
which changes that bit; `_times` keeps the product rounded.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg import units
from jaxbragg.config.crystal import CrystalConfig
from jaxbragg.config.model import Model
from jaxbragg.constants import TINY
from jaxbragg.geometry.vectors import rotate_xyz, scale, vector
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
    product = jnp.sin(s) * jnp.sin(s - al) * jnp.sin(s - be) * jnp.sin(s - ga)
    volume = 2.0 * cell[0] * cell[1] * cell[2] * jnp.sqrt(jnp.abs(product))
    return jnp.where(volume > 0, volume, TINY)


def _from_cell(cell: Array, model: Model) -> tuple[tuple[Vec3, Vec3, Vec3], CellEdges]:
    """Reciprocal vectors in the canonical orientation: a* along x, b* in the xy plane."""
    a, b, c = cell[0], cell[1], cell[2]
    al, be, ga = (units.degrees_to_radians(cell[i]) for i in (3, 4, 5))
    volume = cell_volume(cell)
    v_star = 1.0 / volume
    a_star = b * c * jnp.sin(al) * v_star
    b_star = c * a * jnp.sin(be) * v_star
    c_star = a * b * jnp.sin(ga) * v_star
    sin_ga_star = _clip_straight_through(c * v_star / a_star / b_star)
    cos_al_star = _reciprocal_cosine(al, be, ga)
    cos_be_star = _reciprocal_cosine(be, al, ga)
    cos_ga_star = _reciprocal_cosine(ga, al, be)
    zero = jnp.zeros_like(a)
    sine = sin_ga_star if model.approximate_triclinic_cell else jnp.sin(ga)
    c_star_y = c_star * (cos_al_star - _times(cos_be_star, cos_ga_star)) / sin_ga_star
    c_star_z = c_star * volume / (a * b * c * sine)
    vectors = (
        Vec3(a_star, zero, zero),
        Vec3(b_star * cos_ga_star, b_star * sin_ga_star, zero),
        Vec3(c_star * cos_be_star, c_star_y, c_star_z),
    )
    return vectors, CellEdges(a, b, c, volume)


def _reciprocal_cosine(opposite: Array, one: Array, other: Array) -> Array:
    """Cosine of the reciprocal angle opposite to `opposite`; 1 when rounding leaves the unit interval."""
    numerator = _times(jnp.cos(one), jnp.cos(other)) - jnp.cos(opposite)
    cosine = numerator / (jnp.sin(one) * jnp.sin(other))
    return jnp.where(cosine * cosine > 1.0, 1.0, cosine)


def _clip_straight_through(sine: Array) -> Array:
    """Clip to [-1, 1] without losing the derivative: at a right angle only rounding exceeds 1."""
    return sine - jax.lax.stop_gradient(sine - jnp.clip(sine, -1.0, 1.0))


def _from_matrix(matrix: Array, wavelength: Array) -> tuple[Vec3, Vec3, Vec3]:
    """Columns a*, b*, c* of a MOSFLM matrix, freed of the wavelength, 1/Å."""
    factor = 1e-10 / units.angstroms_to_metres(wavelength)
    return (
        scale(factor, vector(matrix[:, 0])),
        scale(factor, vector(matrix[:, 1])),
        scale(factor, vector(matrix[:, 2])),
    )


def _real_vectors(a_star: Vec3, b_star: Vec3, c_star: Vec3, edges: CellEdges | None) -> Lattice:
    """Real vectors from reciprocal ones, with the lengths of a given cell, and back again."""
    bc, ca, ab = _cross(b_star, c_star), _cross(c_star, a_star), _cross(a_star, b_star)
    v_star = _dot(a_star, bc)
    if edges is not None:
        bc = scale(edges.a / edges.volume / _norm(bc), bc)
        ca = scale(edges.b / edges.volume / _norm(ca), ca)
        ab = scale(edges.c / edges.volume / _norm(ab), ab)
        v_star = 1.0 / edges.volume
    volume = 1.0 / v_star
    a, b, c = scale(volume, bc), scale(volume, ca), scale(volume, ab)
    return Lattice(
        a=_in_metres(a),
        b=_in_metres(b),
        c=_in_metres(c),
        a_star=scale(v_star, _cross(b, c)),
        b_star=scale(v_star, _cross(c, a)),
        c_star=scale(v_star, _cross(a, b)),
        volume=volume,
    )


def _in_metres(v: Vec3) -> Vec3:
    return Vec3(v.x * 1e-10, v.y * 1e-10, v.z * 1e-10)


def _times(x: Array, y: Array) -> Array:
    """A product that is rounded before anything is added to it (a select stops the contraction)."""
    return jnp.where(jnp.isnan(x), 0.0, x * y)


def _cross(u: Vec3, v: Vec3) -> Vec3:
    return Vec3(
        _times(u.y, v.z) - _times(u.z, v.y),
        _times(u.z, v.x) - _times(u.x, v.z),
        _times(u.x, v.y) - _times(u.y, v.x),
    )


def _dot(u: Vec3, v: Vec3) -> Array:
    return _times(u.x, v.x) + _times(u.y, v.y) + _times(u.z, v.z)


def _norm(v: Vec3) -> Array:
    return jnp.sqrt(_dot(v, v))


def length(v: Vec3) -> Array:
    """Euclidean length, every product rounded."""
    return _norm(v)
