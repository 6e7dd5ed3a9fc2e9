"""Directions, wavelengths and weights of generated and listed sources."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.config.step_rules import range_steps, source_grid
from jaxbragg.geometry.conventions import frame
from jaxbragg.sampling.sources import sources
from tests.doubles import float64, number, plain

__all__ = ["float64"]

NONE = range_steps(None, None, None)


def generate(model=jb.CORRECTED, convention="mosflm", **beam):
    detector = jax.tree.map(number, jb.DetectorConfig(convention=convention))
    return sources(jax.tree.map(number, jb.BeamConfig(**beam)), frame(detector, model), model)


@pytest.mark.spec("BEAM-1", "BEAM-4", "UNIT-1")
@pytest.mark.parametrize("convention", ["mosflm", "xds", "dials"])
def test_one_source_shines_along_the_beam(convention):
    one = generate(convention=convention, wavelength=1.25)
    along = [1, 0, 0] if convention == "mosflm" else [0, 0, 1]
    np.testing.assert_array_equal(plain(one.incident), [along])
    assert float(one.wavelength[0]) == 1.25e-10
    assert float(one.weight[0]) == 1.0


@pytest.mark.spec("BEAM-4")
def test_divergence_tilts_across_and_along_the_polarization():
    """MOSFLM: beam x, polarization z. Horizontal tilts about b x p = -y, in xz; vertical about z, in xy."""
    c, s = np.cos(0.01), np.sin(0.01)
    grid = source_grid(range_steps(3, 0.02, None), NONE, NONE, False)
    fan = plain(generate(divergence=(20.0, 0.0), source_grid=grid).incident)
    np.testing.assert_allclose(fan, [[c, 0, -s], [1, 0, 0], [c, 0, s]])
    fan = plain(generate(divergence=(0.0, 20.0), source_grid=grid[:, [1, 0, 2]]).incident)
    np.testing.assert_allclose(fan, [[c, -s, 0], [1, 0, 0], [c, s, 0]])


@pytest.mark.spec("BEAM-4")
def test_a_grid_of_sources_is_made_of_unit_vectors_within_the_range():
    grid = source_grid(range_steps(5, 0.02, None), range_steps(4, 0.01, None), NONE, False)
    fan = plain(generate(divergence=(20.0, 10.0), source_grid=grid, convention="dials").incident)
    np.testing.assert_allclose(np.linalg.norm(fan, axis=1), 1, rtol=1e-15)
    assert np.max(np.arccos(fan[:, 2])) == pytest.approx(np.hypot(0.01, 0.005), rel=1e-4)


@pytest.mark.spec("BEAM-4", "SUM-9")
def test_an_axis_along_the_beam_has_no_horizontal_divergence():
    detector = jax.tree.map(number, jb.DetectorConfig(convention="custom", polarization_axis=(1, 0, 0)))
    beam = jax.tree.map(number, jb.BeamConfig(divergence=(5.0, 0.0)))

    def directions(beam):
        return jnp.stack(sources(beam, frame(detector, jb.CORRECTED), jb.CORRECTED).incident)

    np.testing.assert_array_equal(directions(beam), [[1, 1], [0, 0], [0, 0]])
    gradient = jax.grad(lambda b: jnp.sum(directions(b)))(beam)
    assert bool(jnp.all(jnp.isfinite(gradient.divergence)))


@pytest.mark.spec("BEAM-5")
def test_dispersion_spreads_the_wavelength():
    grid = source_grid(NONE, NONE, range_steps(3, 0.02, None), True)
    spread = generate(wavelength=2.0, dispersion=2.0, source_grid=grid)
    np.testing.assert_allclose(spread.wavelength, [1.98e-10, 2e-10, 2.02e-10], rtol=1e-15)
    ends = generate(wavelength=2.0, dispersion=2.0)
    np.testing.assert_allclose(ends.wavelength, [1.98e-10, 2.02e-10], rtol=1e-15)


@pytest.mark.spec("BEAM-6", "MOD-2")
def test_listed_sources():
    listed = jb.SourceList(positions=[[-2, 0, 0], [0, 0, 5]], wavelengths=[1.0, 1.5], weights=[1, 3])
    found = generate(sources=listed, divergence=(5.0, 5.0), dispersion=3.0)
    np.testing.assert_array_equal(plain(found.incident), [[1, 0, 0], [0, 0, -1]])
    np.testing.assert_array_equal(found.wavelength, [1e-10, 1.5e-10])
    assert found.weight.tolist() == [0.5, 1.5]
    assert generate(jb.NANOBRAGG, sources=listed).weight.tolist() == [1.0, 1.0]


@pytest.mark.spec("BEAM-6")
def test_only_ratios_of_weights_matter():
    def weights(scale):
        listed = jb.SourceList(
            positions=np.eye(3), wavelengths=[1, 1, 1], weights=scale * np.array([1, 2, 5])
        )
        return generate(sources=listed).weight

    np.testing.assert_allclose(weights(7.0), weights(1.0), rtol=1e-15)
    assert float(jnp.sum(weights(1.0))) == pytest.approx(3.0, rel=1e-15)
