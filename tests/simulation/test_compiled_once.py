"""Changing numbers reuses compiled programs; static choices make new ones."""

import jax
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.config.tree import replaced
from tests.compilations import compilations
from tests.physics.experiments import still


def leaves_of(experiment):
    named, structure = jax.tree_util.tree_flatten_with_path(experiment)
    return [jax.tree_util.keystr(path) for path, _ in named], [leaf for _, leaf in named], structure


def other(leaf):
    """Another value of the same kind; small, so that it stays one that an experiment may have."""
    return leaf + 1 if np.issubdtype(leaf.dtype, np.integer) else leaf * 1.001 + 1e-3


@pytest.mark.spec("PREC-14")
@pytest.mark.parametrize("precision", ["mixed", "float64", "float32"])
def test_no_number_compiles_again(precision):
    """Every leaf in turn, one element after the other being the same to a compiled program."""
    experiment = still()
    names, leaves, structure = leaves_of(experiment)
    assert len(names) > 20
    before = np.asarray(jb.simulate(experiment, precision=precision))
    changed = 0
    for number, name in enumerate(names):
        values = [other(leaf) if i == number else leaf for i, leaf in enumerate(leaves)]
        with compilations() as count:
            image = np.asarray(jb.simulate(structure.unflatten(values), precision=precision))
        assert count == [0], name
        changed += not np.array_equal(image, before)
    assert changed > 10  # the numbers do reach the image


@pytest.mark.spec("PREC-14")
def test_a_static_choice_compiles_again():
    experiment = still()
    jb.simulate(experiment)
    with compilations() as count:
        jb.simulate(replaced(experiment, sampling=replaced(experiment.sampling, oversample=2)))
    assert count[0] >= 1


@pytest.mark.spec("PREC-14")
def test_traces_and_chosen_pixels_compile_once():
    experiment = still()
    other_one = experiment.with_fields(detector__distance=experiment.detector.distance * 1.01)
    for call in (jb.trace, jb.simulate_pixels):
        call(experiment, [1, 2], [3, 4])
        with compilations() as count:
            call(other_one, [5, 6], [7, 8])
        assert count == [0]
