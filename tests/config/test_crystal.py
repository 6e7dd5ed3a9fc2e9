"""What the constructor of a crystal draws, and its defaults."""

import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.config.crystal import DEFAULT_MOSAIC_SEED
from jaxbragg.sampling.c_draws import mosaic_draws
from jaxbragg.sampling.c_random import CRandom

CELL = (40.0, 50.0, 60.0, 85.0, 95.0, 105.0)


@pytest.mark.spec("SAMP-4")
def test_numbers_of_domains():
    def domains(**fields):
        return len(jb.CrystalConfig(cell=CELL, **fields).mosaic_fractions)

    assert domains() == 1
    assert domains(mosaic_spread=0.5) == 10
    assert domains(mosaic_spread=0.5, mosaic_domains=4) == 4


@pytest.mark.spec("RND-7")
def test_domains_are_the_programs():
    crystal = jb.CrystalConfig(cell=CELL, mosaic_spread=0.5, mosaic_domains=3)
    axes, fractions, _ = mosaic_draws(CRandom(), -DEFAULT_MOSAIC_SEED, 3, np.radians(0.5))
    np.testing.assert_array_equal(crystal.mosaic_axes, axes)
    np.testing.assert_array_equal(crystal.mosaic_fractions, fractions)
    assert crystal.mosaic_fractions[0] == 0.0
    other = jb.CrystalConfig(cell=CELL, mosaic_spread=0.5, mosaic_domains=3, mosaic_seed=1)
    assert not np.allclose(other.mosaic_axes, axes)


@pytest.mark.spec("CRYST-6", "CFG-5")
def test_a_changed_spread_keeps_the_domains():
    experiment = jb.Experiment(
        crystal=jb.CrystalConfig(cell=CELL, mosaic_spread=0.5), sampling=jb.SamplingConfig(oversample=1)
    )
    wider = experiment.with_fields(crystal__mosaic_spread=1.0)
    np.testing.assert_array_equal(wider.crystal.mosaic_axes, experiment.crystal.mosaic_axes)
    np.testing.assert_array_equal(wider.crystal.mosaic_fractions, experiment.crystal.mosaic_fractions)
    redrawn = experiment.with_fields(crystal__mosaic_domains=3)
    assert len(redrawn.crystal.mosaic_fractions) == 3


@pytest.mark.spec("CFG-8")
def test_shape_by_name():
    for shape in jb.Shape:
        assert jb.CrystalConfig(cell=CELL, shape=shape.value.upper()).shape is shape
