"""Many small arrays as one: a program takes and returns them by the piece, on a GPU most slowly."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

MOST_NUMBERS = 4096
"""Numbers of an array that is worth copying."""


@dataclass(frozen=True)
class Layout:
    """How a pytree was packed.

    Attributes:
      structure: of the pytree.
      places: of every leaf: its dtype and shape, or None where it was left as it is.
    """

    structure: Any
    places: tuple[tuple[str, tuple[int, ...]] | None, ...]


@jax.tree_util.register_pytree_node_class
@dataclass(frozen=True)
class Packed:
    """A pytree of arrays as few arrays.

    Attributes:
      vectors: small arrays, one after the other, by dtype; an axis of a stack may come before.
      others: leaves that were left as they are.
      layout: where everything was.
    """

    vectors: dict[str, Any]
    others: list[Any]
    layout: Layout

    def tree_flatten(self) -> tuple[tuple[dict[str, Any], list[Any]], Layout]:
        """Children and static data, for JAX."""
        return (self.vectors, self.others), self.layout

    @classmethod
    def tree_unflatten(cls, layout: Layout, children: tuple[dict[str, Any], list[Any]]) -> "Packed":
        """Inverse of `tree_flatten`."""
        return cls(*children, layout)

    def unpack(self) -> Any:
        """The pytree that was packed."""
        return jax.tree.unflatten(self.layout.structure, self._leaves())

    def _leaves(self) -> Iterator[Any]:
        others = iter(self.others)
        used = dict.fromkeys(self.vectors, 0)
        for place in self.layout.places:
            if place is None:
                yield next(others)
                continue
            dtype, shape = place
            start = used[dtype]
            used[dtype] += math.prod(shape)
            vector = self.vectors[dtype]
            yield vector[..., start : used[dtype]].reshape(vector.shape[:-1] + shape)


def pack(tree: Any) -> Packed:
    """Put the small arrays of a pytree that are on the host, or traced, into one array for each dtype."""
    leaves, structure = jax.tree.flatten(tree)
    pieces: dict[str, list[Any]] = {}
    others: list[Any] = []
    places: list[tuple[str, tuple[int, ...]] | None] = []
    for leaf in leaves:
        if not isinstance(leaf, np.ndarray | np.generic | jax.core.Tracer) or leaf.size > MOST_NUMBERS:
            others.append(leaf)
            places.append(None)
            continue
        dtype = leaf.dtype.str
        pieces.setdefault(dtype, []).append(leaf.reshape(-1))
        places.append((dtype, leaf.shape))
    vectors = {dtype: _joined(these) for dtype, these in pieces.items()}
    return Packed(vectors, others, Layout(structure, tuple(places)))


def unpacked(tree: Any) -> Any:
    """A pytree with all that is packed in it unpacked."""
    return jax.tree.map(lambda x: x.unpack() if _is_packed(x) else x, tree, is_leaf=_is_packed)


def _is_packed(tree: Any) -> bool:
    return isinstance(tree, Packed)


def _joined(pieces: list[Any]) -> Any:
    traced = any(isinstance(piece, jax.core.Tracer) for piece in pieces)
    return (jnp if traced else np).concatenate(pieces)
