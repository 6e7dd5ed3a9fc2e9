"""How large the crystal is: the part of the sample that the beam hits, and its number of unit cells."""

import jax
import jax.numpy as jnp

from jaxbragg import units
from jaxbragg.config.beam import BeamConfig
from jaxbragg.config.crystal import CrystalConfig
from jaxbragg.exact import quotient
from jaxbragg.geometry.cell import Lattice, length
from jaxbragg.geometry.vectors import vector
from jaxbragg.kept_jit import kept_jit
from jaxbragg.precision import in_double
from jaxbragg.shapes import Array, Vec3


@in_double
@kept_jit
def clipped_sample_size(crystal: CrystalConfig, beam: BeamConfig) -> Array:
    """Edges of the illuminated sample, mm, (3,): the only place where the beam limits the sample.

    The edges along b and c are at most the beam size; the one along a, taken as the beam's direction, is not
    limited. A negative beam size limits nothing; an edge of 0 means that the number of cells is given.

    Source: specs/crystal.md CRYST-5.
    """
    size, beamsize = crystal.sample_size, beam.beamsize
    limits = (beamsize >= 0) & (beamsize < size) & jnp.array([False, True, True])
    return jnp.where(limits, beamsize, size)


def cell_counts(crystal: CrystalConfig, illuminated: Array, cell: Lattice) -> Vec3:
    """Unit cells along a, b and c, dimensionless, at least 1: the only place that counts them.

    The ceiling of edge over cell where the sample has an edge, the given number elsewhere. The ceiling has
    derivative zero; given numbers are real and differentiable, one cell as a number that may grow.

    Args:
      crystal: given numbers of cells.
      illuminated: result of `clipped_sample_size`, mm, (3,).
      cell: real vectors, m.

    Source: specs/crystal.md CRYST-5.
    """
    edges = units.millimetres_to_metres(illuminated)
    axes = jax.tree.map(lambda *components: jnp.stack(components), cell.a, cell.b, cell.c)
    from_size = jnp.ceil(quotient(edges, length(axes)))
    counts = jnp.where(edges > 0, from_size, crystal.n_cells)
    # exactly one cell may grow: a maximum would halve the derivative there
    return vector(jnp.where(counts < 1.0, 1.0, counts))
