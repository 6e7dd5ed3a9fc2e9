"""Domains that are turned far: powders are as exact as stills, and what the choice depends on."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.shapes import Mat33, Vec3
from jaxbragg.simulation.far_domains import is_far

Q = 6e9
"""Of the pixels in the corners of `spread`, 1/m."""


@functools.cache
def spread(cells: float, degrees: float) -> jb.Experiment:
    """A triclinic crystal whose domains are turned about random axes, by up to so many degrees."""
    axes = np.random.default_rng(0).normal(size=(12, 3))
    return jb.Experiment(
        crystal=jb.CrystalConfig(
            cell=(80, 88, 72, 85, 95, 105),
            n_cells=(cells, cells, cells),
            misset=(10, 20, 30),
            mosaic_spread=degrees,
            mosaic_axes=axes / np.linalg.norm(axes, axis=1, keepdims=True),
            mosaic_fractions=np.linspace(0, 1, 12),
        ),
        beam=jb.BeamConfig(wavelength=1.0, fluence=1e24),
        detector=jb.DetectorConfig(distance=100, pixel_size=2.0, pixels=(48, 48)),
        sampling=jb.SamplingConfig(oversample=1),
        structure_factors=jb.StructureFactorConfig(default_f=100.0),
    )


def lost(got, expected) -> float:
    """Sum of the absolute errors over the total."""
    got, expected = np.asarray(got, np.float64), np.asarray(expected)
    return float(np.sum(np.abs(got - expected)) / np.sum(expected))


@pytest.mark.spec("PREC-5", "PREC-12")
@pytest.mark.parametrize("precision", ["mixed", "float32"])
@pytest.mark.parametrize(("cells", "degrees"), [(5, 90), (5, 20), (30, 6), (100, 0.5), (100, 90), (1000, 90)])
def test_large_spreads_are_as_exact_as_small_ones(cells, degrees, precision):
    """In the narrow dtype alone the powder of a thousand cells has lost 4e-3 (measured)."""
    experiment = spread(cells, degrees)
    expected = jb.simulate(experiment, precision="float64")
    assert lost(jb.simulate(experiment, precision=precision), expected) <= 1e-6


@pytest.mark.spec("PREC-5", "CFG-10")
def test_one_of_a_batch_that_is_spread_far_is_enough():
    """Derivatives of a batch have one choice for all its images."""
    experiments = [spread(100, 0.05), spread(100, 90)]

    def along_fluence(experiment):
        def image(fluence):
            return jb.simulate(experiment.with_fields(beam__given_fluence=fluence))

        fluence = experiment.beam.given_fluence
        return jax.jvp(image, (fluence,), (fluence,))[0]

    with jax.enable_x64(True):
        stacked = jax.tree.map(lambda *x: jnp.stack(x), *experiments)
        images = jax.vmap(along_fluence)(stacked)
    for got, experiment in zip(images, experiments, strict=True):
        assert lost(got, jb.simulate(experiment, precision="float64")) <= 1e-6


def changes_of(cells: float, degrees: float) -> Mat33:
    """What domains change in real vectors of 80 Å: each turned about one of two axes."""
    turned = 80e-10 * np.radians(degrees)
    row = Vec3(*(jnp.array(x) for x in ([turned, 0.0], [0.0, turned], [0.0, 0.0])))
    return Mat33(row, row, row)


@pytest.mark.spec("PREC-5")
@pytest.mark.parametrize(("cells", "limit"), [(5, 16 / 5), (100, 0.16), (1000, 16 * 10**1.5 / 1000)])
def test_the_limit_is_that_of_the_specification(cells, limit):
    """By the pixel of the tile, first or last, that is farther from the beam."""
    degrees = np.degrees(limit / (80e-10 * Q))
    all_cells = Vec3(*(jnp.array(float(n)) for n in (1, cells, 1)))
    for ends in ((0.0, Q), (Q, 0.1 * Q)):
        q = Vec3(*(jnp.array([[x, 2 * Q], [2 * Q, y]]) for x, y in (ends, (0.0, 0.0), (0.0, 0.0))))
        found = [bool(is_far(q, changes_of(cells, factor * degrees), all_cells)) for factor in (0.99, 1.01)]
        assert found == [False, True]
