"""sin(pi x)/x on the half period. Tolerance: the fit's error plus the rounding of a Horner scheme, 2 ulp."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg.terms.sine import sin_pi_over
from tests.doubles import float64

__all__ = ["float64"]


def exact(x):
    x = np.asarray(x, np.longdouble)
    return np.sin(np.longdouble("3.14159265358979323846264338327950288") * x) / x


@pytest.mark.spec("LAT-3")
@pytest.mark.parametrize(("dtype", "ulps"), [(np.float32, 2), (np.float64, 2)])
def test_relative_error_is_rounding(dtype, ulps):
    x = np.linspace(0.5, -0.5, 10000, dtype=dtype)
    got = np.asarray(sin_pi_over(jnp.asarray(x)))
    assert got.dtype == dtype
    error = np.abs(got / exact(x) - 1)
    assert float(np.max(error)) <= ulps * np.finfo(dtype).eps


@pytest.mark.spec("LAT-3")
def test_at_zero_it_is_pi_with_derivative_zero():
    value, slope = jax.value_and_grad(sin_pi_over)(jnp.zeros((), jnp.float64))
    assert (float(value), float(slope)) == (np.pi, 0.0)


@pytest.mark.spec("LAT-3", "SUM-9")
def test_derivative():
    x = jnp.linspace(-0.5, 0.5, 101)
    u = np.pi * np.asarray(x)
    with np.errstate(invalid="ignore"):
        expected = np.where(u == 0, 0, np.pi**2 * (u * np.cos(u) - np.sin(u)) / u**2)
    np.testing.assert_allclose(jax.vmap(jax.grad(sin_pi_over))(x), expected, atol=1e-12)
