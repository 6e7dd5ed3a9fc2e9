"""The saved runs through the command: experiment and precision of the API, and the photons it is given.

The image of each run is compared once, in tests/simulation/test_golden.py. Here the command must ask for that
very image and write it unchanged; a few runs are computed.
"""

import shutil

import jax
import numpy as np
import pytest

import jaxbragg
from jaxbragg.cli import compute, main, nanobragg_main
from jaxbragg.io.floats import read_float_image
from tests.reference.cases import MODELS, experiment, image, load_cases

CASES = load_cases()
SOME = [pytest.param(name, marks=[] if n % 6 == 0 else pytest.mark.slow) for n, name in enumerate(CASES)]
"""All runs; those that are not left to the slow tests are every sixth."""

COMPUTED = ("mask", "triq_tall_phi_ov", "sourcefile")


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    def prepare(case):
        if case.folder.exists():
            shutil.copytree(case.folder, tmp_path, dirs_exist_ok=True)
        monkeypatch.chdir(tmp_path)

    return prepare


def run(case, model):
    words = [*case.argv, "-nonoise", "-nopgm"]
    return nanobragg_main(words) if model == "nanobragg" else main(["simulate", *words])


def rounded(pixels):
    with np.errstate(over="ignore"):
        return np.asarray(pixels).astype(np.float32)


@pytest.mark.spec("CLI-46")
@pytest.mark.parametrize("name", SOME)
def test_the_command_asks_for_the_image_of_the_api_and_writes_it(name, prepared, monkeypatch):
    case = CASES[name]
    prepared(case)
    for model in MODELS:
        asked = []

        def saved(*arguments, progress, model=model, asked=asked):
            asked.append(arguments)
            return image(name, model)

        monkeypatch.setattr(compute, "compute_image", saved)
        with jax.disable_jit():  # quicker than compiling the geometry of each run
            assert run(case, model) == 0
        ((found, precision),) = asked
        wanted = experiment(case, model)
        assert precision == {"nanobragg": "float64", "corrected": "mixed"}[model]
        assert jax.tree.structure(found) == jax.tree.structure(wanted)
        for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(wanted), strict=True):
            np.testing.assert_array_equal(a, b)
        written = read_float_image("floatimage.bin", case.shape)
        np.testing.assert_array_equal(written, rounded(image(name, model)))


@pytest.mark.spec("CLI-46")
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", COMPUTED)
def test_computed_images_are_those_of_the_api(name, model, prepared):
    case = CASES[name]
    prepared(case)
    assert run(case, model) == 0
    precision = "float64" if model == "nanobragg" else "mixed"
    expected = jaxbragg.simulate(experiment(case, model), precision=precision)
    np.testing.assert_array_equal(read_float_image("floatimage.bin", case.shape), rounded(expected))
