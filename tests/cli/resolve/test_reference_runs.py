"""The reference runs: counts, cell numbers and geometry that follow from their command lines.

Truth: the reference program's own numbers (tests/reference/recipe.md). The corrected model has the same
counts, except where a defect is about counting.
"""

import warnings

import jax
import numpy as np
import pytest

from jaxbragg.cli.resolve import from_nanobragg
from jaxbragg.config.experiment import Experiment
from jaxbragg.errors import JaxbraggWarning
from jaxbragg.geometry.cell import lattice
from jaxbragg.geometry.conventions import frame
from jaxbragg.geometry.placement import place
from jaxbragg.precision import widen
from jaxbragg.simulation.derived import derive
from tests.reference.cases import MODELS, Case, Run, experiment, load_cases, load_large_cases, load_traces

CASES = pytest.mark.parametrize("case", load_cases().values(), ids=str)
BOTH = pytest.mark.parametrize("model", MODELS)

ONE_LAYER_IS_ONE_LAYER = {"thick_n1"}
"""The corrected model takes one layer where the program takes two (Q4)."""


def sources(made: Experiment) -> int:
    return len(made.beam.source_grid) if made.beam.sources is None else len(made.beam.sources.wavelengths)


@pytest.mark.spec("CLI-23", "CLI-26", "CLI-28", "CLI-29", "CLI-30", "CLI-32", "CLI-38", "CLI-39")
@BOTH
@CASES
def test_counts_are_those_of_the_program(case: Case, model: str) -> None:
    made = experiment(case, model)
    layers = 1 if model == "corrected" and case.name in ONE_LAYER_IS_ONE_LAYER else case.layers
    found = (made.detector.pixels[::-1], sources(made), made.rotation.steps, len(made.crystal.mosaic_axes))
    assert found == (case.shape, case.sources, case.phi_steps, case.domains)
    assert made.detector.sensor_layers == layers
    assert float(made.beam.fluence) == case.fluence
    if "-oversample" in case.argv or model == "nanobragg":
        assert made.sampling.oversample == case.oversample


@pytest.mark.spec("CLI-25", "CLI-27", "CLI-33")
@CASES
def test_geometry_and_crystal_are_those_of_the_program(case: Case) -> None:
    """1e-12 is some thousand roundings of a double: the conversions of units are the only difference."""
    with jax.enable_x64(True), jax.disable_jit():  # compiling every case would take minutes
        made = widen(experiment(case, "nanobragg"))
        placement = place(made.detector, frame(made.detector, made.model), made.model)
        cell = lattice(made.crystal, made.beam.wavelength, made.model)
    for found, wanted in (
        (placement.pix0, case.pix0),
        ((placement.close_distance, placement.distance), (case.close_distance, case.distance)),
        (cell.a, case.a),
        (cell.b, case.b),
        (cell.c, case.c),
    ):
        tolerance = 1e-12 * np.max(np.abs(wanted))
        np.testing.assert_allclose([float(x) for x in found], wanted, rtol=0, atol=tolerance)


@pytest.mark.spec("CLI-34")
@CASES
def test_numbers_of_cells_are_those_of_the_program(case: Case) -> None:
    made = experiment(case, "nanobragg")
    if any(made.crystal.sample_size):  # the last bit decides: only the compiled rounding is the program's
        cells = [float(n) for n in derive(made).setup.cells]
    else:
        cells = made.crystal.n_cells.tolist()
    assert tuple(cells) == case.n_cells


@pytest.mark.spec("CLI-35")
@BOTH
@pytest.mark.parametrize("run", [*load_large_cases().values(), *load_traces().values()], ids=str)
def test_large_and_traced_runs_are_understood(run: Run, model: str) -> None:
    made = experiment(run, model)
    assert made.model.name == model
    assert (made.structure_factors.table is not None) == ("-hkl" in run.argv)


@pytest.mark.spec("CLI-41")
@BOTH
@CASES
def test_warnings_come_once_and_from_here(case: Case, model: str) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        from_nanobragg(case.argv, model=model, folder=case.folder)
    texts = [str(warning.message) for warning in caught]
    assert all(issubclass(warning.category, JaxbraggWarning) for warning in caught)
    assert len(texts) == len(set(texts))
