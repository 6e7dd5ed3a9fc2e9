"""Gradients of the saved runs in both models: finite, and equal to central differences, by every field.

Each field moves along a random direction (differences.py). Where the differences are off, a pixel may change
its nearest reflection, or the cell that it interpolates in: the comparison is then repeated without pixels
that have a jump or a kink there.

In the program's model a crystal that is at a spindle angle of exactly 0 keeps the angle of the step before:
derivatives by what moves that angle are one-sided at most, and only finite.

Samples and beams that hold a whole number of cells are made a little smaller: at the ceiling of CRYST-5
there are no differences.
"""

import warnings

import jax
import numpy as np
import pytest

import jaxbragg
from jaxbragg.config.experiment import Experiment
from jaxbragg.errors import JaxbraggWarning
from jaxbragg.sampling.phi import phi_angles
from jaxbragg.simulation.derived import derive
from jaxbragg.simulation.serial_order import has_stale_phi
from tests.gradients.differences import (
    FEW_CELLS,
    Array,
    Comparison,
    Functions,
    Line,
    compare_smooth,
    compare_upwards,
    fields,
    is_switch,
    moved,
    scale,
    step_measured,
    step_of,
    weighted_sum,
)
from tests.reference import cases

SMALL = sorted(cases.load_cases())
REPRESENTATIVE = SMALL[::48]
LESS = 0.99731415
"""Times edges in the saved runs, no whole number of cells in any of them."""
ALL_OTHERS = [name for name in SMALL if name not in REPRESENTATIVE]


def saved(name: str, model: str) -> Experiment:
    """The saved run, its counts of cells away from their ceilings."""
    experiment = cases.experiment(cases.load_cases()[name], model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", JaxbraggWarning)
        return experiment.with_fields(
            crystal__sample_size=LESS * experiment.crystal.sample_size,
            beam__beamsize=LESS * experiment.beam.beamsize,
        )


def comparisons(name: str, model: str) -> list[Comparison]:
    with jax.enable_x64(True):
        experiment = saved(name, model)
        rng = np.random.default_rng(len(name))
        fast, slow = experiment.detector.pixels
        weights = rng.normal(size=(slow, fast))
        image = jax.jit(lambda given: jaxbragg.simulate(given, precision="float64"))
        scalar, derivative = jax.jit(weighted_sum), jax.jit(jax.grad(weighted_sum, allow_int=True))
        weighted = weights * np.asarray(image(experiment))
        gradient = fields(derivative(experiment, weights))
        values = fields(experiment)
        for field in (name for name, value in values.items() if is_switch(name, value)):
            assert not gradient.pop(field).any()
        size = float(np.abs(weighted).sum())
        directions = {f: rng.normal(size=g.shape) * scale(values[f]) for f, g in gradient.items()}
        for field in (f for f, direction in directions.items() if starts_to_turn(experiment, f, direction)):
            assert np.isfinite(gradient.pop(field)).all()
        cells = float(np.max(derive(experiment).setup.cells))

        def comparison(field: str) -> Comparison:
            line = Line(scalar, experiment, weights, field, directions[field], size)
            step = step_of(weighted)
            if experiment.model.full_index_sines or cells > FEW_CELLS:
                step = step_measured(line, step, cells)
            if is_one_cell(field, values):
                return compare_upwards(line, gradient[field], step)
            return compare_smooth(line, gradient[field], step, Functions(image, derivative))

        return [comparison(field) for field in gradient]


def starts_to_turn(experiment: Experiment, field: str, direction: Array) -> bool:
    """Whether a spindle angle of exactly 0 moves, at which the program leaves the crystal as it was (Q1)."""
    if not has_stale_phi(experiment):
        return False
    before, after = (
        np.asarray(phi_angles(moved(experiment, field, fields(experiment)[field] + x * direction).rotation))
        for x in (0.0, 1e-3)
    )
    return bool(((before == 0.0) & (after != 0.0)).any())


def is_one_cell(field: str, values: dict[str, Array]) -> bool:
    """Whether it is a number of cells that may only grow: with fewer the count stays one."""
    return field == "crystal.n_cells" and bool((values[field] == 1).any())


def check(name: str, model: str) -> None:
    found = comparisons(name, model)
    assert all(np.isfinite(one.gradient) for one in found)
    assert not [one for one in found if not one.error <= one.bound]


@pytest.mark.spec("SUM-9")
@pytest.mark.parametrize("name", REPRESENTATIVE)
def test_gradient_of_a_corrected_case(name: str) -> None:
    check(name, "corrected")


@pytest.mark.slow
@pytest.mark.spec("SUM-9")
@pytest.mark.parametrize("name", ALL_OTHERS)
def test_gradient_of_every_other_corrected_case(name: str) -> None:
    check(name, "corrected")
    jax.clear_caches()  # compiled programs of all cases do not fit the memory


@pytest.mark.slow
@pytest.mark.spec("SUM-9", "SUM-2", "SUM-3")
@pytest.mark.parametrize("name", SMALL)
def test_gradient_of_a_case_of_the_program(name: str) -> None:
    check(name, "nanobragg")
    jax.clear_caches()
