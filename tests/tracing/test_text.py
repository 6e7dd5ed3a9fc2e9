"""The trace in the reference program's words, written and read."""

import re

import jax
import numpy as np
import pytest

import jaxbragg
from jaxbragg.cli.trace_command import run_trace
from jaxbragg.errors import FormatError
from jaxbragg.tracing.as_json import read_trace_json, trace_json
from jaxbragg.tracing.lines import CAUSAL_ORDER, components, trace_lines
from jaxbragg.tracing.text import read_trace_text
from tests.reference import cases
from tests.tracing.traces import NAMES, ours, theirs


@pytest.mark.spec("TRACE-8")
@pytest.mark.parametrize("name", NAMES)
def test_text_has_the_programs_words_with_fifteen_digits(name: str) -> None:
    text = jaxbragg.trace_text(ours(name))
    lines = read_trace_text(text)
    run = cases.load_traces()[name]
    assert f"TRACE_CONFIG: tracing pixel (spixel={run.slow}, fpixel={run.fast})\n" in text
    assert {line.key for line in lines} == {*theirs(name), "pixel"}
    assert max(len(digits.replace(".", "").lstrip("0")) for digits in re.findall(r"\d[\d.]*", text)) == 15
    points = len(theirs(name)["R_distance_meters"])
    assert sum(line.key == "R_distance_meters" for line in lines) == points


@pytest.mark.spec("TRACE-8")
def test_points_follow_layer_slow_and_fast() -> None:
    """Three layers of 2 x 2 sub-pixels: each point's geometry, then its lattice terms."""
    keys = [line.key for line in trace_lines(ours("layers"))]
    assert keys[:13] == list(CAUSAL_ORDER[5:18]) and keys[13:26] == list(CAUSAL_ORDER[18:31])
    assert keys[26] == "pix0_vector_meters" and len(keys) == 12 * 26 + 14
    assert keys[-14:] == list(CAUSAL_ORDER[-14:])


@pytest.mark.spec("TRACE-8")
def test_a_pixel_that_is_not_computed_has_no_terms() -> None:
    run = cases.load_traces()["large_detector"]
    trace = jaxbragg.trace(cases.experiment(run, "nanobragg"), 5, 6, precision="float64")
    text = jaxbragg.trace_text(trace)
    assert text.endswith("TRACE_CONFIG: tracing pixel (spixel=5, fpixel=6)\n") and "TRACE_C:" not in text


@pytest.mark.spec("TRACE-8")
def test_a_ray_beyond_the_resolution_limit_has_no_lattice_terms() -> None:
    trace = {group: dict(values) for group, values in ours("layers").items()}
    trace["samples"]["passes"] = np.zeros_like(trace["samples"]["passes"])
    keys = {line.key for line in trace_lines(trace)}
    assert "scattering_vec_A_inv" in keys and "I_pixel_final" in keys
    assert not keys & {"rot_a_angstroms", "hkl_frac", "F_latt", "F_cell"}


@pytest.mark.spec("TRACE-8")
def test_polar_is_zero_when_no_ray_is_left() -> None:
    """The program's own factors: that of the last ray that counts, or none."""
    trace = {group: dict(values) for group, values in ours("dispersion").items()}
    trace["accumulation"]["own_polarization"] = np.True_
    passes = np.ones(np.shape(trace["samples"]["polarization"]), bool)

    def polar() -> float:
        trace["samples"]["passes"] = passes
        return next(line.values[0] for line in trace_lines(trace) if line.key == "polar")

    rays = np.asarray(trace["samples"]["polarization"]).ravel()
    assert polar() == rays[-1]
    passes[0, 0, -2:] = False
    assert polar() == rays[-3]
    passes[:] = False
    assert polar() == 0


@pytest.mark.spec("TRACE-8")
def test_a_trace_of_several_pixels_is_refused() -> None:
    several = jax.tree.map(lambda x: np.asarray(x)[None], ours("tilted"))
    with pytest.raises(
        jaxbragg.ConfigError, match=r"expected the trace of one pixel, got one of shape \(1,\)"
    ):
        jaxbragg.trace_text(several)


@pytest.mark.spec("TRACE-8")
def test_shapes_that_do_not_factor_print_no_factors() -> None:
    trace = {**ours("tilted"), "samples": {**ours("tilted")["samples"]}}
    del trace["samples"]["lattice_axes"]
    keys = {line.key for line in trace_lines(trace)}
    assert "F_cell" in keys and not keys & {"F_latt", "F_latt_a"}


@pytest.mark.spec("TRACE-8")
def test_own_factors_are_those_of_the_last_sample() -> None:
    values = {line.key: line.values[0] for line in trace_lines(ours("layers"))}
    assert values["oversample_thick"] == 1 and values["oversample_polar"] == 0
    assert values["capture_fraction"] == float(
        np.asarray(ours("layers")["geometry"]["capture"])[-1, -1].item()
    )


@pytest.mark.spec("TRACE-9")
def test_other_lines_of_a_log_are_passed_over() -> None:
    text = (
        "nanoBragg nanocrystal diffraction simulator\nTRACE: Va 1 2 3\nTRACE_C:detector_convention=MOSFLM\n"
    )
    text += jaxbragg.trace_text(ours("tilted")) + "TRACE_C: something_else 1 2\n100% done\n"
    lines = read_trace_text(text)
    assert [line.key for line in lines] == [
        line.key for line in read_trace_text(jaxbragg.trace_text(ours("tilted")))
    ]
    assert all(len(line.values) == components(line.key) for line in lines)


@pytest.mark.spec("TRACE-9")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found none; run the instrumented program with -trace_pixel SLOW FAST"),
        ("DETECTOR_FAST_AXIS 0 0 1", "found none"),
        ("TRACE_C: F_cell 1\nTRACE_C: fdet_vec 0 0", "line 2: expected 3 numbers after fdet_vec, got '0 0'"),
        ("TRACE_C: F_cell many", "line 1: expected 1 numbers after F_cell, got 'many'"),
    ],
)
def test_a_log_without_numbers_is_refused(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read_trace_text(text)


@pytest.mark.spec("TRACE-8")
def test_json_keeps_every_key_and_bit() -> None:
    trace = ours("dispersion")
    copy = read_trace_json(trace_json(trace))
    assert {group: list(keys) for group, keys in copy.items()} == {
        group: list(keys) for group, keys in trace.items()
    }
    for group, keys in trace.items():
        for key, value in keys.items():
            np.testing.assert_array_equal(copy[group][key], value)


@pytest.mark.spec("TRACE-8")
def test_json_has_no_words_of_its_own_for_what_is_no_number() -> None:
    trace = {"geometry": {"path": np.array([np.inf, 1.5, np.nan])}}
    text = trace_json(trace)
    assert '"inf"' in text and "Infinity" not in text and "NaN" not in text
    np.testing.assert_array_equal(read_trace_json(text)["geometry"]["path"], [np.inf, 1.5, np.nan])


@pytest.mark.spec("TRACE-8")
def test_the_command_prints_text_or_json() -> None:
    run = cases.load_traces()["tilted"]
    experiment = cases.experiment(run, "nanobragg")
    assert run_trace(experiment, run.slow, run.fast) == jaxbragg.trace_text(ours("tilted"))
    assert run_trace(experiment, run.slow, run.fast, as_json=True) == trace_json(ours("tilted")) + "\n"
