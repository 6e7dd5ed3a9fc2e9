"""F(h, k, l) between reflections: tricubic Lagrange interpolation of the table."""

from collections.abc import Sequence

import jax.numpy as jnp

from jaxbragg.config.structure_factors import StructureFactorConfig
from jaxbragg.shapes import Array, Vec3
from jaxbragg.terms.structure_factor import look_up


def interpolation_range(nearest: Vec3, distance: Vec3, factors: StructureFactorConfig) -> Array:
    """Whether all 64 nodes around an index lie in the table, with a margin of one.

    Args:
      nearest: whole indices.
      distance: from them to the index, -1/2 to 1/2.
      factors: the table.

    Source: specs/structure_factors.md SF-4.
    """
    assert factors.table is not None
    inside = jnp.ones(jnp.shape(distance.x), bool)
    for whole, rest, start, count in zip(
        nearest, distance, factors.index_min, factors.table.shape, strict=True
    ):
        low, high = start + 2, start + count - 1 - 2
        inside &= (whole > low) | ((whole == low) & (rest >= 0))
        inside &= (whole < high) | ((whole == high) & (rest <= 0))
    return inside


def tricubic_amplitude(nearest: Vec3, distance: Vec3, usable: Array, factors: StructureFactorConfig) -> Array:
    """Interpolated F, electrons; any finite value where not `usable`.

    Args:
      nearest: whole indices.
      distance: from them to the index.
      usable: result of `interpolation_range`.
      factors: the table.

    Source: specs/structure_factors.md SF-3.
    """
    assert factors.table is not None
    _, n_k, n_l = factors.table.shape
    flat_table = factors.table.reshape(-1)
    first, weights = [], []
    for whole, rest, start in zip(nearest, distance, factors.index_min, strict=True):
        below = rest < 0
        first.append(jnp.where(usable, whole - below.astype(whole.dtype) - 1 - start, 0.0).astype(jnp.int32))
        weights.append(_cubic_weights(jnp.where(below, rest + 1.0, rest)))
    stride = (n_k * n_l, n_l, 1)
    corner = first[0] * stride[0] + first[1] * stride[1] + first[2]
    return _contract(flat_table, corner, stride, weights)


def _contract(
    table: Array, corner: Array, stride: tuple[int, int, int], weights: Sequence[tuple[Array, ...]]
) -> Array:
    """Sum of 64 nodes, along l first, then k, then h."""
    total = jnp.zeros_like(weights[0][0])
    steps = jnp.arange(4, dtype=corner.dtype)
    in_plane = (steps[:, None] * stride[1] + steps[None] * stride[2]).reshape(4, 4, *(1,) * corner.ndim)
    for i in range(4):
        nodes = jnp.minimum(corner[None, None] + (in_plane + i * stride[0]), table.shape[0] - 1)
        values = look_up(table, nodes)
        plane = jnp.zeros_like(total)
        for j in range(4):
            row = jnp.zeros_like(total)
            for k in range(4):
                row += weights[2][k] * values[j, k]
            plane += weights[1][j] * row
        total += weights[0][i] * plane
    return total


def _cubic_weights(x: Array) -> tuple[Array, Array, Array, Array]:
    """Lagrange weights of nodes -1, 0, 1, 2 at 0 <= x <= 1."""
    return (
        -x * (x - 1.0) * (x - 2.0) / 6.0,
        (x + 1.0) * (x - 1.0) * (x - 2.0) / 2.0,
        -(x + 1.0) * x * (x - 2.0) / 2.0,
        (x + 1.0) * x * (x - 1.0) / 6.0,
    )
