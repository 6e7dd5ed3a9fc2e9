"""Gradients of the saved runs in both models: finite, and equal to central differences, by every field.

Each field moves along a random direction (differences.py). Where the differences with two steps disagree,
because a pixel changed its nearest reflection in between, the disagreement is added to the bound; nine tenths
of all comparisons must do without it.

Samples and beams that hold a whole number of cells are made a little smaller: at the ceiling of CRYST-5
there are no differences.
"""

import warnings
from collections.abc import Callable

import jax
import numpy as np
import pytest

from jaxbragg.config.experiment import Experiment
from jaxbragg.errors import JaxbraggWarning
from tests.gradients.differences import (
    Array,
    Comparison,
    Line,
    compare,
    compare_upwards,
    fields,
    is_switch,
    scale,
    weighted_sum,
)
from tests.reference import cases

SMALL = sorted(cases.load_cases())
REPRESENTATIVE = SMALL[::48]
ALL_OTHERS = [name for name in SMALL if name not in REPRESENTATIVE]


def saved(name: str, model: str) -> Experiment:
    """The saved run, its counts of cells away from their ceilings."""
    experiment = cases.experiment(cases.load_cases()[name], model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", JaxbraggWarning)
        return experiment.with_fields(
            crystal__sample_size=0.997 * experiment.crystal.sample_size,
            beam__beamsize=0.997 * experiment.beam.beamsize,
        )


def comparisons(name: str, model: str) -> list[Comparison]:
    with jax.enable_x64(True):
        experiment = saved(name, model)
        rng = np.random.default_rng(len(name))
        fast, slow = experiment.detector.pixels
        weights = rng.normal(size=(slow, fast))
        scalar = jax.jit(weighted_sum)
        gradient = fields(jax.jit(jax.grad(weighted_sum, allow_int=True))(experiment, weights))
        size = float(scalar(experiment, np.abs(weights)))
        values = fields(experiment)
        for field in (name for name, value in values.items() if is_switch(name, value)):
            assert not gradient.pop(field).any()
        directions = {f: rng.normal(size=g.shape) * scale(values[f]) for f, g in gradient.items()}
        lines = {f: Line(scalar, experiment, weights, f, directions[f], size) for f in gradient}
        return [rule(f, values)(lines[f], of_field) for f, of_field in gradient.items()]


def rule(field: str, values: dict[str, Array]) -> Callable[[Line, Array], Comparison]:
    """A single cell may only grow: with fewer the count stays one."""
    single_cell = field == "crystal.n_cells" and (values[field] == 1).any()
    return compare_upwards if single_cell else compare


def check(name: str, model: str) -> None:
    found = comparisons(name, model)
    assert all(np.isfinite(one.gradient) for one in found)
    assert not [one for one in found if not one.error <= one.bound + one.disagreement]
    sharp = [one for one in found if one.error <= one.bound]
    assert len(sharp) >= 0.9 * len(found), [one for one in found if one not in sharp]


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
