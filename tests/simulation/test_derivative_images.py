"""Derivative images against central differences in float64, and against reverse mode.

Steps are near the cube root of the rounding of an image, 1e-5 of the natural unit of a field: truncation and
rounding then both stay below 1e-8 of the largest derivative; the bound leaves a factor of ten.
"""

import chex
import jax
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg import ConfigError

STEPS = {
    "crystal.misset": 1e-5,
    "crystal.cell": 1e-5,
    "crystal.n_cells": 1e-5,
    "crystal.mosaic_spread": 1e-5,
    "detector.distance": 1e-4,
    "detector.beam_x": 1e-5,
    "detector.rotations": 1e-5,
    "beam.wavelength": 1e-6,
    "structure_factors.default_f": 1e-3,
}


def still(**changes):
    experiment = jb.Experiment(
        crystal=jb.CrystalConfig(
            cell=(40, 50, 60, 80, 95, 100), n_cells=(4, 5, 6), mosaic_spread=0.5, mosaic_domains=5
        ),
        beam=jb.BeamConfig(wavelength=1.1, flux=1e16),
        detector=jb.DetectorConfig(
            pixels=(24, 20), pixel_size=0.6, distance=50.0, beam_x=6.0, beam_y=7.0, rotations=(1, 2, 3)
        ),
        structure_factors=jb.StructureFactorConfig(default_f=100.0),
    )
    return experiment.with_fields(**changes)


def field(experiment, name):
    part, leaf = name.split(".")
    return np.asarray(getattr(getattr(experiment, part), leaf), dtype=np.float64)


def difference(experiment, name, index, step):
    def image(sign):
        value = field(experiment, name).copy()
        value[index] += sign * step
        changed = experiment.with_fields(**{name.replace(".", "__"): value})
        return np.asarray(jb.simulate(changed, precision="float64"))

    return (image(1) - image(-1)) / (2 * step)


@pytest.fixture(scope="module")
def images():
    return {
        name: np.asarray(x)
        for name, x in jb.derivative_images(still(), list(STEPS), precision="float64").items()
    }


@pytest.mark.spec("SUM-11", "SUM-9")
@pytest.mark.parametrize("name", list(STEPS))
def test_central_differences(images, name):
    shape = field(still(), name).shape
    assert images[name].shape == (*shape, 20, 24)
    for index in np.ndindex(shape):
        expected = difference(still(), name, index, STEPS[name])
        chex.assert_trees_all_close(images[name][index], expected, rtol=0, atol=1e-7 * np.abs(expected).max())


@pytest.mark.spec("SUM-11")
@pytest.mark.parametrize(
    "names",
    [
        ["beam.polarization"],
        ["crystal.fudge"],
        ["structure_factors.default_f", "crystal.mosaic_spread"],
        ["crystal.mosaic_spread", "beam.polarization", "crystal.misset"],
    ],
)
def test_numbers_that_act_in_the_pixels_only(names):
    """Where nothing that all pixels share moves, and beside what does."""
    found = jb.derivative_images(still(), names, precision="float64")
    assert list(found) == names
    for name in names:

        def image(value, name=name):
            return jb.simulate(still().with_fields(**{name.replace(".", "__"): value}), precision="float64")

        with jax.enable_x64(True):
            expected = np.asarray(jax.jacfwd(image)(field(still(), name)))
        expected = np.moveaxis(expected, (0, 1), (-2, -1))
        bound = 1e-12 * np.abs(expected).max()
        chex.assert_trees_all_close(np.asarray(found[name]), expected, rtol=0, atol=bound)


@pytest.mark.spec("SUM-11")
def test_no_field_gives_no_image():
    assert jb.derivative_images(still(), []) == {}


@pytest.mark.spec("SUM-11")
def test_reverse_mode_is_the_sum_of_the_images(images):
    weights = np.random.default_rng(0).normal(size=(20, 24))
    with jax.enable_x64(True):
        gradient = jax.grad(lambda e: (weights * jb.simulate(e, precision="float64")).sum())(still())
    for name in STEPS:
        expected = (images[name] * weights).sum(axis=(-2, -1))
        found = field(gradient, name)
        chex.assert_trees_all_close(found, expected, rtol=1e-10, atol=1e-10 * np.abs(expected).max())


@pytest.mark.spec("SUM-11", "PREC-1")
def test_mixed_precision(images):
    mixed = jb.derivative_images(still(), ["crystal.misset", "detector.distance"])
    for name, found in mixed.items():
        assert found.dtype == np.float32
        exact = images[name]
        assert np.abs(np.asarray(found) - exact).sum() <= 1e-5 * np.abs(exact).sum()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("crystal.missset", "did you mean 'crystal.misset'"),
        ("detector.close_distance", "must name fields that the experiment was given"),
        ("structure_factors.table", "too many numbers"),
    ],
)
def test_names_are_checked(name, hint):
    with pytest.raises(ConfigError, match=hint):
        jb.derivative_images(still(), [name])
