"""The illuminated sample and its number of unit cells."""

import ast
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.geometry.cell import lattice
from jaxbragg.geometry.crystal_size import cell_counts, clipped_sample_size
from tests.doubles import float64, number

__all__ = ["float64"]

CELL = (40.0, 50.0, 60.0, 90.0, 90.0, 90.0)


def counts(beamsize=0.1, cell=CELL, **crystal):
    beam = jax.tree.map(number, jb.BeamConfig(beamsize=beamsize))
    config = jax.tree.map(number, jb.CrystalConfig(cell=cell, **crystal))
    return [float(n) for n in compiled(config, beam)]


@jax.jit
def compiled(config, beam):
    illuminated = clipped_sample_size(config, beam)
    return cell_counts(config, illuminated, lattice(config, number(1.0), jb.CORRECTED))


@pytest.mark.spec("CRYST-5")
def test_counts_are_the_cells_that_cover_the_sample():
    # 1 µm is 250, 200 and 166.7 cells
    assert counts(sample_size=(0.001, 0.001, 0.001)) == [250, 200, 167]


@pytest.mark.spec("CRYST-5", "CFG-7")
def test_the_beam_clips_along_b_and_c_only():
    crystal, sizes = jb.CrystalConfig(cell=CELL, sample_size=(0.5, 0.5, 0.05)), {}
    for beamsize in (0.1, 0.0, -1.0):
        sizes[beamsize] = np.asarray(clipped_sample_size(crystal, jb.BeamConfig(beamsize=beamsize))).tolist()
    assert sizes == {0.1: [0.5, 0.1, 0.05], 0.0: [0.5, 0.0, 0.0], -1.0: [0.5, 0.5, 0.05]}


@pytest.mark.spec("CRYST-5")
def test_an_edge_of_zero_leaves_the_given_number():
    assert counts(n_cells=(3.5, 4, 5), sample_size=(0, 0.001, 0)) == [3.5, 200, 5]
    assert counts(beamsize=0.0, n_cells=(3, 4, 5), sample_size=(0.001, 0.001, 0.001)) == [250, 4, 5]


@pytest.mark.spec("CRYST-5")
def test_fewer_than_one_cell_is_one():
    assert counts(n_cells=(0, -7, 0.5)) == [1, 1, 1]


@pytest.mark.spec("CRYST-5", "CRYST-4", "PREC-8")
def test_the_last_bit_decides_over_a_whole_quotient():
    """The program's 40 Å are 3.999999999999999e-9 m, so that 400 Å are eleven cells."""
    cell = (40.0, 50.0, 60.0, 90.0, 90.0, 90.0)
    sample = (40e-6, 50e-6, 60e-6)
    a = float(lattice(jax.tree.map(number, jb.CrystalConfig(cell=cell)), number(1.0), jb.NANOBRAGG).a.x)
    assert counts(sample_size=sample)[0] == np.ceil(40e-6 / 1000.0 / a)


@pytest.mark.spec("CRYST-5", "SUM-9")
def test_counted_cells_have_derivative_zero_and_given_ones_one():
    beam = jax.tree.map(number, jb.BeamConfig())

    def total(crystal):
        return jnp.sum(jnp.stack(compiled(crystal, beam)))

    crystal = jb.CrystalConfig(cell=CELL, n_cells=(3.5, 4, 5), sample_size=(0, 0.001, 0))
    gradient = jax.grad(total)(jax.tree.map(number, crystal))
    assert gradient.n_cells.tolist() == [1, 0, 1]
    assert not np.any(gradient.sample_size)
    assert not np.any(gradient.cell)


@pytest.mark.spec("CFG-7")
def test_nothing_else_compares_or_computes_with_the_beam_size():
    package = Path(jb.__file__).parent
    users = set()
    for path in package.glob("**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare | ast.BinOp) and "beamsize" in ast.unparse(node):
                users.add(str(path.relative_to(package)))
    # the beam makes its fluence of it, and the command looks at what was typed
    users = {path for path in users if not path.startswith("cli/")} - {"config/beam.py"}
    assert users == {"geometry/crystal_size.py"}
