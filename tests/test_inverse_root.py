"""One over a square root without a root."""

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxbragg.inverse_root import inverse_root
from tests.doubles import float64, number

__all__ = ["float64"]

BOUND = 2.0**-51


def relative_error(got: jax.Array, x: np.ndarray) -> float:
    exact = 1 / np.sqrt(x.astype(np.longdouble))
    return float(np.abs((np.asarray(got) - exact) / exact).max())


@pytest.mark.spec("GEO-7")
@pytest.mark.parametrize("transform", [jax.jit, lambda f: jax.jit(jax.vmap(f))])
def test_every_mantissa_has_its_digits(transform) -> None:
    x = np.geomspace(1.0, 4.0, 100_001)
    assert relative_error(transform(inverse_root)(number(x)), x) <= BOUND


compiled = jax.jit(inverse_root)


@pytest.mark.spec("GEO-7")
@given(st.floats(1e-300, 1e300))
def test_every_exponent_has_its_digits(x: float) -> None:
    with jax.enable_x64(True):
        assert relative_error(compiled(jnp.asarray(x)), np.asarray(x)) <= BOUND


@pytest.mark.spec("PREC-9")
def test_a_cpu_takes_no_root_and_no_division() -> None:
    program = compiled.lower(number(np.ones(64))).compile().as_text()
    assert "sqrt(" not in program and "divide(" not in program


def test_zero_is_finite_and_what_is_no_number_stays_none() -> None:
    zero, *others = compiled(number([0.0, np.nan, np.inf]))
    assert 1e150 < zero < np.inf
    assert np.isnan(others).all()


@pytest.mark.spec("SUM-9")
@pytest.mark.parametrize("derivative", [jax.jacfwd, jax.jacrev, jax.hessian])
def test_derivatives(derivative) -> None:
    x = number([0.3, 1.7, 40.0])
    got, expected = (jax.jit(derivative(f))(x) for f in (inverse_root, lambda x: 1.0 / jnp.sqrt(x)))
    chex.assert_trees_all_close(got, expected, rtol=1e-14)


@pytest.mark.spec("GEO-7")
def test_single_precision() -> None:
    x = np.geomspace(1e-3, 1e3, 1001, dtype=np.float32)
    assert relative_error(compiled(jnp.asarray(x)), x) <= 2.0**-22
