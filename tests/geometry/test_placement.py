"""Where the detector ends up: the worked example of the reference program, and laws of rotation."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jaxbragg as jb
from jaxbragg.geometry.conventions import frame
from jaxbragg.geometry.placement import place
from tests.doubles import float64, number, plain

__all__ = ["float64"]


def placed(model=jb.CORRECTED, **fields):
    chosen = {"pixels": (40, 24), "pixel_size": 0.5} | fields
    config = jax.tree.map(number, jb.DetectorConfig(**chosen))
    return place(config, frame(config, model), model)


@pytest.mark.spec("GEO-3", "GEO-5", "GEO-6")
def test_worked_example_of_the_program():
    """A tilted MOSFLM detector, as reported by the program with 15 digits; distances are its own (Q17)."""
    got = placed(jb.NANOBRAGG, distance=60, beam_x=5.1, beam_y=8.2, rotations=(3, -5, 7), twotheta=15)
    fast = [-0.0934730248761098, -0.0397135147100067, 0.994829447880333]
    slow = [-0.134465380951561, -0.989545762049101, -0.0521368021287822]
    normal = [0.986499799769905, -0.138643505293404, 0.0871557427476582]
    pix0 = [0.061509236848294, 0.00562964902626225, -0.00812737694319983]
    for vector, expected in zip(
        (got.fast, got.slow, got.normal, got.pix0), (fast, slow, normal, pix0), strict=True
    ):
        np.testing.assert_allclose(plain(vector), expected, rtol=0, atol=3e-15)
    assert float(got.close_distance) == pytest.approx(0.0591899879861943, abs=1e-15)
    assert float(got.distance) == pytest.approx(0.0598622885457172, abs=1e-15)
    reported = [got.close_f, got.close_s, got.beam_f, got.beam_s]
    np.testing.assert_allclose(reported, [0.0140583825, 0.0134179229, 0.0084628723, 0.0053685174], atol=6e-11)


@pytest.mark.spec("GEO-6", "MOD-2")
def test_the_corrected_distance_is_along_the_beam():
    got = placed(distance=60, beam_x=5.1, beam_y=8.2, rotations=(3, -5, 7), twotheta=15)
    assert float(got.distance) == pytest.approx(0.06, rel=1e-14)
    assert 1e3 * float(got.beam_f) == pytest.approx(8.2 + 0.25, abs=1e-12)
    assert 1e3 * float(got.beam_s) == pytest.approx(5.1 + 0.25, abs=1e-12)


turns = st.tuples(*[st.floats(-180, 180)] * 3)


@pytest.mark.spec("GEO-3", "GEO-4", "GEO-5")
@settings(max_examples=25, deadline=None)
@given(turns=turns, twotheta=st.floats(-180, 180), convention=st.sampled_from(["adxv", "mosflm", "xds"]))
def test_axes_stay_a_frame(turns, twotheta, convention):
    got = placed(convention=convention, rotations=turns, twotheta=twotheta)
    axes = np.stack([plain(got.fast), plain(got.slow), plain(got.normal)])
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-14)
    assert np.linalg.det(axes) == pytest.approx(-1.0 if convention == "adxv" else 1.0, abs=1e-14)


@pytest.mark.spec("GEO-4")
@settings(max_examples=25, deadline=None)
@given(turns=turns, twotheta=st.floats(-180, 180))
def test_turning_about_the_sample_is_a_rigid_rotation(turns, twotheta):
    got = placed(convention="xds", close_distance=80, org_x=3, org_y=5, rotations=turns, twotheta=twotheta)
    corner = [plain(got.pix0) @ plain(axis) for axis in (got.fast, got.slow, got.normal)]
    np.testing.assert_allclose(corner, [-2.5 * 5e-4, -4.5 * 5e-4, 0.08], atol=1e-15)


@pytest.mark.spec("GEO-3")
def test_a_given_close_distance_overrules_the_distance():
    tilted = placed(convention="xds", distance=500, close_distance=80, rotations=(0, 30, 0))
    assert float(tilted.close_distance) == pytest.approx(0.08, rel=1e-14)
    assert float(tilted.distance) == pytest.approx(0.08 / np.cos(np.radians(30)), rel=1e-14)
    plain_distance = placed(convention="xds", distance=500, rotations=(0, 30, 0))
    assert float(plain_distance.close_distance) == pytest.approx(0.5 * np.cos(np.radians(30)), rel=1e-14)


@pytest.mark.spec("GEO-3", "GEO-6")
def test_a_detector_turned_by_more_than_a_right_angle_stands_upstream():
    got = placed(distance=60, rotations=(0, 120, 0))
    assert float(got.distance) == pytest.approx(-0.06, rel=1e-13)
    assert float(got.close_distance) == pytest.approx(0.03, rel=1e-13)


@pytest.mark.spec("GEO-5", "MOD-4")
def test_a_given_first_corner_replaces_distances_and_centres():
    corner = (100.0, 3.0, -4.0)
    got = placed(convention="custom", pix0=corner, distance=7, beam_x=1.0, rotations=(0, 10, 0))
    np.testing.assert_allclose(plain(got.pix0) * 1e3, corner, rtol=1e-15)
    normal = [np.cos(np.radians(10)), 0, -np.sin(np.radians(10))]
    assert float(got.close_distance) == pytest.approx(np.dot(corner, normal) / 1e3, rel=1e-13)


@pytest.mark.spec("GEO-6")
@settings(max_examples=20, deadline=None)
@given(turns=st.tuples(*[st.floats(-60, 60)] * 3), twotheta=st.floats(-40, 40))
def test_beam_and_foot_lie_on_the_plane(turns, twotheta):
    got = placed(rotations=turns, twotheta=twotheta)
    hit = plain(got.pix0) + got.beam_f * plain(got.fast) + got.beam_s * plain(got.slow)
    foot = plain(got.pix0) + got.close_f * plain(got.fast) + got.close_s * plain(got.slow)
    np.testing.assert_allclose(hit, [float(got.distance), 0, 0], atol=1e-13)
    np.testing.assert_allclose(foot, float(got.close_distance) * plain(got.normal), atol=1e-13)
