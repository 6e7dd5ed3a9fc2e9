"""Pixels in blocks that fit the processor's cache, so that memory does not grow with the samples."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from jaxbragg.apart import apart
from jaxbragg.backend import on_accelerator
from jaxbragg.config.experiment import Experiment
from jaxbragg.shapes import Array
from jaxbragg.simulation.accumulate import SUM_OVER_SAMPLES, samples_per_pixel

PIXELS_PER_TILE = 65536
"""Pixels evaluated together, at least; the loop over orientations carries one tile (measured,
specs/precision.md)."""

PIXELS_PER_TILE_OF_ACCELERATORS = 2**20
"""The same for GPUs and TPUs."""


def region(experiment: Experiment) -> tuple[int, int, int, int]:
    """First fast, fast end, first slow, slow end of the pixels to compute; ends are exclusive."""
    fast, slow = experiment.detector.pixels
    if experiment.sampling.roi is None:
        return 0, fast, 0, slow
    f0, f1, s0, s1 = experiment.sampling.roi
    f0, s0 = max(f0, 0), max(s0, 0)
    return f0, max(f0, min(f1 + 1, fast)), s0, max(s0, min(s1 + 1, slow))


def all_at_once(function: Callable[[Array, Array], Any], experiment: Experiment) -> Any:
    """What `map_region` does, without tiles: for functions that XLA makes one kernel of."""
    f0, f1, s0, s1 = region(experiment)
    slow, fast = jnp.arange(s0, s1, dtype=jnp.float64), jnp.arange(f0, f1, dtype=jnp.float64)
    return _block(function, slow, fast)


def map_region(function: Callable[[Array, Array], Any], experiment: Experiment) -> Any:
    """Evaluate a function of a block of pixels over the region of interest.

    Args:
      function: (slow, fast) -> pytree of arrays of the block's shape; indices are float64, (rows, 1) and
        (1, columns).
      experiment: its detector and region.

    Returns:
      The function's pytree with leaves of the region's shape (slow, fast).
    """
    f0, f1, s0, s1 = region(experiment)
    n_rows = s1 - s0
    fast = jnp.arange(f0, f1, dtype=jnp.float64)
    slow = jnp.arange(s0, s1, dtype=jnp.float64)
    rows = rows_per_tile(n_rows, f1 - f0, pixels_per_tile(experiment))
    whole = n_rows - n_rows % rows

    tile = evaluated_again(lambda slow: _block(function, slow, fast))
    # else the write of a tile to the image, which runs on one core, would be fused with what leads to it
    done = jax.lax.map(lambda slow: apart(tile, slow[0] >= 0, slow), slow[:whole].reshape(-1, rows))
    done = jax.tree.map(lambda x: x.reshape(whole, *x.shape[2:]), done)
    if whole == n_rows:
        return done
    return jax.tree.map(lambda x, y: jnp.concatenate([x, y]), done, tile(slow[whole:]))


def evaluated_again(tile: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of a tile whose derivative evaluates it again instead of storing what happened in it.

    Only the sum over the samples is kept, one number per pixel: it takes the longest.
    """
    kept = jax.checkpoint_policies.save_only_these_names(SUM_OVER_SAMPLES)
    again: Callable[[Any], Any] = jax.checkpoint(tile, prevent_cse=False, policy=kept)
    return again


def _block(function: Callable[[Array, Array], Any], slow: Array, fast: Array) -> Any:
    """Evaluate a function of a block that is given by its rows and columns.

    As what a row or a column shares stays one number, so do the sums over them in its derivative.
    """
    return function(slow[:, None], fast[None])


LEAST_BLOCK = (2, 16)
"""Rows and columns of the smallest block for which XLA keeps the order of operations of a large one."""


def map_pixels(function: Callable[[Array, Array], Any], slow: Array, fast: Array) -> Any:
    """Evaluate a function of a block of pixels for single pixels, rounded as they are in an image.

    Each pixel is the first one of a least block.

    Args:
      function: as in `map_region`.
      slow, fast: pixel indices, float64, (n,).

    Returns:
      The function's pytree with leaves (n,).
    """
    rows, columns = (jnp.arange(count, dtype=jnp.float64)[None] for count in LEAST_BLOCK)

    def of_pixel(block: tuple[Array, Array]) -> Any:
        slow, fast = block
        return apart(lambda slow: _block(function, slow, fast), slow[0] >= 0, slow)

    done = jax.lax.map(of_pixel, (slow[:, None] + rows, fast[:, None] + columns))
    return jax.tree.map(lambda x: x[:, 0, 0], done)


def map_list(
    function: Callable[[Array, Array], Any], experiment: Experiment, slow: Array, fast: Array
) -> Any:
    """Evaluate a function of a block of pixels for a list of pixels, in tiles as those of an image.

    Args:
      function, experiment: as in `map_region`.
      slow, fast: pixel indices, float64, (n,); n is at least 1.

    Returns:
      The function's pytree with leaves (n,).
    """
    n = len(slow)
    tiles = max(1, n // pixels_per_tile(experiment))
    size = -(-n // tiles)
    # the last tile is filled up with copies of the last pixel
    blocks = tuple(jnp.pad(x, (0, tiles * size - n), mode="edge").reshape(tiles, size) for x in (slow, fast))
    tile = evaluated_again(lambda block: function(block[0][None], block[1][None]))
    done = jax.lax.map(tile, blocks)
    return jax.tree.map(lambda x: x.reshape(-1)[:n], done)


def pixels_per_tile(experiment: Experiment) -> int:
    """Pixels of one tile, at least: what a cache holds, or what occupies all of an accelerator.

    Where pixels have one sample, an accelerator computes them in one kernel and stores nothing else.
    """
    if not on_accelerator():
        return PIXELS_PER_TILE
    fast, slow = experiment.detector.pixels
    return fast * slow if samples_per_pixel(experiment) == 1 else PIXELS_PER_TILE_OF_ACCELERATORS


def images_per_tile(experiment: Experiment) -> int:
    """Images of a batch that have at least as many pixels as a tile together."""
    f0, f1, s0, s1 = region(experiment)
    return -(-pixels_per_tile(experiment) // max(1, (f1 - f0) * (s1 - s0)))


def rows_per_tile(n_rows: int, n_columns: int, n_pixels: int) -> int:
    """Rows of one tile: at least `n_pixels` pixels, and a divisor of the rows if one is near.

    XLA does not share the kernels of a smaller tile between cores. A larger one has at most twice as many
    pixels, or one row.
    """
    wanted = max(1, min(n_rows, -(-n_pixels // max(n_columns, 1))))
    return near_divisor(n_rows, wanted, 2 * n_pixels // max(n_columns, 1))


def near_divisor(n: int, least: int, most: int) -> int:
    """The smallest divisor of a number in a range, or else the least number of it."""
    return next((count for count in range(least, most + 1) if n % count == 0), least)


def embed(values: Array, experiment: Experiment) -> Array:
    """Put the region's values into an image of the whole detector, 0 elsewhere."""
    fast, slow = experiment.detector.pixels
    f0, _, s0, _ = region(experiment)
    if values.shape == (slow, fast):
        return values
    return jax.lax.dynamic_update_slice(jnp.zeros((slow, fast), values.dtype), values, (s0, f0))
