"""Gradients of the saved runs: finite, and equal to central differences, by every field that acts.

The scalar is the image times fixed random weights; each field moves along a random direction of its own, by h
= 1e-6 and 5e-7 of its size. An index moves by some 1e-4 then, and the phase by some 1e-3: the truncation of
Richardson's combination of the two differences is its fourth power, 1e-12, and the rounding of a sum S of
weighted pixels costs 1e-15 S/h. The bound is 1e-6 of the derivative (of its terms' sizes) plus that rounding
plus the disagreement of the two differences. The latter is large only where a pixel changes its
nearest reflection in between, which differences cannot see through; nine tenths of all comparisons must do
without it.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg
from jaxbragg.config.experiment import Experiment
from tests.reference import cases

SMALL = sorted(cases.load_cases())
REPRESENTATIVE = SMALL[::12]
ALL_OTHERS = [name for name in SMALL if name not in REPRESENTATIVE]
STEP = 1e-6
NO_PARAMETER = ("sampling.mask", "structure_factors.table")
COUNTED = "crystal.sample_size"
"""The sample's size acts through whole cells only: its derivative is zero by definition."""


class Comparison(NamedTuple):
    """The derivative along a direction by reverse mode and by differences, and what the latter are worth."""

    field: str
    gradient: float
    difference: float
    bound: float
    disagreement: float


def weighted_sum(experiment: Experiment, weights: Any) -> jax.Array:
    return jnp.sum(weights * jaxbragg.simulate(experiment, precision="float64"))


def fields(experiment: Experiment) -> dict[str, Any]:
    leaves, _ = jax.tree_util.tree_flatten_with_path(experiment)
    named = {jax.tree_util.keystr(path, simple=True, separator="."): leaf for path, leaf in leaves}
    return {
        name: np.asarray(leaf)
        for name, leaf in named.items()
        if np.asarray(leaf).dtype == np.float64 and name not in NO_PARAMETER
    }


def moved(experiment: Experiment, name: str, value: Any) -> Experiment:
    """The experiment with one leaf changed, unchecked: constructors would resolve defaults again."""
    leaves, structure = jax.tree_util.tree_flatten_with_path(experiment)
    names = [jax.tree_util.keystr(path, simple=True, separator=".") for path, _ in leaves]
    changed: Experiment = structure.unflatten(
        [value if known == name else leaf for known, (_, leaf) in zip(names, leaves, strict=True)]
    )
    return changed


def compare(name: str, model: str) -> list[Comparison]:
    with jax.enable_x64(True):
        experiment = cases.experiment(cases.load_cases()[name], model)
        rng = np.random.default_rng(len(name))
        fast, slow = experiment.detector.pixels
        weights = rng.normal(size=(slow, fast))
        scalar = jax.jit(weighted_sum)
        gradient = fields(jax.jit(jax.grad(weighted_sum, allow_int=True))(experiment, weights))
        size = float(scalar(experiment, np.abs(weights)))
        assert not gradient.pop(COUNTED).any()
        return [
            _compare(scalar, experiment, weights, field, gradient[field], rng, size) for field in gradient
        ]


def _compare(
    scalar: Any,
    experiment: Experiment,
    weights: Any,
    field: str,
    gradient: Any,
    rng: np.random.Generator,
    size: float,
) -> Comparison:
    value = fields(experiment)[field]
    direction = rng.normal(size=value.shape) * (np.abs(value).max() or 1.0)
    values = {h: scalar(moved(experiment, field, value + h * direction), weights) for h in _steps()}
    coarse = float(values[STEP] - values[-STEP]) / (2 * STEP)
    fine = float(values[STEP / 2] - values[-STEP / 2]) / STEP
    terms = gradient * direction
    rounding = 1e-14 * size / STEP
    return Comparison(
        field=field,
        gradient=float(np.sum(terms)),
        difference=(4 * fine - coarse) / 3,
        bound=1e-6 * float(np.sum(np.abs(terms))) + rounding,
        disagreement=abs(fine - coarse),
    )


def _steps() -> tuple[float, ...]:
    return STEP, -STEP, STEP / 2, -STEP / 2


def check(name: str, model: str) -> None:
    comparisons = compare(name, model)
    assert all(np.isfinite(one.gradient) for one in comparisons)
    wrong = [c for c in comparisons if abs(c.gradient - c.difference) > c.bound + c.disagreement]
    assert not wrong
    sharp = [one for one in comparisons if abs(one.gradient - one.difference) <= one.bound]
    assert len(sharp) >= 0.9 * len(comparisons), [one for one in comparisons if one not in sharp]


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
