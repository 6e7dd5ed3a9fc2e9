"""The stand-in for the program leaves the program's files, byte for byte."""

import pytest

from jaxbragg.cli import nanobragg_main
from tests.cli.golden_runs import load_runs

RUNS = load_runs()
EVERY = {"floatimage.bin", "intimage.img", "image.pgm", "noiseimage.img"}


def test_there_are_ten_runs_with_all_their_files():
    assert len(RUNS) == 10
    for name, run in RUNS.items():
        assert set(run.outputs) == EVERY | ({"Fdump.bin"} if name == "hkl_dump" else set()), name


@pytest.mark.spec("CLI-43", "CLI-46", "CLI-47", "CLI-49")
@pytest.mark.parametrize("name", RUNS)
def test_files_and_report_are_those_of_the_program(name, tmp_path, monkeypatch, capsys):
    run = RUNS[name]
    run.prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert nanobragg_main(run.argv) == 0
    for file, golden in run.outputs.items():
        assert (tmp_path / file).read_bytes() == golden.read_bytes(), file
    assert {path.name for path in tmp_path.iterdir()} == set(run.outputs) | set(run.inputs)
    printed = capsys.readouterr().out.splitlines()
    for line in run.report:
        assert line in printed
