"""float64 for tests of single functions, which do not open a float64 scope of their own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg.shapes import Mat33, Vec3


@pytest.fixture(autouse=True)
def float64():
    """Import this name into a test module to run its tests with float64 enabled."""
    with jax.enable_x64(True):
        yield


def vec3(x) -> Vec3:
    """A Vec3 of float64 components from anything whose last axis has three."""
    values = number(x)
    return Vec3(values[..., 0], values[..., 1], values[..., 2])


def plain(value) -> np.ndarray:
    """A Vec3 as (..., 3), a Mat33 as (..., 3, 3)."""
    if isinstance(value, Mat33):
        return np.stack([plain(row) for row in value], axis=-2)
    return np.stack([np.asarray(x) for x in value], axis=-1)


def number(x) -> jax.Array:
    """A float64 scalar or array."""
    with jax.enable_x64(True):
        return jnp.asarray(x, jnp.float64)
