"""Pixels named one by one: which they are, and whether the image has them."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxbragg.config.experiment import Experiment
from jaxbragg.config.tree import is_concrete, replaced
from jaxbragg.errors import ConfigError
from jaxbragg.simulation.serial_order import has_latch, has_stale_phi
from jaxbragg.simulation.tiles import region


def pixel_indices(experiment: Experiment, slow: Any, fast: Any) -> tuple[Any, Any]:
    """Both indices as int32 of one shape, on the host when they are known there.

    Raises:
      ConfigError: they are no integers, or a pixel that the detector does not have.
    """
    numbers = np if is_concrete(slow) and is_concrete(fast) else jnp
    slow, fast = numbers.broadcast_arrays(slow, fast)
    if not (jnp.issubdtype(slow.dtype, jnp.integer) and jnp.issubdtype(fast.dtype, jnp.integer)):
        raise ConfigError(f"`slow` and `fast` must be integers, got {slow.dtype} and {fast.dtype}")
    n_fast, n_slow = experiment.detector.pixels
    if numbers is np:
        for name, index, count in (("slow", slow, n_slow), ("fast", fast, n_fast)):
            outside = index[(index < 0) | (index >= count)]
            if outside.size:
                raise ConfigError(
                    f"`{name}` must be a pixel index from 0 to {count - 1}, got {outside.flat[0]}; "
                    "the order is slow, fast"
                )
    return slow.astype(np.int32), fast.astype(np.int32)


def is_computed(experiment: Experiment, slow: Any, fast: Any) -> Any:
    """Whether the image has these pixels: inside the region, and not masked."""
    f0, f1, s0, s1 = region(experiment)
    computed = (slow >= s0) & (slow < s1) & (fast >= f0) & (fast < f1)
    mask = experiment.sampling.mask
    if mask is None:
        return computed
    if not isinstance(slow, np.ndarray):
        mask = jnp.asarray(mask)
    return computed & (mask[slow, fast] != 0)


def depends_on_order(experiment: Experiment) -> bool:
    """Whether a pixel may depend on the ones before it."""
    f0, f1, s0, s1 = region(experiment)
    return f1 > f0 and s1 > s0 and (has_stale_phi(experiment) or has_latch(experiment))


def without_region(experiment: Experiment) -> Experiment:
    """The experiment without what only says which pixels are computed, where that is all it says."""
    if depends_on_order(experiment):
        return experiment
    return replaced(experiment, sampling=replaced(experiment.sampling, mask=None, roi=None))
