"""Whole parts and order of pairs: exact."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg.pairs import rounding
from jaxbragg.pairs.pair import split
from tests.pairs.values import numbers, of, value

AWKWARD = value(
    split(np.concatenate([numbers(2000), np.arange(-4, 4, 0.5), [1e7 + 0.3, 1e8 + 0.7, -1e8 - 0.2]]))
)


@pytest.mark.spec("PREC-10")
@pytest.mark.parametrize(
    ("function", "exact"),
    [
        (rounding.floor, np.floor),
        (rounding.ceil, np.ceil),
        (rounding.nearest, np.round),
        (rounding.absolute, np.abs),
    ],
    ids=["floor", "ceil", "nearest", "absolute"],
)
def test_whole_parts(function, exact):
    np.testing.assert_array_equal(of(function)(AWKWARD), exact(AWKWARD))


@pytest.mark.spec("PREC-10")
def test_order_looks_at_both_parts():
    base = np.repeat([1.0, -1.0, 0.0, 1e5], 3)
    x, y = base, base + np.tile([-1e-9, 0.0, 1e-9], 4)
    np.testing.assert_array_equal(rounding.less(split(x), split(y)), x < y)
    np.testing.assert_array_equal(rounding.equal(split(x), split(y)), x == y)
    np.testing.assert_array_equal(of(rounding.maximum)(x, y), value(split(np.maximum(x, y))))
    np.testing.assert_array_equal(of(rounding.minimum)(x, y), value(split(np.minimum(x, y))))


@pytest.mark.spec("PREC-10")
def test_integers_of_30_bits_go_through_a_pair():
    whole = np.array([2**30 - 1, -(2**30) + 5, 123456789, 0, -1], np.int32)
    pair = rounding.from_integer(jnp.asarray(whole))
    np.testing.assert_array_equal(value(pair), whole)
    np.testing.assert_array_equal(rounding.to_integer(pair, jnp.int32), whole)
    np.testing.assert_array_equal(rounding.to_integer(split([2.9999999, -2.9999999]), jnp.int32), [2, -2])
