"""Lambert and Beer, layer by layer."""

import numpy as np
import pytest

from jaxbragg.terms.absorption import capture_fraction
from tests.doubles import float64, number

__all__ = ["float64"]


@pytest.mark.spec("SENS-2")
def test_first_layer_of_a_thin_sensor_takes_its_share():
    thin = float(capture_fraction(number(0), number(1e-9), number(1e-4), number(0.5)))
    assert thin == pytest.approx(1e-9 / 1e-4 / 0.5, rel=1e-4)


@pytest.mark.spec("SENS-2", "SENS-4")
@pytest.mark.parametrize("layers", [1, 2, 7])
@pytest.mark.parametrize("cosine", [1.0, 0.4])
def test_layers_add_up_to_the_sensor(layers, cosine):
    thickness, depth = 3e-4, 2e-4
    each = capture_fraction(
        number(np.arange(layers)), number(thickness / layers), number(depth), number(cosine)
    )
    assert float(each.sum()) == pytest.approx(1 - np.exp(-thickness / depth / cosine), rel=1e-14)


@pytest.mark.spec("SENS-2")
def test_every_layer_sees_what_the_ones_before_left():
    fractions = np.asarray(capture_fraction(number([0, 1, 2]), number(1e-4), number(2e-4), number(1)))
    np.testing.assert_allclose(fractions[1:] / fractions[:-1], np.exp(-0.5), rtol=1e-14)


@pytest.mark.spec("SENS-3")
def test_a_sensor_that_absorbs_nothing_records_nothing():
    assert float(capture_fraction(number(2), number(1e-4), number(np.inf), number(0.7))) == 0.0


@pytest.mark.spec("SENS-2")
def test_from_behind_the_fraction_is_negative():
    assert float(capture_fraction(number(0), number(1e-4), number(2e-4), number(-1))) == pytest.approx(
        1 - np.exp(0.5)
    )
