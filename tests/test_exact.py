"""Operations that keep their own rounding under jit: bit for bit what NumPy gives, operation by operation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg.exact import over_constant, product, quotient
from tests.doubles import float64, number

__all__ = ["float64"]

A, B, C, D = np.random.default_rng(1).uniform(0.5, 2.0, size=(4, 5000))


@pytest.mark.spec("PREC-8", "CRYST-4")
def test_compiled_operations_round_as_numpy_does():
    same = {
        "difference of products": (
            lambda a, b, c, d: product(a, b) - product(c, d),
            A * B - C * D,
        ),
        "quotient of quotients": (lambda a, b, c, d: quotient(quotient(a, b), c) + 0 * d, A / B / C),
        "long product": (lambda a, b, c, d: product(a, b, c, d), A * B * C * D),
        "division by a constant": (lambda a, b, c, d: over_constant(a, 180 / np.pi), A / (180 / np.pi)),
    }
    for name, (function, expected) in same.items():
        got = jax.jit(function)(*map(number, (A, B, C, D)))
        np.testing.assert_array_equal(got, expected, err_msg=name)


@pytest.mark.spec("PREC-8")
def test_nan_is_never_hidden():
    nan, one = number(np.nan), number(1.0)
    for value in (product(nan, one), quotient(one, nan), quotient(nan, one), over_constant(nan, 3.0)):
        assert bool(jnp.isnan(value))


@pytest.mark.spec("PREC-8", "SUM-9")
def test_derivatives_are_those_of_the_plain_operations():
    assert float(jax.grad(product)(number(3.0), number(4.0))) == 4.0
    assert float(jax.grad(quotient, argnums=1)(number(3.0), number(2.0))) == -0.75
    assert float(jax.grad(over_constant)(number(3.0), 8.0)) == 0.125


@pytest.mark.spec("PREC-8")
def test_stacked_numbers_round_as_single_ones():
    one_by_one = jax.jit(lambda a, b, c: product(a, b) - c)
    stacked = jax.jit(jax.vmap(one_by_one, in_axes=(0, None, 1), out_axes=0))
    c = np.stack([C[:50], D[:50]])
    expected = A[:50, None] * B[0] - c.T
    np.testing.assert_array_equal(stacked(number(A[:50]), number(B[0]), number(c)), expected)


@pytest.mark.spec("PREC-2", "PREC-8")
def test_doubles_may_be_lowered_where_they_are_not_enabled():
    def squared(x):
        with jax.enable_x64(True):
            wide = jnp.stack([x, x]).astype(jnp.float64)
            return product(wide, wide).sum().astype(jnp.float32)

    with jax.enable_x64(False):
        three = jnp.float32(3.0)
        assert float(jax.jit(squared)(three)) == 18.0
        assert float(jax.jit(jax.grad(squared))(three)) == 12.0
