"""Changing numbers reuses compiled programs; static choices make new ones."""

import subprocess
import sys

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


def gradient(precision):
    """As a user compiles it: of a number, by every leaf."""
    compiled = jax.jit(jax.grad(lambda e: (jb.simulate(e, precision=precision) ** 2).sum(), allow_int=True))

    def call(experiment):
        with jax.enable_x64(precision == "float64"):  # or JAX warns that it truncates the sum
            return compiled(experiment)

    return call


def trace(precision):
    return lambda experiment: jb.trace(experiment, [1], [3], precision=precision)


def chosen_pixels(precision):
    return lambda experiment: jb.simulate_pixels(experiment, [1], [3], precision=precision)


def batch(precision):
    return lambda experiment: jb.simulate_batch([experiment, experiment], precision=precision)


@pytest.mark.slow
@pytest.mark.spec("PREC-14")
@pytest.mark.parametrize("precision", ["mixed", "float64", "float32"])
@pytest.mark.parametrize("program", [trace, chosen_pixels, batch, gradient])
def test_no_number_compiles_any_other_program_again(program, precision):
    """As for the image, every leaf in turn."""
    call = program(precision)
    names, leaves, structure = leaves_of(still())
    call(structure.unflatten(leaves))
    for number, name in enumerate(names):
        values = [other(leaf) if i == number else leaf for i, leaf in enumerate(leaves)]
        with compilations() as count:
            call(structure.unflatten(values))
        assert count == [0], name


@pytest.mark.spec("PREC-2")
@pytest.mark.parametrize("enabled", [False, True])
def test_no_call_changes_the_setting_of_the_caller(enabled):
    """Nor do its failures."""
    with jax.enable_x64(enabled):
        for precision in ("mixed", "float32", "float64"):
            jb.simulate(still(), precision=precision)
            assert jax.config.jax_enable_x64 == enabled
        jb.trace(still(), [1], [3])
        assert jax.config.jax_enable_x64 == enabled
        with pytest.raises(jb.ConfigError):
            jb.simulate(still(), precision="half")
        with pytest.raises(TypeError):
            jax.grad(lambda e: jb.simulate(e, precision="float64"))(still())
        assert jax.config.jax_enable_x64 == enabled


@pytest.mark.spec("PREC-2")
def test_importing_leaves_the_setting_alone():
    code = (
        "import jax; before = dict(jax.config.values); import jaxbragg; "
        "[getattr(jaxbragg, name) for name in jaxbragg.__all__]; "
        "assert dict(jax.config.values) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
