"""The reciprocal by Newton's method: two roundings of float32 at most, from 1e-30 to 1e30."""

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg.terms.reciprocal import reciprocal

MAGNITUDES = np.geomspace(1e-30, 1e30, 20011)


@pytest.mark.spec("PREC-17")
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_float32(sign):
    x = jnp.asarray(sign * MAGNITUDES, jnp.float32)
    found = np.asarray(jax.jit(reciprocal)(x), np.float64) * np.asarray(x, np.float64)
    assert np.abs(found - 1.0).max() <= 2.0 * 2.0**-24 + 0.12**8


@pytest.mark.spec("PREC-17")
def test_float64_is_a_division():
    with jax.enable_x64(True):
        x = jnp.asarray(MAGNITUDES)
        chex.assert_trees_all_equal(jax.jit(reciprocal)(x), 1.0 / x)


@pytest.mark.spec("PREC-17")
def test_derivatives():
    x = jnp.float32(0.7)
    for order, expected in enumerate([1 / 0.7, -1 / 0.7**2, 2 / 0.7**3]):
        function = reciprocal
        for _ in range(order):
            function = jax.grad(function)
        chex.assert_trees_all_close(function(x), jnp.float32(expected), rtol=1e-6)
