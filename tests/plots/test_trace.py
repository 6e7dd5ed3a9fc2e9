"""The picture of a trace; what it shows was looked at, here is what can be counted."""

import sys

import matplotlib
import numpy as np
import pytest

import jaxbragg
from tests.tracing.traces import ours

matplotlib.use("agg")


@pytest.mark.spec("TRACE-10")
def test_bars_add_up_to_the_photons_of_the_pixel() -> None:
    """Three sources by two: six; three spindle steps; one sub-pixel, layer and domain are left out."""
    trace = ours("dispersion")
    figure = jaxbragg.plot_trace(trace)
    bars = {axes.get_xlabel(): axes.patches for axes in figure.axes if axes.patches}
    assert {label: len(patches) for label, patches in bars.items()} == {"source": 6, "phi step": 3}
    for patches in bars.values():
        total = sum(patch.get_height() for patch in patches)
        assert total == pytest.approx(float(trace["accumulation"]["pixel"]), rel=1e-12)
    planes = [axes for axes in figure.axes if not axes.patches]
    assert len(planes) == 3 and all(len(axes.collections[0].get_offsets()) == 18 for axes in planes)
    matplotlib.pyplot.close(figure)


@pytest.mark.spec("TRACE-10")
def test_the_factors_are_written_beside_it() -> None:
    figure = jaxbragg.plot_trace(ours("protein"))
    text = "\n".join(t.get_text() for sub in figure.subfigs for t in sub.texts)
    assert "pixel slow 300, fast 180" in text and "1.11111e+20" in text and "3.15598e-13" in text
    assert figure.axes[0].get_xlabel() == "sub-pixel"
    matplotlib.pyplot.close(figure)


@pytest.mark.spec("TRACE-10")
def test_a_dark_pixel_can_be_drawn(tmp_path) -> None:
    trace = {name: dict(values) for name, values in ours("tilted").items()}
    trace["samples"]["contribution"] = np.zeros_like(trace["samples"]["contribution"])
    figure = jaxbragg.plot_trace(trace)
    figure.savefig(tmp_path / "dark.png", dpi=30)
    assert (tmp_path / "dark.png").stat().st_size > 0
    matplotlib.pyplot.close(figure)


@pytest.mark.spec("TRACE-10")
def test_without_matplotlib_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(jaxbragg.JaxbraggError, match=r"pip install 'jaxbragg\[plot\]'"):
        jaxbragg.plot_trace(ours("tilted"))
