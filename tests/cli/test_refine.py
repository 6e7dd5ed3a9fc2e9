"""`jaxbragg refine`: a crystal that the command itself has simulated, and lines that it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

import jaxbragg
from jaxbragg.cli.command import main
from jaxbragg.cli.refine_options import OPTIONS

COMMON = (
    "-default_F 100 -N 7 -lambda 1.5 -detpixels 64 -pixel 0.5 -oversample 1 -flux 3e17 -exposure 1 "
    "-beamsize 0.1 -mosaic 0.4 -mosaic_dom 3"
).split()
TRUTH = "-cell 40 50 60 90 90 90 -misset 10 20 30 -distance 25".split()
ROUGH = "-cell 40.05 49.95 60.05 90 90 90 -misset 10.05 19.95 30.05 -distance 25".split()
REFINE = "-refine scale,background,misset,cell -system orthorhombic -noprogress".split()
GAIN, OFFSET = 2.0, 10.0


@pytest.fixture
def image(tmp_path, monkeypatch):
    """An image in detector units, in the folder of the test."""
    monkeypatch.chdir(tmp_path)
    truth = jaxbragg.from_nanobragg([*COMMON, *TRUTH])
    expected = np.asarray(jaxbragg.simulate(truth), np.float64)
    expected *= 500 / expected.max()
    counted = np.random.default_rng(0).poisson(expected + 3.0)
    np.save("image.npy", GAIN * counted + OFFSET)
    return "image.npy"


@pytest.mark.spec("REF-22")
def test_the_command_finds_the_crystal(image, capsys):
    pytest.importorskip("matplotlib").use("agg")
    words = [
        "-data",
        image,
        "-gain",
        str(GAIN),
        "-offset",
        str(OFFSET),
        "-json",
        "fit.json",
        "-picture",
        "fit.png",
    ]
    assert main(["refine", *COMMON, *ROUGH, *REFINE, *words]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    found = json.loads(Path("fit.json").read_text())
    values = {value["name"]: value for value in found["parameters"]}
    for name, true in {
        "crystal.cell.a": 40,
        "crystal.cell.b": 50,
        "crystal.misset.z": 30,
        "background.1": 3,
    }.items():
        assert abs(values[name]["after"] - true) < 4 * values[name]["sigma"]
        assert name in printed.out
    assert Path("fit.png").read_bytes()[:4] == b"\x89PNG"
    line = next(line for line in printed.out.splitlines() if line.startswith("refined options: "))
    refined = jaxbragg.from_nanobragg([*COMMON, *line.removeprefix("refined options: ").split()])
    assert float(refined.crystal.cell[0]) == pytest.approx(values["crystal.cell.a"]["after"], rel=1e-8)
    assert float(refined.crystal.misset[2]) == pytest.approx(values["crystal.misset.z"]["after"], rel=1e-8)


@pytest.mark.spec("REF-22")
def test_a_refinement_that_is_stopped_warns(image, capsys):
    words = ["-data", image, "-offset", str(OFFSET), "-gain", str(GAIN), "-steps", "1"]
    assert main(["refine", *COMMON, *ROUGH, *REFINE, *words]) == 0
    assert "warning: not converged: stopped after 1 steps" in capsys.readouterr().err


@pytest.mark.spec("REF-22")
def test_help_lists_every_option(capsys):
    assert main(["refine", "-h"]) == 0
    printed = capsys.readouterr().out
    assert all(f"  {option.name} {option.value} " in printed for option in OPTIONS)
    assert max(map(len, printed.splitlines())) <= 110


@pytest.mark.spec("REF-22")
@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["-data", "image.npy"], "-refine NAME,NAME is needed"),
        (["-refine", "misset"], "-data FILE is needed"),
        (["-refine", "misset", "-data"], "-data needs a value"),
        (["-refine", "misset", "-data", "image.npy", "-gain", "much"], "-gain needs a number, got 'much'"),
        (["-refine", "misset", "-data", "image.npy", "-steps", "1.5"], "-steps needs a whole number"),
        (["-refine", "misset", "-data", "image.npy", "-method", "lbgfs"], "did you mean lbfgs?"),
        (["-refine", "misett", "-data", "image.npy"], "no parameter is called 'misett'; did you mean misset"),
        (["-refine", "cell", "-data", "image.npy"], "needs its crystal system"),
        (["-refine", "scale", "-data", "none.npy"], "none.npy"),
        (["-refine", "scale", "-data", "image.npy", "-detpixels_f", "32"], "must have the detector's shape"),
    ],
)
def test_wrong_lines_are_refused_in_one_line(image, capsys, words, text):
    assert main(["refine", *COMMON, *ROUGH, "-noprogress", *words]) == 9
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 1 and error[0].startswith("jaxbragg: error: ") and text in error[0]


@pytest.mark.spec("REF-18")
def test_progress_is_shown_on_stderr(image, capsys):
    words = ["-refine", "scale,background", "-data", image, "-offset", str(OFFSET), "-gain", str(GAIN)]
    assert main(["refine", *COMMON, *TRUTH, *words]) == 0
    assert "stage 1, step 1, χ² 0.99" in capsys.readouterr().err
