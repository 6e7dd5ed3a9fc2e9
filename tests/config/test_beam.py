"""The beam: what counts as its fluence, and its default grid of sources."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.constants import CLASSICAL_ELECTRON_RADIUS_SQ, DEFAULT_FLUENCE


def fluence(**fields):
    return float(jb.BeamConfig(**fields).fluence)


@pytest.mark.spec("BEAM-2", "UNIT-1")
def test_fluence_is_flux_times_exposure_over_the_beams_area():
    # 1e12/s for 0.1 s through 0.05 mm x 0.05 mm = 2.5e-9 m²
    assert fluence(flux=1e12, exposure=0.1, beamsize=0.05) == pytest.approx(4e19, rel=1e-15)


@pytest.mark.spec("BEAM-2")
@pytest.mark.parametrize(
    "undefined",
    [
        {"flux": 0.0},
        {"flux": 1e12, "exposure": 0.0},
        {"flux": 1e12, "exposure": -1.0},
        {"flux": 1e12, "beamsize": -0.1},
        {"flux": 0.0, "beamsize": 0.0},
    ],
)
def test_given_fluence_holds_when_flux_defines_none(undefined):
    assert fluence(fluence=1e20, **undefined) == 1e20
    assert fluence(**undefined) == DEFAULT_FLUENCE


@pytest.mark.spec("BEAM-2")
def test_flux_overrules_a_given_fluence():
    assert fluence(fluence=1e20, flux=1e10, beamsize=1.0) == pytest.approx(1e16, rel=1e-15)


@pytest.mark.spec("UNIT-4", "UNIT-3")
def test_default_fluence_makes_one_electron_scatter_one_photon():
    assert CLASSICAL_ELECTRON_RADIUS_SQ * DEFAULT_FLUENCE == 1.0
    assert fluence() == DEFAULT_FLUENCE
    # r_e = e²/(4 pi eps0 m c²), CODATA 2006 numbers: 2.8179402894(58)e-15 m
    assert np.sqrt(CLASSICAL_ELECTRON_RADIUS_SQ) == pytest.approx(2.8179402894e-15, rel=1e-6)


@pytest.mark.spec("BEAM-2")
def test_gradient_of_the_fluence():
    defined = jb.BeamConfig(flux=2e12, exposure=0.5, beamsize=0.1, fluence=1e20)
    gradient = jax.grad(lambda beam: beam.fluence)(jax.tree.map(jnp.float32, defined))
    assert gradient.given_fluence == 0.0
    assert float(gradient.flux) == pytest.approx(0.5 / 1e-8, rel=1e-6)
    assert float(gradient.beamsize) == pytest.approx(-2 * 1e12 / 1e-8 / 0.1, rel=1e-6)
    given = jax.tree.map(jnp.float32, jb.BeamConfig(beamsize=0.0))
    gradient = jax.grad(lambda beam: beam.fluence)(given)
    assert (gradient.given_fluence, gradient.flux, gradient.beamsize) == (1.0, 0.0, 0.0)


@pytest.mark.spec("SAMP-1", "BEAM-4")
def test_ranges_alone_are_sampled_at_their_ends():
    assert jb.BeamConfig().source_grid.tolist() == [[0.0, 0.0, 0.0]]
    both = jb.BeamConfig(divergence=(1.0, 0.0), dispersion=2.0).source_grid
    assert both.tolist() == [[-0.5, 0.0, -0.5], [-0.5, 0.0, 0.5], [0.5, 0.0, -0.5], [0.5, 0.0, 0.5]]


@pytest.mark.spec("BEAM-6")
def test_weights_of_a_source_list_are_equal_if_left_out():
    listed = jb.SourceList(positions=[[1, 0, 0], [0, 1, 0]], wavelengths=[1.0, 1.1])
    assert listed.weights.tolist() == [1.0, 1.0]
