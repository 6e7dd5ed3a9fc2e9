"""Mosaic domains and pixels in blocks."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from jaxbragg.backend import on_accelerator
from jaxbragg.shapes import Array

DOMAINS_PER_BLOCK = 10
"""Domains whose derivative is evaluated together."""

PIXELS_PER_BLOCK = 9376
"""Pixels whose derivative is evaluated together, at most, with `DOMAINS_PER_BLOCK` domains.

Measured: the arrays of a block then stay in the cache."""

WHOLE_VECTORS = 16
"""Blocks of pixels are a multiple of it: numbers of a vector of the processor, at most."""

SAME_LINES = 1024
"""Blocks are not a multiple of it: rows so far apart compete for the same lines of the cache."""

PIXELS_PER_BLOCK_OF_TABLES = 2**17
"""The same for derivatives by a table: every block has a cotangent of the whole table. A tile is one."""


def in_blocks(arrays: Any) -> Any:
    """Arrays with a leading axis of domains, in equal blocks of about `DOMAINS_PER_BLOCK` domains.

    Returns:
      The pytree with leaves (n_blocks, domains per block), the last one filled up with zeros.
    """
    n_domains = len(jax.tree.leaves(arrays)[0])
    n_blocks, size = _division(n_domains, DOMAINS_PER_BLOCK)
    return jax.tree.map(lambda x: _filled(x, n_blocks, size), arrays)


def pixels_per_block(n_domains: int) -> int:
    """Pixels of a block, at most: as many samples for any number of domains."""
    _, domains = _division(n_domains, DOMAINS_PER_BLOCK)
    return PIXELS_PER_BLOCK * DOMAINS_PER_BLOCK // domains


def over_pixels(function: Callable[[Any], Any], arrays: Any, per_block: int) -> Any:
    """Evaluate a function of arrays of pixels, on a CPU block by block.

    Reverse-mode derivatives evaluate a block again instead of storing what happened in it. Where one block is
    enough, pixels stay as they are: in a kernel that flattens them, XLA does not vectorise.

    Args:
      function: pytree of arrays of any one shape -> another one, each pixel by itself.
      arrays: pytree of arrays of any one shape.
      per_block: most pixels of a block, which is flat.
    """
    shape = jax.tree.leaves(arrays)[0].shape
    n_pixels = math.prod(shape)
    n_blocks, size = _division(n_pixels, n_pixels if on_accelerator() else per_block)
    if n_blocks == 1:
        return function(arrays)
    size = -(-size // WHOLE_VECTORS) * WHOLE_VECTORS
    if size % SAME_LINES == 0:
        size += WHOLE_VECTORS
    blocks = jax.tree.map(lambda x: _filled(x.reshape(-1), n_blocks, size), arrays)
    done = jax.lax.map(jax.checkpoint(function, prevent_cse=False), blocks)
    return jax.tree.map(lambda x: x.reshape(-1)[:n_pixels].reshape(shape), done)


def _division(n: int, most: int) -> tuple[int, int]:
    """Number and size of equal blocks of at most so many."""
    n_blocks = -(-n // most)
    return n_blocks, -(-n // n_blocks)


def _filled(x: Array, n_blocks: int, size: int) -> Array:
    """An array in blocks, the last one filled up with zeros."""
    missing = n_blocks * size - len(x)
    whole = jnp.concatenate([x, jnp.zeros(missing, x.dtype)]) if missing else x
    return whole.reshape(n_blocks, size)
