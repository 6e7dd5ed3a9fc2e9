"""Which model a line is for, how it is split, and numbers that no option can mean."""

import re
from pathlib import Path

import pytest

from jaxbragg.cli.options import Options
from jaxbragg.cli.resolve import from_nanobragg, read_words, resolve
from jaxbragg.errors import ConfigError, UsageError
from tests.cli.resolve.lines import BOTH, SMALL, made, refused


@pytest.mark.spec("CLI-23")
@pytest.mark.parametrize("program", ["nanoBragg", "./nanoBragg", "/opt/bin/nanobragg_cuda", "jaxbragg"])
def test_program_name_is_dropped(program: str) -> None:
    words = SMALL.split()
    for argv in ([program, *words], f"{program} {SMALL}", words, SMALL):
        assert from_nanobragg(argv).detector.pixels == (8, 6)


@pytest.mark.spec("CLI-23")
def test_words_may_be_numbers_and_paths(tmp_path: Path) -> None:
    (tmp_path / "a.hkl").write_text("1 0 0 5\n")
    crystal = from_nanobragg(["-cell", 70, 80, 90.5, "-hkl", tmp_path / "a.hkl", "-oversample", 1, "-N", 3])
    assert crystal.crystal.cell.tolist() == [70, 80, 90.5, 90, 90, 90]


@pytest.mark.spec("CLI-23")
def test_model_of_the_call_then_of_the_line_then_corrected() -> None:
    assert from_nanobragg(SMALL).model.name == "corrected"
    assert from_nanobragg(SMALL + " -model nanobragg").model.name == "nanobragg"
    assert from_nanobragg("--model nanobragg -model corrected " + SMALL).model.name == "corrected"
    assert from_nanobragg(SMALL + " -model nanobragg", model="corrected").model.name == "corrected"
    assert read_words(SMALL, default="nanobragg")[1] == "nanobragg"


@pytest.mark.spec("CLI-23")
def test_model_decides_how_the_line_is_read() -> None:
    assert made(SMALL + " -Nab 7", "nanobragg").crystal.n_cells.tolist() == [7, 1, 1]
    assert refused(SMALL + " -Nab 7", UsageError).startswith("unknown option -Nab")


@pytest.mark.spec("CLI-23")
def test_unknown_model() -> None:
    text = "`model` must be one of 'corrected', 'nanobragg', got 'other'"
    with pytest.raises(ConfigError, match=re.escape(text)):
        from_nanobragg(SMALL, model="other")
    with pytest.raises(ConfigError, match=re.escape(text)):
        resolve(Options(), model="other")
    assert "-model expects one of" in refused(SMALL + " -model other", UsageError)


@pytest.mark.spec("CLI-23")
def test_open_quote() -> None:
    assert refused(SMALL + " -hkl 'a b.hkl", UsageError) == (
        "cannot split the command line into words: No closing quotation; close every quote"
    )


@pytest.mark.spec("CLI-24")
@BOTH
@pytest.mark.parametrize("word", ["nan", "inf", "-inf", "1e999"])
@pytest.mark.parametrize("option", ["-osc", "-pixel", "-flux", "-hdivstep", "-fudge", "-Xbeam", "-dmin"])
def test_numbers_that_are_none(option: str, word: str, model: str) -> None:
    assert refused(f"{SMALL} {option} {word}", ConfigError, model).startswith(
        f"{option} must be finite, got "
    )


@pytest.mark.spec("CLI-24")
def test_numbers_that_are_none_among_several() -> None:
    text = refused(SMALL + " -misset 1 nan 3", ConfigError)
    assert text == "-misset must be finite, got 1 nan 3; give a number, or leave it out"


@pytest.mark.spec("CLI-24")
def test_files_are_looked_up_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.hkl").write_text("1 0 0 5\n")
    assert made("-cell 40 -hkl a.hkl -N 3 -oversample 1", folder=tmp_path).structure_factors.table.max() == 5
    monkeypatch.chdir(tmp_path)
    assert made("-cell 40 -hkl a.hkl -N 3 -oversample 1").structure_factors.table.max() == 5
