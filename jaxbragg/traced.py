"""Whether numbers are known or only their types."""

import functools
from typing import Any

import jax
import numpy as np


def is_traced(tree: Any) -> bool:
    """Whether a transformation of the caller traces any leaf, or a program of the caller is being traced."""
    leaves = [*jax.tree.leaves(tree), jax.device_put(_known())]
    return any(isinstance(leaf, jax.core.Tracer) for leaf in leaves)


@functools.cache
def _known() -> jax.Array:
    """A number on the device: putting it there costs a fifth of what one of the host costs."""
    with jax.ensure_compile_time_eval():
        known: jax.Array = jax.device_put(np.float32(0.0))
        return known
