"""Cell to vectors and back, in all seven crystal systems.

The metric matrix of the real vectors is the textbook's (a·b = ab cos γ, ...), computed here in NumPy.
Tolerance: the chain has about 30 operations in float64, and its condition grows with the ratio of abc to the
cell's volume; 1e-13 times that ratio squared covers every cell drawn below.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import jaxbragg as jb
from jaxbragg.geometry.cell import cell_volume, lattice
from tests.doubles import float64, number, plain

__all__ = ["float64"]

edge = st.floats(3.0, 400.0)
angle = st.floats(50.0, 130.0)
CELLS = {
    "cubic": st.builds(lambda a: (a, a, a, 90.0, 90.0, 90.0), edge),
    "tetragonal": st.builds(lambda a, c: (a, a, c, 90.0, 90.0, 90.0), edge, edge),
    "orthorhombic": st.builds(lambda a, b, c: (a, b, c, 90.0, 90.0, 90.0), edge, edge, edge),
    "hexagonal": st.builds(lambda a, c: (a, a, c, 90.0, 90.0, 120.0), edge, edge),
    "trigonal": st.builds(lambda a, al: (a, a, a, al, al, al), edge, st.floats(30.0, 115.0)),
    "monoclinic": st.builds(lambda a, b, c, be: (a, b, c, 90.0, be, 90.0), edge, edge, edge, angle),
    "triclinic": st.tuples(edge, edge, edge, angle, angle, angle),
}


def metric(cell):
    """Textbook scalar products of the real vectors, Å², (3, 3)."""
    a, cosines = np.asarray(cell[:3]), np.cos(np.radians(cell[3:]))
    products = np.eye(3)
    products[1, 2] = products[2, 1] = cosines[0]
    products[0, 2] = products[2, 0] = cosines[1]
    products[0, 1] = products[1, 0] = cosines[2]
    return products * np.outer(a, a)


def vectors(model=jb.CORRECTED, wavelength=1.0, **crystal):
    """Real vectors in Å and reciprocal ones in 1/Å, as rows."""
    config = jax.tree.map(number, jb.CrystalConfig(**crystal))
    cell = compiled(config, number(wavelength), model)
    return plain(cell[:3]).T * 1e10, plain(cell[3:6]).T, float(cell.volume)


compiled = jax.jit(lattice, static_argnums=2)


def conditioned(cell):
    """abc over the volume, at least 1; cells that are nearly flat are not drawn."""
    a, b, c = cell[:3]
    square = np.linalg.det(metric(cell)) / (a * b * c) ** 2
    assume(square > 0.01)
    angles = np.asarray(cell[3:])
    assume(np.all(np.sum(angles) - 2 * angles > 1) and np.sum(angles) < 359)
    return 1 / square


@pytest.mark.spec("CRYST-1", "CRYST-2", "CRYST-4")
@pytest.mark.parametrize("system", CELLS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_cell_to_vectors_and_back(system, data):
    cell = data.draw(CELLS[system])
    condition = conditioned(cell)
    real, reciprocal, volume = vectors(cell=cell)
    scale = np.outer(cell[:3], cell[:3])
    np.testing.assert_allclose(real @ real.T / scale, metric(cell) / scale, rtol=0, atol=1e-13 * condition)
    np.testing.assert_allclose(real @ reciprocal.T, np.eye(3), rtol=0, atol=1e-13 * condition)
    assert volume == pytest.approx(np.sqrt(np.linalg.det(metric(cell))), rel=1e-13 * condition)
    assert np.linalg.det(real) == pytest.approx(volume, rel=1e-13 * condition)


@pytest.mark.spec("CRYST-2")
@settings(max_examples=15, deadline=None)
@given(cell=CELLS["triclinic"])
def test_orientation_of_a_cell(cell):
    conditioned(cell)
    real, reciprocal, _ = vectors(cell=cell)
    np.testing.assert_allclose(reciprocal[0, 1:] / reciprocal[0, 0], 0, atol=1e-12)
    assert reciprocal[1, 2] / reciprocal[1, 1] == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(real[2, :2] / real[2, 2], 0, atol=1e-12)
    assert real[2, 2] > 0


@pytest.mark.spec("CRYST-2", "MOD-2")
def test_the_programs_cell_is_right_unless_triclinic():
    for cell in [(40, 50, 60, 90, 103, 90), (40, 40, 60, 90, 90, 120), (40, 50, 60, 90, 90, 90)]:
        for corrected, program in zip(vectors(cell=cell), vectors(jb.NANOBRAGG, cell=cell), strict=True):
            np.testing.assert_allclose(program, corrected, rtol=0, atol=1e-13 * np.max(corrected))
    real, _, _ = vectors(jb.NANOBRAGG, cell=(40, 50, 60, 85, 95, 105))
    lengths = np.linalg.norm(real, axis=1)
    np.testing.assert_allclose(lengths, [40, 50, 60], rtol=1e-14)
    cosines = [real[i] @ real[j] / lengths[i] / lengths[j] for i, j in ((1, 2), (0, 2), (0, 1))]
    # angles that the program's own vectors make, to the four digits known
    np.testing.assert_allclose(np.degrees(np.arccos(cosines)), [84.9923, 95.0077, 105.0010], atol=6e-5)


@pytest.mark.spec("CRYST-3", "GEO-1")
def test_missetting_turns_real_and_reciprocal_vectors_alike():
    cell, turns = (40, 50, 60, 85, 95, 105), (20.0, -35.0, 130.0)
    real, reciprocal, volume = vectors(cell=cell)
    turned, turned_reciprocal, same = vectors(cell=cell, misset=turns)
    x, y, z = np.radians(turns)
    rx = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    ry = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    rz = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    rotation = rz @ ry @ rx
    np.testing.assert_allclose(turned, real @ rotation.T, atol=1e-12)
    np.testing.assert_allclose(turned_reciprocal, reciprocal @ rotation.T, atol=1e-15)
    assert volume == same


@pytest.mark.spec("CRYST-3", "CRYST-4")
def test_an_orientation_matrix_is_the_reciprocal_vectors_times_the_wavelength():
    cell, wavelength = (40, 50, 60, 85, 95, 105), 0.9
    real, reciprocal, volume = vectors(cell=cell, misset=(5, 6, 7))
    from_matrix = vectors(matrix=reciprocal.T * wavelength, wavelength=wavelength)
    for got, expected in zip(from_matrix, (real, reciprocal, volume), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12 * np.max(expected))


@pytest.mark.spec("CRYST-4")
def test_with_cell_and_matrix_the_cell_gives_lengths_and_the_matrix_directions():
    _, reciprocal, _ = vectors(cell=(40, 50, 60, 85, 95, 105), misset=(5, 6, 7))
    alone, _, _ = vectors(matrix=reciprocal.T)
    real, dual, volume = vectors(cell=(44, 55, 66, 85, 95, 105), matrix=reciprocal.T)
    np.testing.assert_allclose(np.linalg.norm(real, axis=1), [44, 55, 66], rtol=1e-13)
    np.testing.assert_allclose(real, alone * 1.1, rtol=1e-12)
    np.testing.assert_allclose(real @ dual.T, np.eye(3), atol=1e-12)
    assert volume == pytest.approx(1.1**3 * np.linalg.det(alone), rel=1e-12)


@pytest.mark.spec("UNIT-2")
def test_real_vectors_are_metres_and_reciprocal_ones_per_angstrom():
    crystal = jax.tree.map(number, jb.CrystalConfig(cell=(40, 50, 60, 90, 90, 90)))
    cell = compiled(crystal, number(1), jb.CORRECTED)
    assert float(cell.a.x) == pytest.approx(40e-10, rel=1e-15)
    assert float(cell.a_star.x) == pytest.approx(1 / 40, rel=1e-15)
    assert float(cell.volume) == pytest.approx(40 * 50 * 60, rel=1e-15)


def real_vectors(cell):
    """Rows a, b, c, Å."""
    crystal = jax.tree.map(number, jb.CrystalConfig(cell=cell))
    return jnp.stack([jnp.stack(v) for v in lattice(crystal, number(1.0), jb.CORRECTED)[:3]]) * 1e10


compiled_vectors, compiled_jacobian = jax.jit(real_vectors), jax.jit(jax.jacfwd(real_vectors))


@pytest.mark.spec("CRYST-1", "SUM-9")
@pytest.mark.parametrize(
    "cell", [(40, 50, 60, 90, 90, 90), (40, 40, 60, 90, 90, 120), (40, 50, 60, 85, 95, 105)]
)
def test_derivatives_of_the_real_vectors(cell):
    """Against central differences of step 1e-4: rounding 60 Å · 1e-16/1e-4, truncation h²/6 · 60/57³."""
    jacobian = compiled_jacobian(number(cell))
    step = 1e-4
    for i in range(6):
        shift = step * np.eye(6)[i]
        difference = compiled_vectors(number(cell) + shift) - compiled_vectors(number(cell) - shift)
        np.testing.assert_allclose(jacobian[..., i], difference / (2 * step), rtol=0, atol=1e-9)


@pytest.mark.spec("CRYST-1")
def test_volume_by_the_formula_of_the_half_sum():
    assert float(cell_volume(number((10, 20, 30, 90, 90, 90)))) == pytest.approx(6000, rel=1e-14)
    hexagonal = float(cell_volume(number((10, 10, 30, 90, 90, 120))))
    assert hexagonal == pytest.approx(3000 * np.sqrt(3) / 2, rel=1e-14)
