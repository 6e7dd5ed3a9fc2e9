"""Water: every molecule scatters as 2.57 electrons together."""

import pytest

from jaxbragg.terms.background import water_background
from tests.doubles import float64, number

__all__ = ["float64"]


@pytest.mark.spec("BKG-1", "UNIT-3")
def test_water_scatters_per_molecule():
    # 10 µm cube: 1e-15 m³, 1e-9 g, 1e-9/18 mol; r_e = 2.8179e-15 m
    molecules = 1e-9 / 18 * 6.022e23
    expected = molecules * (2.57 * 2.8179e-15) ** 2 * 1e20
    assert float(water_background(number(10), number(1e20))) == pytest.approx(expected, rel=1e-4)


@pytest.mark.spec("BKG-1")
def test_water_scatters_by_its_volume_and_the_fluence():
    base = float(water_background(number(10), number(1e20)))
    assert float(water_background(number(20), number(1e20))) == pytest.approx(8 * base, rel=1e-14)
    assert float(water_background(number(10), number(3e20))) == pytest.approx(3 * base, rel=1e-14)
    assert float(water_background(number(0), number(1e20))) == 0.0
