"""Pairs of float32 against float64, whose own rounding, 2⁻⁵³, does not matter at 2⁻⁴⁵.

The functions are compiled, so that what XLA makes of them is what is tested.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg.pairs import arithmetic, series
from jaxbragg.pairs.pair import Pair, split
from tests.pairs.values import numbers, of, value

X, Y = numbers(), numbers(seed=1)


def largest(error, scale):
    return np.max(np.abs(error) / scale)


@pytest.mark.spec("PREC-10")
def test_a_pair_keeps_what_single_precision_loses():
    x = np.random.default_rng(2).normal(size=1000)
    pair = split(x)
    np.testing.assert_array_equal(pair.hi, x.astype(np.float32))
    assert largest(value(pair) - x, np.abs(x)) < 2.0**-48


@pytest.mark.spec("PREC-10")
@pytest.mark.parametrize(
    ("operation", "exact", "bits"),
    [
        (arithmetic.multiply, np.multiply, 46),
        (arithmetic.divide, np.divide, 45),
        (lambda x, y: arithmetic.sqrt(arithmetic.multiply(x, x)), lambda x, y: np.abs(x), 45),
    ],
    ids=["product", "quotient", "root"],
)
def test_relative_errors(operation, exact, bits):
    expected = exact(X, Y)
    assert largest(of(operation)(X, Y) - expected, np.abs(expected)) < 2.0**-bits


@pytest.mark.spec("PREC-10")
def test_a_sum_is_off_by_digits_of_its_terms():
    for first, second in ((X, Y), (X, -X * (1 + 1e-9)), (X, np.full_like(X, 1 / 3))):
        error = of(arithmetic.add)(first, second) - (value(split(first)) + value(split(second)))
        assert largest(error, np.maximum(np.abs(first), np.abs(second))) < 2.0**-46


@pytest.mark.spec("PREC-10")
def test_the_compiler_does_not_simplify_what_rounding_lost():
    """(x + 1/3) - 1/3, and (x·y)/y, with constants that the compiler sees."""

    def there_and_back(x):
        third = Pair(*(jnp.full_like(x.hi, part) for part in split(1 / 3)))
        moved = arithmetic.subtract(arithmetic.add(x, third), third)
        return arithmetic.divide(arithmetic.multiply(moved, third), third)

    small = np.linspace(0.01, 1, 999)
    assert largest(of(there_and_back)(small) - small, 1.0) < 2.0**-44


@pytest.mark.spec("PREC-10")
def test_infinity_and_nan_are_those_of_single_precision():
    x, y = np.array([np.inf, -np.inf, np.nan, 1.0]), np.array([2.0, 0.0, 1.0, 0.0])
    for operation, exact in (
        (arithmetic.add, np.add),
        (arithmetic.multiply, np.multiply),
        (arithmetic.divide, np.divide),
    ):
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(operation(split(x), split(y)).hi, exact(x, y))
    np.testing.assert_array_equal(arithmetic.sqrt(split([0.0, np.inf, 4.0])).hi, [0.0, np.inf, 2.0])


@pytest.mark.spec("PREC-10")
@pytest.mark.parametrize(
    ("function", "exact"), [(series.sin, np.sin), (series.cos, np.cos)], ids=["sin", "cos"]
)
def test_sines_of_some_turns(function, exact):
    angles = value(split(np.random.default_rng(3).uniform(-10, 10, 5000)))
    assert largest(of(function)(angles) - exact(angles), 1.0) < 2.0**-43


@pytest.mark.spec("PREC-10")
def test_exponential():
    # below exp(-40), lo leaves the range of float32
    x = value(split(np.linspace(-40, 79, 5001)))
    assert largest(of(series.exp)(x) - np.exp(x), np.exp(x) * (1 + np.abs(x))) < 2.0**-43
    far = np.array([-np.inf, -1000.0, -85.0, 85.0, 1000.0, np.inf, np.nan])
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(series.exp(split(far)).hi, np.exp(far.astype(np.float32)), rtol=1e-6)


@pytest.mark.spec("PREC-10")
def test_derivatives_are_those_of_single_precision():
    def in_parts(x):
        pair = Pair(x, jnp.zeros_like(x))
        quotient = arithmetic.divide(arithmetic.multiply(pair, arithmetic.sqrt(pair)), series.sin(pair))
        return arithmetic.add(quotient, series.exp(pair)).hi

    def plain(x):
        return x * jnp.sqrt(x) / jnp.sin(x) + jnp.exp(x)

    for order in (jax.grad, lambda f: jax.grad(jax.grad(f)), jax.jacfwd):
        assert float(order(in_parts)(1.3)) == pytest.approx(float(order(plain)(1.3)), rel=3e-6)
