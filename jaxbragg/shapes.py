"""Names for the array shapes that signatures use; the units stand in the docstrings."""

from typing import Any, NamedTuple

import jax
import numpy as np

Array = jax.Array
"""Any array of floats."""

Leaf = Any
"""A differentiable config field: Python number, NumPy array, JAX array or tracer."""

HostArray = np.ndarray[Any, np.dtype[Any]]
"""A NumPy array."""


class Vec3(NamedTuple):
    """Three laboratory components, each of any one shape.

    Kept apart rather than stacked: XLA then sees three plain images instead of one with a last axis of
    three, which vectorises badly.
    """

    x: Array
    y: Array
    z: Array


class Mat33(NamedTuple):
    """A matrix as its three rows."""

    row_0: Vec3
    row_1: Vec3
    row_2: Vec3
