"""F(h, k, l) of the nearest reflection: one flat lookup, and the rule outside the table."""

from typing import NamedTuple

import jax.numpy as jnp

from jaxbragg.apart import apart
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
      nearest: indices h, k, l.
      factors: table and default.

    Source: specs/structure_factors.md SF-1, SF-2.
    """
    if factors.table is None:
        amplitude = jnp.broadcast_to(factors.default_f, jnp.shape(nearest.x))
        return Lookup(amplitude, jnp.zeros(jnp.shape(nearest.x), bool))
    return amplitude_at(table_place(nearest, factors), factors)


def table_place(nearest: Vec3, factors: StructureFactorConfig) -> Array:
    """Place of whole indices in the table as a flat list, int32; -1 outside."""
    assert factors.table is not None
    n_h, n_k, n_l = factors.table.shape
    h, k, l = (index - start for index, start in zip(nearest, factors.index_min, strict=True))
    inside = (h >= 0) & (h < n_h) & (k >= 0) & (k < n_k) & (l >= 0) & (l < n_l)
    # -1 outside: the place is then all that is kept of the index. It is counted in whole numbers of the
    # floating type up to where they are exact
    if factors.table.size <= 2 / jnp.finfo(h.dtype).eps:  # type: ignore[no-untyped-call]
        return jnp.where(inside, (h * n_k + k) * n_l + l, -1.0).astype(jnp.int32)
    row, column = (jnp.where(inside, x, 0.0).astype(jnp.int32) for x in (h * n_k + k, l))
    return jnp.where(inside, row * n_l + column, -1)


def amplitude_at(place: Array, factors: StructureFactorConfig) -> Lookup:
    """The table's entry at a place, else the default."""
    assert factors.table is not None
    value = look_up(factors.table.reshape(-1), place)
    inside = place >= 0
    return Lookup(jnp.where(inside, value, factors.default_f), inside)


def look_up(table: Array, place: Array) -> Array:
    """Entries of a flat table, the first one for places before it.

    On a CPU without a fast instruction for it, a kernel that looks something up is not vectorised at all.

    Args:
      table: (n,).
      place: int32, below n.
    """

    def entries(table: Array, place: Array) -> Array:
        return table.at[jnp.maximum(place, 0)].get(mode="promise_in_bounds", wrap_negative_indices=False)

    found: Array = apart(entries, place.reshape(-1)[0] < table.shape[0], table, place)
    return found
