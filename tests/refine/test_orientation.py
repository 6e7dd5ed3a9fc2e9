"""Rotations on top of missetting angles, against SciPy's rotations."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import jaxbragg
from jaxbragg.refine.orientation import turned_misset, with_cell_and_misset
from jaxbragg.simulation.derived import derive
from tests.doubles import float64  # noqa: F401
from tests.refine import scenes

MISSETS = [(0.0, 0.0, 0.0), (10.0, 20.0, 30.0), (170.0, -80.0, -120.0), (5.0, 90.0, 40.0), (0.0, -90.0, 0.0)]
TURNS = [(0.0, 0.0, 0.0), (0.1, -0.2, 0.3), (20.0, 40.0, -60.0)]


@pytest.mark.spec("REF-3")
@pytest.mark.parametrize("misset", MISSETS)
@pytest.mark.parametrize("turn", TURNS)
def test_the_turn_comes_after_the_missetting(misset, turn):
    found = Rotation.from_euler(
        "xyz", np.asarray(turned_misset(jnp.array(misset), jnp.array(turn))), degrees=True
    )
    start = Rotation.from_euler("xyz", misset, degrees=True)
    expected = Rotation.from_rotvec(turn, degrees=True) * start
    np.testing.assert_allclose(found.as_matrix(), expected.as_matrix(), rtol=0, atol=2e-8)


@pytest.mark.spec("REF-3")
@pytest.mark.parametrize("misset", MISSETS)
@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (0.1, -0.2, 0.3)])
def test_a_small_turn_moves_the_crystal_by_as_much_anywhere(misset, turn):
    def matrix(turn):
        angles = turned_misset(jnp.array(misset), turn) * (np.pi / 180)
        c, s = jnp.cos(angles), jnp.sin(angles)
        x = jnp.array([[1.0, 0.0, 0.0], [0.0, c[0], -s[0]], [0.0, s[0], c[0]]])
        y = jnp.array([[c[1], 0.0, s[1]], [0.0, 1.0, 0.0], [-s[1], 0.0, c[1]]])
        z = jnp.array([[c[2], -s[2], 0.0], [s[2], c[2], 0.0], [0.0, 0.0, 1.0]])
        return z @ y @ x

    slopes = np.asarray(jax.jacfwd(matrix)(jnp.array(turn)))
    # a rotation by one degree changes a rotation matrix by √2·π/180 (Frobenius)
    np.testing.assert_allclose(np.linalg.norm(slopes, axis=(0, 1)), np.sqrt(2) * np.pi / 180, rtol=1e-4)


@pytest.mark.spec("REF-3")
def test_a_matrix_becomes_cell_and_misset_with_the_same_real_vectors():
    lattice = derive(scenes.crystal()).setup.lattice
    rows = np.array([lattice.a_star, lattice.b_star, lattice.c_star], np.float64)
    matrix = jaxbragg.CrystalConfig(matrix=rows.T * 1.5, n_cells=(5, 5, 5))
    given = jaxbragg.Experiment(crystal=matrix, beam=jaxbragg.BeamConfig(wavelength=1.5))
    rewritten = with_cell_and_misset(given)
    assert rewritten.crystal.matrix is None
    before, after = (derive(e).setup.lattice for e in (given, rewritten))
    for axis in ("a", "b", "c"):
        np.testing.assert_allclose(getattr(after, axis), getattr(before, axis), rtol=0, atol=1e-21)
    np.testing.assert_allclose(rewritten.crystal.cell, scenes.crystal().crystal.cell, rtol=1e-8)
