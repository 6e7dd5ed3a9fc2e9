"""The compiled loop gives the very numbers of the definition, and leaves the generator in the same state."""

import math

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxbragg.images.c_poisson import CDeviates, log_gamma
from jaxbragg.images.c_poisson_loop import BLOCK, poisson_many
from jaxbragg.sampling.c_random import CRandom

EDGES = [0.0, -1.0, 1e-30, 11.999999, 12.0, 12.000001, 999999.94, 1e6, 1000000.06, 1e38, np.nan, -np.inf]
means_of_all_sizes = st.one_of(
    st.sampled_from(EDGES), st.floats(0.0, 1.5e6, width=32), st.floats(-7.0, 14.5).map(math.exp)
)


def assert_same(means, seed, rng=CRandom):
    means = np.asarray(means, np.float32)
    one_by_one, at_once = CDeviates(rng()), CDeviates(rng())
    expected, expected_seed = np.empty(means.size, np.float32), seed
    for i, mean in enumerate(means):
        expected[i], expected_seed = one_by_one.poisson(mean, expected_seed)
    found, found_seed = poisson_many(means, at_once, seed)
    np.testing.assert_array_equal(found, expected)
    assert found_seed == expected_seed
    assert (at_once.rng.table, at_once.rng.y) == (one_by_one.rng.table, one_by_one.rng.y)
    assert at_once.spare == one_by_one.spare


@pytest.mark.spec("NOISE-6")
@settings(max_examples=60, deadline=None)
@given(st.lists(means_of_all_sizes, max_size=200), st.integers(-2147483646, 0))
def test_any_row_of_pixels(means, seed):
    assert_same(means, seed)


@pytest.mark.spec("NOISE-6")
@pytest.mark.parametrize("mean", [0.01, 1.0, 8.0, 11.99, 12.0, 40.0, 1000.0, 3e4, 9e5])
def test_many_pixels_of_one_mean(mean):
    assert_same(np.full(15_000, mean), -4)


@pytest.mark.spec("NOISE-6")
def test_rows_longer_than_a_block():
    rng = np.random.default_rng(3)
    assert_same(rng.exponential(2.0, BLOCK + 77) * np.where(rng.random(BLOCK + 77) < 0.03, 400.0, 1.0), -9)


@pytest.mark.spec("NOISE-6")
def test_positive_seed_on_a_used_generator():
    def used():
        rng = CRandom()
        rng.uniform(-12345678)
        return rng

    assert_same(np.linspace(0, 60, 3000), 5, used)


@pytest.mark.spec("NOISE-6")
@pytest.mark.parametrize("x64", [True, False])
def test_setting_of_the_caller_does_not_matter(x64):
    with jax.enable_x64(x64):
        assert_same(np.geomspace(0.1, 1e5, 2000), -21)


@pytest.mark.spec("NOISE-6")
def test_counts_beyond_the_table_are_never_accepted():
    # the first number at or above 2 mean + 1000, where the chance is largest; width of the tangent: float32's
    for mean in np.geomspace(12.0, 1e6, 40):
        count = 2.0 * mean + 1000.0
        exponent = (count - mean) * math.log(mean) - math.lgamma(count + 1) + math.lgamma(mean + 1)
        rounding = 8 * np.spacing(np.float32(log_gamma(np.float32(count + 1))))
        largest_tangent_sq = math.tan(math.pi / 2) ** 2
        assert 0.9 * (1 + largest_tangent_sq) * math.exp(exponent + rounding) < 1e-30
