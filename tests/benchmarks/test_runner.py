"""The benchmark runner on an image of 32² pixels; what is fast or slow is not tested."""

import json

import pytest

from benchmarks import compare
from benchmarks.machine import Patience
from benchmarks.rivals.nanobragg import NanoBragg
from benchmarks.run import GRADIENTS, kinds_of_derivatives, main
from benchmarks.scaling import draw, linearity
from benchmarks.turns import ContestantFailedError
from benchmarks.workload import FOLDER, Case, load_cases, read_case, write_files

TINY = {
    "title": "tiny",
    "argv": "-lambda 1 -distance 100 -detpixels 32 -N 5 -cell 70 80 90 85 95 105 -hkl t.hkl -oversample 1"
    " -mosaic 0.5 -mosaic_dom 3".split(),
    "files": {"t.hkl": {"recipe": "box", "corners": [[-2] * 3, [2] * 3], "largest_f": 100, "seed": 1}},
    "targets": {"nanobragg": {"mixed": 2}},
}

KINDS = ("gradient with table", "derivative images")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A run without rivals: the file, what was returned, and what was printed."""
    folder = tmp_path_factory.mktemp("benchmark")
    (folder / "tiny.json").write_text(json.dumps(TINY))
    words = ["--cases", str(folder / "tiny.json"), "--precision", "mixed", "--gradients", *KINDS]
    words += ["--repeats", "1", "--turn-seconds", "0", "--probe-seconds", "0"]
    words += ["--output", str(folder / "result.json")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmarks.run.use_cores", lambda count: None)
        main(words)
    return folder / "result.json"


def test_result_tells_machine_commit_versions_and_date(saved):
    result = json.loads(saved.read_text())
    assert {"date", "commit", "dirty", "note", "settings", "load_before", "load_after"} <= set(result)
    assert {"cpu", "cores", "memory_bytes", "system", "python"} == set(result["machine"])
    assert set(result["operations_per_s"]) == {"float32", "float64"}
    case = result["cases"]["tiny"]
    assert case["device"] == "cpu"
    assert {"jax", "jaxbragg", "numpy"} == set(case["versions"])


def test_times_rates_stages_and_memory_are_there(saved):
    case = json.loads(saved.read_text())["cases"]["tiny"]
    assert case["pixels"] == 32**2
    assert case["samples"] == 3 * 32**2
    entry = case["contestants"]["jaxbragg mixed"]
    assert 0 < entry["min_s"] <= entry["median_s"] <= entry["max_s"]
    assert min(entry[key] for key in ("first_call_s", "trace_s", "lower_s", "compile_s")) > 0
    # two programs are compiled side by side
    assert 2 * entry["first_call_s"] >= entry["compile_s"]
    assert entry["samples_per_s"] == pytest.approx(case["samples"] / entry["min_s"])
    assert entry["fraction_of_limit"] > 0
    assert entry["memory_peak"] > entry["memory_before"] > 0
    assert entry["compiled_temporary"] >= 0
    assert entry["compiled_output"] == 4 * 32**2


def test_the_named_kinds_of_derivatives_are_timed(saved):
    gradients = json.loads(saved.read_text())["cases"]["tiny"]["gradients"]
    assert set(gradients) == {"jaxbragg mixed", *(f"jaxbragg mixed {kind}" for kind in KINDS)}
    assert all(entry["min_s"] > 0 for entry in gradients.values())


def test_all_kinds_of_derivatives_are_timed_unless_some_are_named():
    with_table = Case("with", "", ("-hkl", "t.hkl"))
    assert kinds_of_derivatives(with_table, []) == list(GRADIENTS)
    assert set(GRADIENTS) - set(kinds_of_derivatives(Case("without", "", ()), [])) == {"gradient with table"}
    assert kinds_of_derivatives(with_table, KINDS) == list(KINDS)


def test_absent_rivals_are_named(saved):
    result = json.loads(saved.read_text())
    assert result["cases"]["tiny"]["ratios"] == {}
    assert result["absent"] == {
        "nanobragg": "nanobragg is absent: no --nanobragg PATH was given",
        "torch": "the torch peer is absent: no --torch-peer PYTHONPATH was given",
    }
    assert "nanobragg is absent" in compare.report([("tiny", result)])


def test_comparison_puts_files_side_by_side(saved, capsys):
    compare.main([str(saved), str(saved)])
    printed = capsys.readouterr().out
    assert "| case | contestant | result | result |" in printed
    assert "(1.00)" in printed


def test_ratios_and_targets_are_printed():
    entry = {"min_s": 0.01, "median_s": 0.02, "calls": 3, "max_s": 0.02}
    rival = {"min_s": 0.1, "median_s": 0.1}
    ratio = {"nanobragg": {"mixed": {"min": 10.0, "median": 5.0}}}
    case = {"contestants": {"jaxbragg mixed": entry, "nanobragg": rival}, "ratios": ratio}
    printed = compare.ratios({"cases": {"A": {**case, "targets": {"nanobragg": {"mixed": 15}}}}})
    assert "| A | mixed | nanobragg | 10.0× | 5.0× | 15× missed |" in printed
    printed = compare.ratios({"cases": {"A": {**case, "targets": {}}}})
    assert "| 10.0× | 5.0× |  |" in printed


def test_gradients_are_printed_over_the_image_and_the_rival_over_them():
    entries = {
        "jaxbragg mixed": {"min_s": 0.01},
        "jaxbragg mixed gradient": {"min_s": 0.04, "median_s": 0.05},
        "torch float64 gradient": {"min_s": 2.0, "median_s": 3.0},
    }
    printed = compare.gradients({"cases": {"A": {"gradients": entries}}})
    assert "| A | jaxbragg mixed gradient | 40 ms (50 ms) | 4.0× | 50.0× |" in printed
    assert "| A | torch float64 gradient | 2 s (3 s) |  |  |" in printed


def test_a_program_that_fails_is_reported(tmp_path):
    contestant = NanoBragg(tmp_path / "missing", (), tmp_path, 1)
    with pytest.raises(FileNotFoundError):
        contestant.prepare()
    failing = tmp_path / "failing"
    failing.write_text("#!/bin/sh\nexit 3\n")
    failing.chmod(0o755)
    with pytest.raises(ContestantFailedError, match="nanobragg ended with status 3"):
        NanoBragg(failing, (), tmp_path, 1).prepare()


def test_cases_are_found_by_name_and_by_beginning():
    assert [case.name for case in load_cases(["W3"])] == ["W3_10", "W3_50", "W3_1000"]
    assert [case.name for case in load_cases(["W3_50", "W1", "W3_50"])] == ["W3_50", "W1"]
    everything = ["W1", "W2", "W3_10", "W3_50", "W3_1000", "W4", "W5", "W6", "W7"]
    assert [case.name for case in load_cases([])] == everything
    with pytest.raises(ValueError, match=r"`--cases` must be among W1, .*; got 'W9'"):
        load_cases(["W9"])


def test_recipes_give_the_same_text_every_time(tmp_path):
    case = read_case(FOLDER / "W5.json")
    write_files(case, tmp_path)
    text = (tmp_path / "table.hkl").read_text()
    assert text.startswith("-15 -15 -15 13.4364\n")
    assert text.count("\n") == 31**3
    corners = [[-3, -3, -3], [4, 4, 4]]
    recipe = {"recipe": "scattered", "corners": corners, "count": 5, "largest_f": 1, "seed": 1}
    write_files(Case("a", "a", (), {"a.hkl": recipe}), tmp_path)
    lines = [tuple(map(float, line.split())) for line in (tmp_path / "a.hkl").read_text().splitlines()]
    assert len(lines) == 7
    assert [list(map(int, line[:3])) for line in lines[:2]] == corners


def test_packaged_table_is_unpacked(tmp_path):
    (case,) = load_cases(["W6"])
    write_files(case, tmp_path)
    assert len((tmp_path / "2erl.hkl").read_text().splitlines()[0].split()) == 4


def test_scaling_draws_one_picture_per_axis(tmp_path):
    point = {"min_s": 0.1, "memory_peak": 2**21, "memory_before": 2**20, "compiled_temporary": 2**19}
    point["fraction_of_limit"] = 0.3
    curve = [{"value": 1, **point}, {"value": 10, **point}, {"value": 100, "failed": "out of memory"}]
    axis = {"title": "Cells", "unit": "cells", "curves": {"mixed": curve}}
    result = {
        "date": "2026-01-02T03:04:05",
        "machine": {"cpu": "some"},
        "axes": {"cells": axis, "pixels": axis},
    }
    draw(result, tmp_path / "plots")
    assert sorted(path.name for path in (tmp_path / "plots").iterdir()) == ["cells.png", "pixels.png"]


def curve_of_domains(*seconds):
    """Points at 1, 10, 30, 100, 300 and 1000 domains."""
    return [
        {"value": value, "min_s": time, "compiled_temporary": 1000 + value}
        for value, time in zip((1, 10, 30, 100, 300, 1000), seconds, strict=True)
    ]


def test_linear_times_have_no_deviation():
    """The single domain, which needs no loop, does not count."""
    found = linearity(curve_of_domains(9.0, *(2.0 + 0.5 * n for n in (10, 30, 100, 300, 1000))))
    assert found["largest_deviation"] == pytest.approx(0, abs=1e-9)
    assert (found["fixed_s"], found["per_domain_s"]) == pytest.approx((2.0, 0.5))
    assert found["temporary_memory_ratio"] == pytest.approx(2000 / 1010)


def test_times_off_the_line_are_told_by_how_much():
    """Twice the time per domain above 100 domains is seen; so is a failed point that leaves too few."""
    bent = linearity(curve_of_domains(1.0, 10.0, 30.0, 100.0, 600.0, 2000.0))
    assert 0.2 < bent["largest_deviation"] < 0.5
    assert linearity(curve_of_domains(1.0, 10.0, 30.0, 100.0, 300.0, 1000.0)[:3]) is None


def test_patience_ends():
    patience = Patience(0.3)
    for _ in range(4):
        patience.wait()
    assert patience.left <= 0
    assert all(0 <= busy <= 1 for busy in patience.busy)
    Patience(0).wait()
