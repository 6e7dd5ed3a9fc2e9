"""Whether numbers are known or only their types."""

from typing import Any

import jax
import numpy as np


def is_traced(tree: Any) -> bool:
    """Whether a transformation of the caller traces any leaf, or a program of the caller is being traced."""
    leaves = [*jax.tree.leaves(tree), jax.device_put(np.float32(0.0))]
    return any(isinstance(leaf, jax.core.Tracer) for leaf in leaves)
