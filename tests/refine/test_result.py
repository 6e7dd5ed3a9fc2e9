"""What a refinement gives back, in Python and as JSON."""

import dataclasses
import functools
import json
import math

import numpy as np
import pytest

import jaxbragg
from tests.refine import scenes

SMALL = ("scale", "background", "misset", "distance")


@functools.cache
def result() -> jaxbragg.Refinement:
    truth = scenes.crystal()
    mask = np.ones((64, 64))
    mask[:4] = 0
    data = jaxbragg.Measurement(scenes.counted(truth), mask=mask)
    start = scenes.rough(truth).with_fields(crystal__mosaic_spread=0.5)
    return jaxbragg.refine_image(start, data, SMALL)


@pytest.mark.spec("REF-18")
def test_json_holds_every_number(tmp_path):
    file = tmp_path / "result.json"
    result().write_json(file)
    read = json.loads(file.read_text())
    assert [value["name"] for value in read["parameters"]] == [value.name for value in result().parameters]
    assert read["parameters"][-1] == dataclasses.asdict(result().parameters[-1])
    assert len(read["history"]) == len(result().history)
    np.testing.assert_allclose(np.diagonal(read["correlations"][0]), 1.0)
    assert read["converged"] is True and read["pixels"] == 60 * 64


@pytest.mark.spec("REF-18")
def test_what_is_not_finite_is_null(tmp_path):
    file = tmp_path / "result.json"
    unknown = [dataclasses.replace(value, sigma=math.nan) for value in result().parameters]
    dataclasses.replace(result(), parameters=unknown).write_json(file)
    assert json.loads(file.read_text())["parameters"][0]["sigma"] is None


@pytest.mark.spec("REF-18")
def test_pictures_show_what_was_compared():
    pictures = result().pictures()
    assert np.all(np.isnan(pictures.model[:4])) and not np.any(np.isnan(pictures.model[4:]))
    refined = result().experiment
    expected = np.asarray(jaxbragg.simulate(refined)) * result().scales[0] + result().surfaces[0][0, 0]
    np.testing.assert_allclose(pictures.model[4:], expected[4:], rtol=1e-5)
    residual = pictures.residual[4:]
    dof = residual.size - len(result().parameters)
    assert np.sum(residual**2) / dof == pytest.approx(result().reduced_chi_square, rel=1e-6)


@pytest.mark.spec("REF-18")
def test_values_are_those_of_the_refined_experiment():
    refined = result().experiment
    assert float(refined.detector.distance) == pytest.approx(result()["detector.distance"].after, rel=1e-12)
    misset = [result()[f"crystal.misset.{axis}"].after for axis in "xyz"]
    np.testing.assert_allclose(refined.crystal.misset, misset, rtol=1e-12)
    with pytest.raises(KeyError, match=r"refined were scale, background.1"):
        result()["crystal.cell.a"]


def test_the_table_has_a_line_for_each_number():
    lines = result().table().splitlines()
    assert len(lines) == 1 + len(result().parameters)
    assert lines[-1].startswith("detector.distance") and "0" in lines[-1]
