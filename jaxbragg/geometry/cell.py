"""Unit cell to real and reciprocal vectors (metres and 1/Å), in the reference program's order of operations.

The order matters: the number of unit cells in a sample is the ceiling of a quotient of these lengths, and a
sample of exactly ten cells has ten or eleven by their last bit (exact.py). Three vectors at a time: a `Vec3`
whose components are (3,) holds a, b and c.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg import units
from jaxbragg.config.crystal import CrystalConfig
from jaxbragg.config.model import Model
from jaxbragg.constants import TINY
from jaxbragg.exact import product, quotient, rounded
from jaxbragg.geometry.vectors import rotate_xyz, rounded_dot, vector
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
    """Edges, (3,), and volume that a given cell forces on the real vectors; Å and Å³."""

    edges: Array
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
    angles = vector(units.degrees_to_radians(crystal.misset))
    return _real_vectors(rotate_xyz(reciprocal, angles), edges)


def cell_volume(cell: Array) -> Array:
    """Volume of a cell of edges (Å) and angles (degrees), Å³."""
    al, be, ga = angles = units.degrees_to_radians(cell[3:])
    half = (al + be + ga) / 2
    sines = jnp.sin(half - angles)
    sines = product(jnp.sin(half), sines[0], sines[1], sines[2])
    volume = product(2.0 * cell[0], cell[1], cell[2], jnp.sqrt(jnp.abs(sines)))
    return jnp.where(volume > 0, volume, TINY)


def _from_cell(cell: Array, model: Model) -> tuple[Vec3, CellEdges]:
    """Reciprocal vectors in the canonical orientation: a* along x, b* in the xy plane."""
    edges, angles = cell[:3], units.degrees_to_radians(cell[3:])
    sines, cosines = jnp.sin(angles), jnp.cos(angles)
    volume = cell_volume(cell)
    v_star = quotient(jnp.ones_like(volume), volume)
    lengths = product(_next(edges), _next(edges, 2), sines, v_star)
    a_star, b_star, c_star = lengths
    sin_ga_star = _clip_straight_through(quotient(quotient(product(edges[2], v_star), a_star), b_star))
    cos_al_star, cos_be_star, cos_ga_star = _reciprocal_cosines(sines, cosines)
    zero = jnp.zeros_like(volume)
    sine = sin_ga_star if model.approximate_triclinic_cell else sines[2]
    c_star_y = quotient(product(c_star, cos_al_star - product(cos_be_star, cos_ga_star)), sin_ga_star)
    c_star_z = quotient(product(c_star, volume), product(edges[0], edges[1], edges[2], sine))
    vectors = Vec3(
        jnp.stack([a_star, product(b_star, cos_ga_star), product(c_star, cos_be_star)]),
        jnp.stack([zero, product(b_star, sin_ga_star), c_star_y]),
        jnp.stack([zero, zero, c_star_z]),
    )
    return vectors, CellEdges(edges, volume)


def _next(values: Array, places: int = 1) -> Array:
    """The cyclically next of three values."""
    return jnp.roll(values, -places)


def _reciprocal_cosines(sines: Array, cosines: Array) -> Array:
    """Cosines of the reciprocal angles, (3,); 1 where rounding leaves the unit interval."""
    numerators = product(_next(cosines), _next(cosines, 2)) - cosines
    cosine = quotient(numerators, product(_next(sines), _next(sines, 2)))
    return jnp.where(cosine * cosine > 1.0, 1.0, cosine)


def _clip_straight_through(sine: Array) -> Array:
    """Clip to [-1, 1] without losing the derivative: at a right angle only rounding exceeds 1."""
    return sine - jax.lax.stop_gradient(sine - jnp.clip(sine, -1.0, 1.0))


def _from_matrix(matrix: Array, wavelength: Array) -> Vec3:
    """Columns a*, b*, c* of a MOSFLM matrix, freed of the wavelength, 1/Å."""
    factor = quotient(jnp.full_like(wavelength, 1e-10), units.angstroms_to_metres(wavelength))
    return Vec3(*product(matrix, factor))


def _real_vectors(reciprocal: Vec3, edges: CellEdges | None) -> Lattice:
    """Real vectors from reciprocal ones, with the lengths of a given cell, and back again."""
    crossed = _cross_of_others(reciprocal)
    v_star = rounded_dot(reciprocal, crossed)[0]
    one = jnp.ones_like(v_star)
    if edges is not None:
        wanted = quotient(quotient(edges.edges, edges.volume), length(crossed))
        crossed = _scaled(crossed, wanted)
        v_star = quotient(one, edges.volume)
    volume = quotient(one, v_star)
    real = _scaled(crossed, volume)
    a, b, c = _apart(_scaled(real, jnp.full_like(volume, 1e-10)))
    a_star, b_star, c_star = _apart(_scaled(_cross_of_others(real), v_star))
    return Lattice(a, b, c, a_star, b_star, c_star, volume)


def _apart(vectors: Vec3) -> list[Vec3]:
    return [Vec3(vectors.x[i], vectors.y[i], vectors.z[i]) for i in range(3)]


def _scaled(v: Vec3, factor: Array) -> Vec3:
    return Vec3(product(v.x, factor), product(v.y, factor), product(v.z, factor))


def _cross_of_others(v: Vec3) -> Vec3:
    """For every one of three vectors the cross product of the two that follow it."""
    first, second = (Vec3(*(_next(x, places) for x in v)) for places in (1, 2))
    return Vec3(
        product(first.y, second.z) - product(first.z, second.y),
        product(first.z, second.x) - product(first.x, second.z),
        product(first.x, second.y) - product(first.y, second.x),
    )


def length(v: Vec3) -> Array:
    """Euclidean length, every operation rounded."""
    return rounded(jnp.sqrt(rounded_dot(v, v)))
