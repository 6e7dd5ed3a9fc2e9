"""Mosaic domains that are turned so far that their moves of the index need the wide dtype.

Elsewhere a move is computed in the narrow one: its rounding grows with the move, and the number of cells
multiplies it. For a powder, whose moves are as large as the index, that is more than "mixed" promises.
"""

import functools

import jax
import jax.numpy as jnp

from jaxbragg.geometry.vectors import apply, cross, dot, scale
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.loops import sum_of_terms
from jaxbragg.simulation.orientations import Orientations, domain_changes
from jaxbragg.simulation.sample import IndexTerms, SampleConstants, index_terms, unmoved_sample_terms
from jaxbragg.together import together

NEAR = 16.0
"""Cells times the mean move of an index that leave 1e-6 of an image to the narrow dtype, float32."""

MOST_CELLS = 100.0
"""Cells of an edge up to which that is promised; the error may go on with their number."""


def is_far(given: Orientations, cells: Vec3, largest_q: Array) -> Array:
    """Whether domains move the index by more than float32 is good for, bool, ().

    One answer for all pixels, so that no pixel depends on the tile, list or band that it is computed in.

    Args:
      given: the crystal and its domains at every spindle angle.
      cells: unit cells along a, b, c.
      largest_q: of the detector, 1/m.

    Source: specs/precision.md PREC-5.
    """
    counted = (
        jnp.minimum(n.astype(jnp.float32), MOST_CELLS) ** 2 * jnp.max(jnp.mean(dot(row, row), axis=-1))
        for n, row in zip(cells, domain_changes(*given, jnp.float32), strict=True)
    )
    return functools.reduce(jnp.maximum, counted) * largest_q.astype(jnp.float32) ** 2 > NEAR**2


def sum_of_far_domains(
    index: IndexTerms, base: Mat33, axes: Mat33, cells: Vec3, constants: SampleConstants
) -> Array:
    """Sum of the intensities of more than one domain, with every domain's index in the wide dtype.

    Args:
      index: the ray's index in the unrotated domain, narrow dtype.
      base: rows a, b, c of the unrotated domain, m, wide dtype.
      axes: likewise of every domain, components (n_domains,).
      cells: unit cells along a, b, c, wide dtype.
      constants: what every sample shares, narrow dtype.

    Returns:
      The sum, narrow dtype.
    """
    unrotated, narrow = together(_wide_index(index, base, cells)), index.rest.x.dtype

    def intensity(from_unrotated: Mat33) -> Array:
        domain = index_terms(apply(from_unrotated, unrotated), index.q, cells, narrow)
        return unmoved_sample_terms(domain, constants).intensity

    domains = together(_between_indices(base, axes))
    return sum_of_terms(intensity, domains, jnp.zeros_like(index.rest.x))


def _wide_index(index: IndexTerms, base: Mat33, cells: Vec3) -> Vec3:
    """The index from its split form.

    N times the rest less the turns is a whole number but for roundings, and so is the index less the rest:
    they are rounded to it, so that nothing more than the split form has to be stored for each pixel.
    """
    narrow, wide = index.rest.x.dtype, cells.x.dtype
    about = apply(jax.tree.map(lambda x: x.astype(narrow), base), index.q)

    def together_again(n: Array, about: Array, rest: Array, turns: Array) -> Array:
        whole = jnp.round(about - rest).astype(wide)
        rest, turns = rest.astype(wide), turns.astype(wide)
        return whole + (jnp.round(n * rest - turns) + turns) * (1.0 / n)

    return Vec3(*map(together_again, cells, about, index.rest, index.turns))


def _between_indices(base: Mat33, axes: Mat33) -> Mat33:
    """Matrices from the index in one cell to that of the same ray in others: a_i . b*_j, b* of the base."""
    a, b, c = base
    across = cross(b, c), cross(c, a), cross(a, b)
    inverse = 1.0 / dot(a, across[0])
    rows = Vec3(*map(jnp.stack, zip(*axes, strict=True)))
    columns = [dot(rows, scale(inverse, v)) for v in across]
    return Mat33(*(Vec3(*(column[row] for column in columns)) for row in range(3)))
