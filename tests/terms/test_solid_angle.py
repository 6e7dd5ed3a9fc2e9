"""Solid angle of single pixels; the sum over a detector is in physics/test_inverse_square.py."""

import pytest

import jaxbragg as jb
from jaxbragg.terms.solid_angle import obliquity, solid_angle
from tests.doubles import float64, number

__all__ = ["float64"]

FLAT = jb.DetectorConfig()
CURVED = jb.DetectorConfig(curved=True)
POINT = jb.DetectorConfig(point_pixel=True)


def cosine(path, close, detector=FLAT, model=jb.CORRECTED):
    return float(obliquity(1 / number(path), number(close), detector, model))


@pytest.mark.spec("GEO-9")
def test_a_flat_pixel_is_seen_obliquely():
    assert cosine(0.2, 0.1) == 0.5
    assert float(solid_angle(1 / number(0.2), number(0.5), number(1e-4), FLAT)) == pytest.approx(
        1.25e-7, rel=1e-15
    )


@pytest.mark.spec("GEO-9", "MOD-2")
def test_sign_and_curvature_by_model():
    assert cosine(0.2, -0.1) == 0.5
    assert cosine(0.2, -0.1, model=jb.NANOBRAGG) == -0.5
    assert cosine(0.2, 0.1, CURVED) == 1.0
    assert cosine(0.2, 0.1, CURVED, jb.NANOBRAGG) == 0.5


@pytest.mark.spec("GEO-10")
def test_a_point_pixel_has_no_area():
    for pixel in (1e-4, 1e-3):
        omega = float(solid_angle(1 / number(0.2), number(0.5), number(pixel), POINT))
        assert omega == pytest.approx(25.0, rel=1e-15)
