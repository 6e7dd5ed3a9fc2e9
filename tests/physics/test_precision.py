"""How much is lost in single precision: the bounds of specs/precision.md, measured.

"mixed" against "float64". Few of these pixels are near a peak, so the error is compared with the brightest
one: each axis adds at most pi |δu| of the local envelope (PREC-5), with |δu| <= u (1/2 + 6 N η |a||q|),
u = 6e-8, |a||q| <= 40. Some more roundings, 1e-6, are allowed for the rest.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb
from tests.physics.experiments import crystal, image, still

U32 = 2.0**-24


def mixed(experiment):
    return np.asarray(jb.simulate(experiment, precision="mixed"))


def spread(cells, degrees):
    """Eight domains in a crystal of so many cells a side, or along each axis."""
    axes = np.random.default_rng(2).normal(size=(8, 3))
    drawn = {
        "mosaic_axes": axes / np.linalg.norm(axes, axis=1, keepdims=True),
        "mosaic_fractions": np.linspace(0, 1, 8),
    }
    return still(crystal=crystal(n_cells=np.broadcast_to(cells, 3), mosaic_spread=degrees, **drawn))


@pytest.mark.spec("PREC-1", "PREC-2")
def test_types_of_images_without_x64():
    assert not jax.config.jax_enable_x64
    assert image(still()).dtype == np.float64
    assert mixed(still()).dtype == np.float32
    assert jnp.zeros(()).dtype == np.float32  # the setting is as before


@pytest.mark.spec("PREC-4", "PREC-5")
@pytest.mark.parametrize("degrees", [0.0, 0.05, 0.5])
@pytest.mark.parametrize("cells", [10, 100, 1000])
def test_mixed_precision_keeps_its_bound(cells, degrees):
    experiment = spread(cells, degrees)
    exact = image(experiment)
    bound = 3 * math.pi * U32 * (0.5 + 6 * cells * math.radians(degrees) * 40)
    assert np.max(np.abs(mixed(experiment) - exact)) <= (bound + 1e-6) * np.max(exact)


@pytest.mark.spec("PREC-2")
def test_leaves_in_single_precision_only_lose_their_own_digits():
    narrow = jax.tree.map(lambda x: jnp.asarray(x, jnp.float32), still())
    widened = jax.tree.map(lambda x: np.asarray(x, np.float64), narrow)
    np.testing.assert_array_equal(image(narrow), image(widened))


def indices(dtype):
    """h for pixels 0.1 m away, |a| = 100 Å, 1 Å, every operation in one type."""
    rng = np.random.default_rng(0)
    lateral = rng.uniform(-0.1, 0.1, (100_000, 2))
    position = np.concatenate([np.full((100_000, 1), 0.1), lateral], axis=1).astype(dtype)
    direction = position / np.sqrt(np.sum(position * position, axis=1, dtype=dtype))[:, None]
    q = direction - np.array([1, 0, 0], dtype)
    a = np.array([33.0, 51.0, 79.0])
    return np.sum(q * (100 * a / np.linalg.norm(a)).astype(dtype), axis=1, dtype=dtype)


@pytest.mark.spec("PREC-3")
def test_indices_in_single_precision_are_off_by_what_the_clause_says():
    exact = indices(np.longdouble)
    single, double = (np.asarray(indices(t) - exact, float) for t in (np.float32, np.float64))
    assert 2e-6 < np.std(single) < 4e-6
    assert 1e-5 < np.max(np.abs(single)) < 3e-5
    assert np.max(np.abs(double)) < 5e-14


@pytest.mark.spec("PREC-3")
def test_steepest_slope_of_a_profile():
    u = np.linspace(1e-6, 1, 100_001)
    slope = np.gradient(np.sinc(u) ** 2, u)
    assert np.max(np.abs(slope)) == pytest.approx(1.697, abs=1e-3)
    assert u[np.argmax(np.abs(slope))] == pytest.approx(0.415, abs=1e-3)


@pytest.mark.spec("PREC-6")
def test_a_sum_of_positive_terms_loses_little():
    """Eight domains of F = 1 and one cell: every term is the same, the sum is off by at most 8 u."""
    axes = np.tile([0.0, 0.0, 1.0], (8, 1))
    drawn = {"mosaic_spread": 0.5, "mosaic_axes": axes, "mosaic_fractions": np.linspace(0, 1, 8)}
    experiment = still(crystal=crystal(n_cells=(1, 1, 1), **drawn))
    exact = image(experiment)
    # F changes with the nearest reflection: leave out pixels where a domain lies between two
    same = np.isclose(mixed(experiment), exact, rtol=1e-2)
    assert same.mean() > 0.9
    np.testing.assert_allclose(mixed(experiment)[same], exact[same], rtol=20 * U32)


@pytest.mark.spec("PREC-7")
@pytest.mark.parametrize(
    ("cells", "amplitude", "fluence"), [(1000, 1e4, 1e30), (1000, 1e4, 1.0), (1, 1e-3, 1e10)]
)
def test_extremes_stay_in_range(cells, amplitude, fluence):
    experiment = still(
        crystal=crystal(n_cells=(cells,) * 3),
        structure_factors=jb.StructureFactorConfig(
            table=np.full((21, 21, 21), amplitude), index_min=(-10, -10, -10), default_f=amplitude
        ),
        beam=jb.BeamConfig(wavelength=1.1, fluence=fluence),
    )
    exact, single = image(experiment), mixed(experiment)
    assert np.all(np.isfinite(single))
    assert np.max(np.abs(single - exact)) <= 1e-3 * np.max(exact)


@pytest.mark.spec("PREC-4", "LAT-2")
@pytest.mark.parametrize("cells", [(6.0, 4.0, 3.0), (6.5, 4.3, 1.7)])
def test_a_domain_in_another_cell_of_the_reciprocal_lattice_keeps_its_fringe(cells):
    """Domains turned by up to 8° step over whole indices; a count that is not whole must notice."""
    samples = jb.trace(spread(cells, 8.0), [2, 7, 9], [3, 8, 1], precision="float64")["samples"]
    distance = np.asarray(samples["distance"])
    unturned = np.asarray(samples["nearest"])[..., :1, :]
    assert np.any(np.asarray(samples["nearest"]) != unturned)
    expected = np.prod(np.sin(np.pi * distance * cells) / np.sin(np.pi * distance), axis=-1)
    np.testing.assert_allclose(np.abs(samples["lattice"]), np.abs(expected), rtol=1e-9, atol=1e-9)
