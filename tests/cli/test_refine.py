"""`jaxbragg refine`: a crystal that the command itself has simulated, and lines that it refuses."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import jaxbragg
from jaxbragg.cli.command import main
from jaxbragg.cli.refine_options import OPTIONS, SHOT_OPTIONS

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
    return measured("image.npy", [])


def measured(name: str, words: list[str]) -> str:
    """Save an image of the truth with other options at the end."""
    truth = jaxbragg.from_nanobragg([*COMMON, *TRUTH, *words])
    expected = np.asarray(jaxbragg.simulate(truth), np.float64)
    expected *= 500 / expected.max()
    counted = np.random.default_rng(0).poisson(expected + 3.0)
    np.save(name, GAIN * counted + OFFSET)
    return name


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
def test_several_shots_have_what_is_shared_in_common(image, capsys):
    pytest.importorskip("matplotlib").use("agg")
    measured("other.npy", "-misset 11 19 31".split())
    shots = ["-data", image, "-data", "other.npy", "-with", "-misset 11.05 18.95 31.05"]
    words = ["-gain", str(GAIN), "-offset", str(OFFSET), "-shared", "cell", "-json", "fit.json"]
    assert main(["refine", *COMMON, *ROUGH, *REFINE, *shots, *words, "-picture", "fit.png"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    found = json.loads(Path("fit.json").read_text())["parameters"]
    own = {(value["name"], value["shot"]): value for value in found}
    for name, shot, true in [
        ("crystal.misset.x", 0, 10),
        ("crystal.misset.x", 1, 11),
        ("crystal.misset.y", 1, 19),
        ("crystal.cell.a", None, 40),
        ("crystal.cell.c", None, 60),
    ]:
        assert abs(own[name, shot]["after"] - true) < 4 * own[name, shot]["sigma"]
    assert ("crystal.cell.a", 0) not in own and ("scale", 1) in own
    lines = [line for line in printed.out.splitlines() if line.startswith("refined options")]
    assert [line.split(":")[0] for line in lines] == [
        "refined options of shot 0 (image.npy)",
        "refined options of shot 1 (other.npy)",
    ]
    assert all(Path(f"fit_{shot}.png").read_bytes()[:4] == b"\x89PNG" for shot in (0, 1))


@pytest.mark.spec("REF-22")
def test_a_refinement_that_is_stopped_warns(image, capsys):
    words = ["-data", image, "-offset", str(OFFSET), "-gain", str(GAIN), "-steps", "1"]
    assert main(["refine", *COMMON, *ROUGH, *REFINE, *words]) == 0
    assert "warning: not converged: stopped after 1 steps" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.spec("REF-19")
def test_a_command_that_is_killed_goes_on_from_its_checkpoint(image):
    words = ["-data", image, "-gain", str(GAIN), "-offset", str(OFFSET)]
    line = [sys.executable, "-m", "jaxbragg", "refine", *COMMON, *ROUGH, *REFINE, *words]
    subprocess.run([*line, "-json", "whole.json"], check=True)
    line += ["-checkpoint", "state.json", "-json", "fit.json"]
    with subprocess.Popen(line) as process:
        while process.poll() is None and steps_in("state.json") < 3:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL and not Path("fit.json").exists()
    done = steps_in("state.json")
    assert done >= 3
    subprocess.run(line, check=True)
    whole, found = (json.loads(Path(name).read_text()) for name in ("whole.json", "fit.json"))
    assert len(found["history"]) > done
    assert all(found[key] == whole[key] for key in ("parameters", "history", "reasons", "objective"))


def steps_in(checkpoint: str) -> int:
    """Steps that a checkpoint holds; it is complete whenever it is there."""
    file = Path(checkpoint)
    return len(json.loads(file.read_text())["state"]["history"]) if file.exists() else 0


@pytest.mark.spec("REF-22")
def test_help_lists_every_option(capsys):
    assert main(["refine", "-h"]) == 0
    printed = capsys.readouterr().out
    assert all(f"  {option.name} {option.value} " in printed for option in (*SHOT_OPTIONS, *OPTIONS))
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
        (["-refine", "scale", "-with", "-phi 1"], "-with '-phi 1' belongs behind the -data FILE of its shot"),
        (["-refine", "scale", "-data", "image.npy", "-with", "-phi '1"], "every quote closed"),
        (["-refine", "scale", "-data", "image.npy", "-with", "-phy 1"], "-phy"),
        (
            ["-refine", "scale", "-data", "image.npy", "-with", "-phi 1", "-with", "-osc 1"],
            "image.npy has two -with, the second '-osc 1'",
        ),
        (
            ["-refine", "scale,background", "-data", "image.npy", "-shared", "scale,distance"],
            "-shared names distance, which -refine does not",
        ),
        (
            ["-refine", "scale", "-data", "image.npy", "-data", "image.npy", "-with", "-detpixels 32"],
            "shot 1: the image must have the detector's shape",
        ),
        (
            [
                *"-refine scale,distance -shared distance -data image.npy -data image.npy -with".split(),
                "-distance 26",
            ],
            "`detector.distance` is shared but starts differently",
        ),
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
    shown = capsys.readouterr().err
    assert "stage 1, step 1, χ² " in shown
    assert re.search(r"stage 7, step \d+, χ² 0\.99", shown)
