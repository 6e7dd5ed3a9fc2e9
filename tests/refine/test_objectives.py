"""Likelihoods against SciPy's distributions; slopes and curvatures against differences and samples."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import jaxbragg
from jaxbragg.refine.measurement import Measurement
from jaxbragg.refine.pixels import chosen_pixels
from tests.doubles import float64  # noqa: F401
from tests.refine import scenes

MODEL = np.array([0.3, 2.0, 40.0, 900.0])
OBJECTIVES = [jaxbragg.Poisson(), jaxbragg.Gaussian(), jaxbragg.StudentT(3.0)]


def reference(objective, photons, model, variance):
    """Negative logarithms of the densities."""
    width = np.sqrt(model + variance)
    if isinstance(objective, jaxbragg.Poisson):
        return -stats.poisson.logpmf(photons, model)
    if isinstance(objective, jaxbragg.Gaussian):
        return -stats.norm.logpdf(photons, model, width)
    return -stats.t.logpdf(photons, objective.freedom, model, width)


@pytest.mark.spec("REF-9", "REF-10", "REF-11")
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_differences_of_the_loss_are_those_of_the_likelihood(objective):
    photons, variance = np.array([0.0, 3.0, 30.0, 1000.0]), np.array([0.0, 0.0, 4.0, 4.0])
    if isinstance(objective, jaxbragg.Poisson):
        variance = 0.0 * variance
    found = objective.loss(photons, MODEL, variance) - objective.loss(photons, 1.5 * MODEL, variance)
    expected = reference(objective, photons, MODEL, variance) - reference(
        objective, photons, 1.5 * MODEL, variance
    )
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.spec("REF-9")
def test_half_the_deviance_is_zero_where_the_model_is_the_data():
    counts = np.array([0.0, 1.0, 50.0])
    assert jaxbragg.Poisson().loss(jnp.array([1.0, 50.0]), jnp.array([1.0, 50.0]), jnp.zeros(2)).max() == 0
    np.testing.assert_allclose(jaxbragg.Poisson().loss(counts, counts + 0.5, 0.0)[0], 0.5)


@pytest.mark.spec("REF-9", "REF-10", "REF-11")
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_slope_is_the_derivative_of_the_loss(objective):
    photons, variance = jnp.array([0.0, 5.0, 30.0, 1100.0]), jnp.array([0.0, 1.0, 9.0, 0.0])
    slope = jax.vmap(jax.grad(objective.loss, argnums=1))(photons, jnp.asarray(MODEL), variance)
    np.testing.assert_allclose(objective.slope(photons, MODEL, variance), slope, rtol=1e-12)


@pytest.mark.spec("REF-9", "REF-10", "REF-11")
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_curvature_is_the_variance_of_the_slope(objective):
    rng, model, variance = np.random.default_rng(3), 20.0, 6.0
    if isinstance(objective, jaxbragg.Poisson):
        variance = 0.0
        draws = rng.poisson(model, 400_000).astype(float)
    elif isinstance(objective, jaxbragg.Gaussian):
        draws = rng.normal(model, np.sqrt(model + variance), 400_000)
    else:
        draws = model + np.sqrt(model + variance) * rng.standard_t(objective.freedom, 400_000)
    slopes = np.asarray(objective.slope(draws, model, variance))
    # Fisher information is the variance of the score; 400 000 draws tell it to some 0.3 %
    np.testing.assert_allclose(objective.curvature(model, variance), np.var(slopes), rtol=0.02)
    assert abs(np.mean(slopes)) < 5 * np.std(slopes) / np.sqrt(len(draws))


@pytest.mark.spec("REF-6", "REF-9")
@pytest.mark.parametrize(
    ("fields", "text"),
    [({"readout_noise": 2.0}, "no readout noise"), ({"offset": 10.0}, "from zero up, got -10")],
)
def test_poisson_refuses_what_no_counter_gives(fields, text):
    image = np.zeros((64, 64))
    with pytest.raises(jaxbragg.ConfigError, match=text):
        jaxbragg.Poisson().check(chosen_pixels(scenes.crystal(), Measurement(image, **fields)))


def test_degrees_of_freedom_are_positive():
    with pytest.raises(jaxbragg.ConfigError, match="`freedom` must be positive"):
        jaxbragg.StudentT(0.0)
