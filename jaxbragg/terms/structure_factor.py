"""F(h, k, l) of the nearest reflection: one flat lookup, and the rule outside the table."""

from typing import NamedTuple

import jax.numpy as jnp

from jaxbragg.config.structure_factors import StructureFactorConfig
from jaxbragg.shapes import Array, Vec3


class Lookup(NamedTuple):
    """An amplitude and the rule that gave it.

    Attributes:
      amplitude: F, electrons.
      inside: whether the table holds the index.
    """

    amplitude: Array
    inside: Array


def nearest_amplitude(nearest: Vec3, factors: StructureFactorConfig) -> Lookup:
    """The table's entry at whole indices, else the default.

    Args:
      nearest: indices h, k, l, int32.
      factors: table and default.

    Source: specs/structure_factors.md SF-1, SF-2.
    """
    if factors.table is None:
        amplitude = jnp.broadcast_to(factors.default_f, jnp.shape(nearest.x))
        return Lookup(amplitude, jnp.zeros(jnp.shape(nearest.x), bool))
    n_h, n_k, n_l = factors.table.shape
    h, k, l = (index - start for index, start in zip(nearest, factors.index_min, strict=True))
    inside = (h >= 0) & (h < n_h) & (k >= 0) & (k < n_k) & (l >= 0) & (l < n_l)
    flat = jnp.where(inside, (h * n_k + k) * n_l + l, 0)
    value = factors.table.reshape(-1).at[flat].get(mode="promise_in_bounds")
    return Lookup(jnp.where(inside, value, factors.default_f), inside)
