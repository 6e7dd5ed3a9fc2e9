"""Pixels that the program printed, in conventions and with options that no other saved run combines.

`printouts.json` holds, word for word, what nanoBragg.c of 8-10-25 (one thread) wrote about a pixel: index,
F of cell and lattice, intensity, polarization, solid angle, capture and photons at 10 digits, and the
turned cell.
"""

import json
import shutil
from pathlib import Path

import pytest

from jaxbragg.cli import nanobragg_main

PRINTOUTS = json.loads((Path(__file__).parent / "printouts.json").read_text())
FILES = Path(__file__).parents[1] / "reference" / "files"
QUICK = ("domains_spindle_and_sources", "custom_frame", "sensor_layers")


@pytest.mark.spec("CLI-53", "TRACE-1")
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n in QUICK else pytest.mark.slow) for n in PRINTOUTS]
)
def test_the_program_prints_the_same_about_a_pixel(name, tmp_path, monkeypatch, capsys):
    run = PRINTOUTS[name]
    for file, origin in run["inputs"].items():
        shutil.copy(FILES / origin, tmp_path / file)
    monkeypatch.chdir(tmp_path)
    pixel = ["-printout_pixel", *map(str, run["pixel"])]
    assert nanobragg_main([*run["argv"].split(), *pixel, "-nonoise", "-nopgm", "-noprogress"]) == 0
    printed = capsys.readouterr().out.split()
    expected = run["printed"].split()
    start = printed.index("stol") - 3
    assert printed[start : start + len(expected)] == expected
