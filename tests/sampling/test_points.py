"""Points of a pixel in serial order, and layers of the sensor."""

import jax
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.sampling.points import layer_step, pixel_points
from tests.doubles import float64, number

__all__ = ["float64"]


@pytest.mark.spec("SUM-5", "GEO-7")
def test_layers_are_outermost_then_slow_then_fast():
    points = pixel_points(2, 3)
    assert points.layer.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert points.slow.tolist() == [0, 0, 1, 1] * 3
    assert points.fast.tolist() == [0, 1, 0, 1] * 3


@pytest.mark.spec("SENS-1", "UNIT-1")
def test_layers_share_the_thickness():
    sensor = jax.tree.map(number, jb.DetectorConfig(sensor_thickness=450, sensor_layers=3))
    assert float(layer_step(sensor)) == pytest.approx(150e-6, rel=1e-15)
    assert float(layer_step(jb.DetectorConfig())) == 0.0
    np.testing.assert_array_equal(pixel_points(1, 1), [[0], [0], [0]])
