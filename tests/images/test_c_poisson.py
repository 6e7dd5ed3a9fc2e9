"""The program's Gaussian and Poisson numbers against values its own functions gave."""

import math

import numpy as np
import pytest

from jaxbragg.images.c_poisson import CDeviates, log_gamma
from jaxbragg.sampling.c_random import CRandom


@pytest.mark.spec("NOISE-1")
@pytest.mark.parametrize(
    ("x", "value"),
    [
        (1.0, 0.0),
        (2.0, -4.4408921e-16),
        (13.5, 21.2600765),
        (100.0, 359.134216),
        (1001.0, 5912.12842),
        (1e5, 1051287.75),
    ],
)
def test_log_gamma_is_that_of_the_program(x, value):
    assert log_gamma(np.float32(x)) == np.float32(value)


@pytest.mark.spec("NOISE-1")
def test_log_gamma_is_near_the_true_one():
    for x in np.geomspace(0.5, 1e6, 50).astype(np.float32):
        assert log_gamma(x) == pytest.approx(math.lgamma(x), rel=1.2e-7, abs=1e-9)


@pytest.mark.spec("NOISE-2")
def test_gaussian_numbers_of_seed_one():
    deviates, seed, drawn = CDeviates(CRandom()), -1, []
    for _ in range(4):
        value, seed = deviates.gaussian(seed)
        drawn.append(value)
    expected = np.array([-0.836853981, -0.172279969, 0.187117606, 1.61543977], np.float32)
    np.testing.assert_array_equal(np.array(drawn), expected)


@pytest.mark.spec("NOISE-3", "NOISE-4")
def test_poisson_numbers_of_seed_one():
    means = [0, 0, 0.5, 3, 3, 11.99, 12, 50, 50, 1000, 1e5, 1e6, 2e6, 2e6]
    counts = [0, 0, 1, 3, 6, 12, 9, 51, 50, 1025, 99512, 999607, 2003942.125, 2000038.875]
    deviates, seed = CDeviates(CRandom()), -1
    for mean, count in zip(means, counts, strict=True):
        drawn, seed = deviates.poisson(np.float32(mean), seed)
        assert drawn.dtype == np.float32
        assert drawn == count
    assert seed == 1912844175


@pytest.mark.spec("NOISE-3")
@pytest.mark.parametrize("mean", [0.0, -0.0, -1.0, -1e4, -np.inf])
def test_no_expected_photons_give_none_but_use_one_number(mean):
    drawn, seed = CDeviates(CRandom()).poisson(np.float32(mean), -1)
    _, one_later = CRandom().uniform(-1)
    assert drawn == 0.0
    assert seed == one_later


@pytest.mark.spec("NOISE-4")
def test_nan_gives_nan_and_uses_two_numbers():
    drawn, seed = CDeviates(CRandom()).poisson(np.float32(np.nan), -1)
    rng = CRandom()
    _, later = rng.uniform(-1)
    _, later = rng.uniform(later)
    assert np.isnan(drawn)
    assert seed == later


@pytest.mark.spec("NOISE-3", "NOISE-4")
@pytest.mark.parametrize("mean", [0.3, 7.0, 11.9, 12.1, 300.0, 3e5, 3e6])
def test_mean_and_variance_are_those_of_counting(mean):
    n = 4000
    deviates, seed = CDeviates(CRandom()), -77
    drawn = np.empty(n)
    for i in range(n):
        drawn[i], seed = deviates.poisson(np.float32(mean), seed)
    # four standard errors: of a mean, sqrt(mean/n); of a variance, sqrt(mean/n + 2 mean²/n)
    assert drawn.mean() == pytest.approx(mean, abs=4 * math.sqrt(mean / n))
    assert drawn.var() == pytest.approx(mean, abs=4 * math.sqrt(mean / n + 2 * mean**2 / n))
