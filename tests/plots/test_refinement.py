"""The picture of a refinement; what it shows was looked at, here is what can be counted."""

import sys

import matplotlib
import numpy as np
import pytest

import jaxbragg
from tests.refine.test_result import result

matplotlib.use("agg")


@pytest.mark.spec("REF-21")
def test_images_and_steps_are_those_of_the_result(tmp_path):
    figure = jaxbragg.plot_refinement(result())
    shown = [axes.images[0].get_array() for axes in figure.axes if axes.images]
    pictures = result().pictures()
    for image, expected in zip(
        shown, (np.sqrt(pictures.data), np.sqrt(pictures.model), pictures.residual), strict=True
    ):
        np.testing.assert_allclose(np.ma.filled(image, np.nan), expected)
    (lines,) = [axes for axes in figure.axes if axes.get_xlabel() == "step"]
    drawn = {line.get_label(): line.get_ydata() for line in lines.lines}
    for value in result().parameters:
        assert len(drawn[value.name]) == len(result().history)
        assert drawn[value.name][0] == pytest.approx(
            (value.before - value.after) / value.sigma, rel=1e-6, abs=1e-6
        )
    (bars,) = [axes for axes in figure.axes if axes.get_ylabel() == "pixels"]
    assert sum(patch.get_height() for patch in bars.patches) == result().n_pixels
    figure.savefig(tmp_path / "fit.png")
    matplotlib.pyplot.close(figure)


@pytest.mark.spec("REF-21")
def test_stages_are_divided_by_lines():
    from tests.refine.test_checkpoint import refine

    staged = refine()
    figure = jaxbragg.plot_refinement(staged)
    (lines,) = [axes for axes in figure.axes if axes.get_xlabel() == "step"]
    divided = [line for line in lines.lines if len(line.get_xdata()) == 2 and len(set(line.get_xdata())) == 1]
    assert len(divided) == len(staged.reasons) - 1
    matplotlib.pyplot.close(figure)


def test_without_matplotlib_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(jaxbragg.JaxbraggError, match=r"pip install 'jaxbragg\[plot\]'"):
        jaxbragg.plot_refinement(result())
