"""Two traces side by side."""

from typing import Any

import jax
import numpy as np
import pytest

import jaxbragg
from jaxbragg.tracing.as_json import trace_json
from tests.tracing.traces import ours, theirs


def changed(group: str, key: str, factor: float) -> Any:
    trace = {name: dict(values) for name, values in ours("tilted").items()}
    trace[group][key] = np.asarray(trace[group][key]) * factor
    return trace


@pytest.mark.spec("TRACE-9")
def test_equal_traces_do_not_diverge() -> None:
    trace = ours("tilted")
    for other in (trace, trace_json(trace)):
        comparison = jaxbragg.compare_traces(trace, other)
        assert comparison.largest_error == 0 and comparison.first_divergence is None
        assert "no divergence above 1e-09" in str(comparison)
        assert comparison.rows[0].key == "pixel.slow"
        assert comparison.rows[-1].key == "accumulation.pixel"


@pytest.mark.spec("TRACE-9")
def test_the_cause_is_named_before_its_effects() -> None:
    """Fluence and the pixel both differ: the fluence comes first, whatever its error."""
    trace = changed("beam", "fluence", 1 + 1e-6)
    trace["accumulation"]["pixel"] = 2 * np.asarray(trace["accumulation"]["pixel"])
    comparison = jaxbragg.compare_traces(ours("tilted"), trace)
    first = comparison.first_divergence
    assert first is not None and first.key == "beam.fluence"
    assert first.error == pytest.approx(1e-6, rel=1e-5)
    assert comparison.largest_error == pytest.approx(0.5)
    row = next(line for line in str(comparison).splitlines() if "first divergence" in line)
    assert row.startswith("beam.fluence")
    looser = jaxbragg.compare_traces(ours("tilted"), trace, tolerance=1e-3).first_divergence
    assert looser is not None and looser.key == "accumulation.pixel"


@pytest.mark.spec("TRACE-9")
def test_a_log_is_compared_in_the_programs_words() -> None:
    text = jaxbragg.trace_text(ours("tilted"))
    assert jaxbragg.compare_traces(ours("tilted"), text).largest_error < 1e-14
    assert jaxbragg.compare_traces(text, theirs("tilted")).largest_error < 1e-9
    wrong = text.replace("fluence_photons_per_m2 1.25932015286227e+29", "fluence_photons_per_m2 1.27e+20")
    first = jaxbragg.compare_traces(ours("tilted"), wrong).first_divergence
    assert first is not None and first.key == "fluence_photons_per_m2"
    assert first.theirs == (1.27e20,) and first.error == pytest.approx(1.0)


@pytest.mark.spec("TRACE-9")
def test_the_error_of_a_vector_is_relative_to_its_largest_component() -> None:
    trace = {name: dict(values) for name, values in ours("tilted").items()}
    position = np.array(trace["geometry"]["pix0"])
    largest = int(np.argmax(np.abs(position)))
    position[(largest + 1) % 3] += 1e-3 * abs(position[largest])
    trace["geometry"]["pix0"] = position
    row = jaxbragg.compare_traces(ours("tilted"), trace).first_divergence
    assert row is not None and row.key == "geometry.pix0" and row.error == pytest.approx(1e-3)


@pytest.mark.spec("TRACE-9")
def test_the_worst_entry_is_shown() -> None:
    values = {key: [list(np.ravel(x)) for x in np.atleast_1d(v)] for key, v in theirs("xds").items()}
    values["F_cell"] = [[100.0], [100.0], [150.0], [120.0]]
    row = jaxbragg.compare_traces(ours("xds"), values).first_divergence
    assert row is not None
    assert (row.key, row.entry, row.entries) == ("F_cell", 2, 4)
    assert (row.ours, row.theirs) == ((100.0,), (150.0,)) and row.error == pytest.approx(1 / 3)


@pytest.mark.spec("TRACE-9")
def test_missing_keys_are_listed_and_missing_entries_diverge() -> None:
    values = dict(theirs("xds"))
    del values["F_latt"]
    values["F_cell"] = values["F_cell"][:2]
    comparison = jaxbragg.compare_traces(ours("xds"), values)
    rows = {row.key: row for row in comparison.rows}
    assert rows["F_latt"].error is None and rows["F_latt"].theirs is None and rows["F_latt"].ours is not None
    first = comparison.first_divergence
    assert first is not None and first.key == "F_cell" and first.error == np.inf


@pytest.mark.spec("TRACE-9")
def test_nan_differs_from_numbers_only() -> None:
    nan = changed("geometry", "path", np.nan)
    first = jaxbragg.compare_traces(ours("tilted"), nan).first_divergence
    assert first is not None and first.key == "geometry.path" and first.error == np.inf
    assert jaxbragg.compare_traces(nan, nan).first_divergence is None


@pytest.mark.spec("TRACE-9")
def test_other_pixels_diverge_at_once() -> None:
    text = jaxbragg.trace_text(ours("tilted")).replace("spixel=20", "spixel=21")
    first = jaxbragg.compare_traces(ours("tilted"), text).first_divergence
    assert first is not None and first.key == "pixel" and first.theirs == (21.0, 9.0)


@pytest.mark.spec("TRACE-9")
def test_traces_of_several_pixels_are_refused() -> None:
    several = jax.tree.map(lambda x: np.asarray(x)[None], ours("tilted"))
    with pytest.raises(jaxbragg.ConfigError, match="trace pixels one by one"):
        jaxbragg.compare_traces(several, ours("tilted"))
