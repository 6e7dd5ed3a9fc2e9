"""sin(pi x)/x on the half period. Tolerance: the fit's error plus the rounding of a Horner scheme, 2 ulp."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg.terms import sine as sines
from jaxbragg.terms.sine import sine
from tests.doubles import float64

__all__ = ["float64"]


def sin_pi_over(x):
    """sin(pi x)/x itself."""
    return sines.sin_pi_over(x) * sines.unit(x)


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
    assert float(value) == pytest.approx(np.pi, rel=2.0**-52)
    assert float(slope) == 0.0


@pytest.mark.spec("LAT-3", "SUM-9")
def test_derivative():
    x = jnp.linspace(-0.5, 0.5, 101)
    u = np.pi * np.asarray(x)
    with np.errstate(invalid="ignore"):
        expected = np.where(u == 0, 0, np.pi**2 * (u * np.cos(u) - np.sin(u)) / u**2)
    np.testing.assert_allclose(jax.vmap(jax.grad(sin_pi_over))(x), expected, atol=1e-12)


@pytest.mark.spec("LAT-3", "SUM-9")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_slope_is_the_derivative_of_the_polynomial(dtype):
    """Terms of the slope are of one sign or another and at most 10 times its largest value: 20 roundings."""
    x = jnp.linspace(-0.5, 0.5, 101, dtype=dtype)
    slope = sines.sin_pi_over_slope(x)
    assert slope.dtype == dtype
    derived = jax.vmap(jax.grad(sines.sin_pi_over))(x)
    largest = float(jnp.abs(derived).max())
    np.testing.assert_allclose(slope, derived, rtol=0, atol=20 * np.finfo(dtype).eps * largest)


@pytest.mark.spec("LAT-7")
def test_sine_is_that_of_the_rounded_number_also_next_to_its_zeros():
    rng = np.random.default_rng(1)
    whole = np.concatenate([np.arange(-300, 300), rng.integers(-(10**7), 10**7, 3000)])
    x = np.concatenate([rng.uniform(-1, 1, 3000) * 10.0 ** rng.integers(-12, 8, 3000), np.pi * whole])
    expected = np.array([math.sin(one) for one in x])
    got = np.asarray(jax.jit(sine)(jnp.asarray(x)))
    np.testing.assert_array_less(np.abs(got - expected), 4 * 2.0**-53 * np.abs(expected) + 1e-300)


@pytest.mark.spec("LAT-7")
def test_sine_stays_bounded_beyond_its_range():
    got = np.asarray(jax.jit(sine)(jnp.asarray([1e9, -1e20, 1e300])))
    assert np.all(np.abs(got) <= 1)
