"""Sums over tiles and shots against the formulas of the specification and against differences."""

import functools

import jax
import numpy as np
import pytest

import jaxbragg
from jaxbragg.refine.beginning import begin, checked_start
from jaxbragg.refine.fit import Fit
from jaxbragg.refine.measurement import Measurement
from tests.refine import scenes

NOISE = 1.5
REGIONS = [[(0, 31, 0, 15), (0, 15, 16, 31)], [(0, 31, 0, 15), (3, 15, 16, 31)]]


@functools.cache
def make_fit(at_once: int = 1, prior: jaxbragg.Prior | None = None) -> Fit:
    """Two shots that differ in orientation and in their numbers of pixels; groups of every kind."""
    truth = scenes.crystal(32)
    experiments = [truth, truth.with_fields(crystal__misset=(11.0, 19.0, 30.0))]
    groups = [
        jaxbragg.Scale(),
        jaxbragg.Background(order=1),
        jaxbragg.Orientation(prior=prior),
        jaxbragg.Parameter("distance", shared=True),
        jaxbragg.Reflections(hkl=scenes.brightest_reflections(truth, 3)[1:]),
    ]
    fit, pixels = begin(
        experiments,
        [Measurement(scenes.counted(e), readout_noise=NOISE) for e in experiments],
        groups,
        objective=jaxbragg.Gaussian(),
        regions=REGIONS,
        precision="float64",
        at_once=at_once,
    )
    return checked_start(fit, groups, pixels)


def near_start(fit: Fit):
    """A point where nothing is special."""
    rng = np.random.default_rng(5)
    return fit.start._replace(
        local=fit.start.local + 0.02 * rng.normal(size=fit.start.local.shape),
        shared=fit.start.shared + 0.002 * rng.normal(size=fit.start.shared.shape),
    )


def used_pixels(fit: Fit):
    """Used pixels of each shot."""
    pixels = jax.tree.map(np.asarray, fit.batch.pixels)
    for shot in range(len(fit.shots)):
        one = type(pixels)(*(x[shot].reshape(-1) for x in pixels))
        yield type(pixels)(*(x[one.used] for x in one))


@jax.jit
def image_of(experiment):
    return jaxbragg.simulate(experiment, precision="float64")


def model(fit: Fit, flat: np.ndarray) -> np.ndarray:
    """Expected photons of all used pixels, as in REF-8."""
    at, parts = fit.start.like(flat), []
    for now, pixels in zip(fit.shots_at(at), used_pixels(fit), strict=True):
        image = np.asarray(image_of(now.experiment))[pixels.slow, pixels.fast]
        surface = now.surface[pixels.region]
        background = surface[:, 0] + surface[:, 1] * pixels.x + surface[:, 2] * pixels.y
        parts.append(now.scale * image + background)
    return np.concatenate(parts)


def columns(fit: Fit, flat: np.ndarray) -> np.ndarray:
    """Derivatives of the model by central differences."""
    step = 1e-6
    with jax.enable_x64(True):
        return np.stack(
            [(model(fit, flat + d) - model(fit, flat - d)) / (2 * step) for d in step * np.eye(len(flat))]
        )


@pytest.mark.spec("REF-8", "REF-12", "REF-14", "REF-20")
def test_objective_gradient_and_curvature():
    fit = make_fit(at_once=1, prior=None)
    at = near_start(fit)
    with jax.enable_x64(True):
        expected = model(fit, at.flat())
    rest = np.concatenate([pixels.photons for pixels in used_pixels(fit)]) - expected
    variance = expected + NOISE**2
    objective = 0.5 * np.sum(np.log(2 * np.pi * variance) + rest**2 / variance)
    images = columns(fit, at.flat())
    slope = images @ (0.5 * (1 - 2 * rest - rest**2 / variance) / variance)
    curvature = (images * (1 / variance + 0.5 / variance**2)) @ images.T
    here = fit.around(at)
    assert here.value.objective == pytest.approx(objective, rel=1e-11)
    assert fit.value(at).objective == pytest.approx(objective, rel=1e-11)
    tolerance = 1e-5 * np.sqrt(np.diagonal(curvature))
    assert np.all(np.abs(here.slope.flat() - slope) < tolerance * np.sqrt(fit.n_pixels))
    assert np.all(np.abs(fit.slope(at)[1].flat() - here.slope.flat()) < 1e-8 * np.abs(slope).max())
    scale, n = np.sqrt(np.diagonal(curvature)), fit.problem.n_local
    unit = curvature / np.outer(scale, scale)
    found = here.curvature
    for shot in range(2):
        own, last = slice(shot * n, (shot + 1) * n), slice(2 * n, None)
        np.testing.assert_allclose(
            found.local[shot] / np.outer(scale[own], scale[own]), unit[own, own], atol=1e-5
        )
        np.testing.assert_allclose(
            found.cross[shot] / np.outer(scale[own], scale[last]), unit[own, last], atol=1e-5
        )
    np.testing.assert_allclose(found.shared / np.outer(scale[last], scale[last]), unit[last, last], atol=1e-5)


@functools.cache
def here():
    fit = make_fit(at_once=1, prior=None)
    return fit.around(near_start(fit))


def assert_same(found, expected) -> None:
    """Up to the order of additions."""
    for x, y in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-9, atol=1e-9 * np.abs(y).max())


@pytest.mark.spec("REF-12", "REF-20")
def test_tiles_and_shots_side_by_side_are_like_one_after_the_other(monkeypatch):
    monkeypatch.setattr("jaxbragg.refine.beginning.PIXELS_PER_SUM", 512)
    fit = make_fit(at_once=2)
    assert fit.batch.pixels.slow.shape[1] > 1
    assert_same(fit.around(near_start(fit)), here())


@pytest.mark.spec("REF-5")
def test_priors_add_a_parabola_in_user_units():
    prior = jaxbragg.Prior(sigma=(0.1, 0.2, 0.3), mean=(10.1, 20.0, 29.9))
    fit = make_fit(prior=prior)
    at = near_start(fit)
    near, n = fit.around(at), fit.problem.n_local
    own = fit.problem.belongs(["crystal.misset"])[:n]

    def loss(flat):
        misset = fit.reported(fit.start.like(flat)).values.local[:, own]
        return 0.5 * np.sum(((misset - np.array(prior.mean)) / np.array(prior.sigma)) ** 2)

    assert near.value.objective - here().value.objective == pytest.approx(loss(at.flat()), rel=1e-6)
    extra = near.slope.flat() - here().slope.flat()
    for number, step in enumerate(1e-5 * np.eye(len(extra))):
        slope = (loss(at.flat() + step) - loss(at.flat() - step)) / 2e-5
        assert extra[number] == pytest.approx(slope, rel=1e-6, abs=1e-5)


@pytest.mark.spec("REF-5")
def test_a_prior_of_the_wrong_length_is_refused():
    with pytest.raises(jaxbragg.ConfigError, match=r"`crystal.misset` needs one number or 3, got 2"):
        make_fit(prior=jaxbragg.Prior(sigma=(0.1, 0.2)))
