"""Frames and beam centres. Round trips: the centre that was given is found where the detector was placed."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jaxbragg as jb
from jaxbragg.config.choices import Convention, Pivot
from jaxbragg.geometry.axes import AXES
from jaxbragg.geometry.conventions import beam_center, frame, pivot
from jaxbragg.geometry.placement import place
from tests.doubles import float64, number, plain

__all__ = ["float64"]

NAMED = [c for c in Convention if c is not Convention.CUSTOM]
FAST, SLOW, PIXEL = 30, 20, 0.25  # pixels, pixels, mm


def detector(**fields):
    chosen = {"pixels": (FAST, SLOW), "pixel_size": PIXEL} | fields
    return jax.tree.map(number, jb.DetectorConfig(**chosen))


def in_pixels(pair):
    return [float(x) / (PIXEL * 1e-3) for x in pair]


@pytest.mark.spec("CONV-1", "CONV-4")
@pytest.mark.parametrize("convention", Convention)
def test_axes_are_unit_vectors_and_the_detector_faces_the_beam(convention):
    axes = frame(detector(convention=convention), jb.CORRECTED)
    for axis in axes:
        assert np.linalg.norm(plain(axis)) == 1.0
    np.testing.assert_array_equal(plain(axes.normal), plain(axes.beam))
    for axis in (axes.fast, axes.slow, axes.polarization, axes.spindle):
        assert plain(axis) @ plain(axes.beam) == 0.0
    handedness = np.cross(plain(axes.fast), plain(axes.slow)) @ plain(axes.normal)
    assert handedness == (-1.0 if convention is Convention.ADXV else 1.0)


@pytest.mark.spec("CONV-1")
def test_the_table_of_axes():
    x, y, z = np.eye(3)
    expected = {
        Convention.ADXV: (z, x, -y, z, -x, x, x),
        Convention.MOSFLM: (x, z, -y, x, -z, z, z),
        Convention.DENZO: (x, z, -y, x, -z, z, z),
        Convention.XDS: (z, x, y, z, x, x, x),
        Convention.DIALS: (z, x, y, z, y, y, y),
        Convention.CUSTOM: (x, z, -y, x, y, z, z),
    }
    for convention, vectors in expected.items():
        table = AXES[convention]
        got = [
            table.beam,
            table.fast,
            table.slow,
            table.normal,
            table.twotheta,
            table.polarization,
            table.spindle,
        ]
        np.testing.assert_array_equal(got, vectors)


@pytest.mark.spec("CONV-3")
@pytest.mark.parametrize(
    ("convention", "expected"),
    [
        ("adxv", (15.5, 10.5)),
        ("mosflm", (16.0, 11.0)),
        ("denzo", (15.5, 10.5)),
        ("xds", (15.0, 10.0)),
        ("dials", (15.0, 10.0)),
        ("custom", (15.0, 10.0)),
    ],
)
def test_default_centre_in_pixels(convention, expected):
    config = detector(convention=convention)
    center = beam_center(config)
    used = center.beam if pivot(config) is Pivot.BEAM else center.close
    assert in_pixels(used) == pytest.approx(expected, abs=1e-12)


@pytest.mark.spec("CONV-2", "CONV-3", "GEO-5", "GEO-6")
@settings(max_examples=20, deadline=None)
@given(
    convention=st.sampled_from(["adxv", "mosflm", "denzo", "custom"]),
    x=st.floats(-3, 9),
    y=st.floats(-3, 9),
    turns=st.tuples(*[st.floats(-40, 40)] * 3),
    twotheta=st.floats(-30, 30),
)
def test_the_beam_hits_where_it_was_said_to(convention, x, y, turns, twotheta):
    config = detector(convention=convention, beam_x=x, beam_y=y, rotations=turns, twotheta=twotheta)
    placed = _place(config)
    expected = {
        "adxv": (x, PIXEL * SLOW - y),
        "mosflm": (y + PIXEL / 2, x + PIXEL / 2),
        "denzo": (y, x),
        "custom": (x, y),
    }[convention]
    found = [1e3 * float(placed.beam_f), 1e3 * float(placed.beam_s)]
    assert found == pytest.approx(expected, abs=1e-9)
    assert float(placed.distance) == pytest.approx(0.1, rel=1e-9) or twotheta != 0


@pytest.mark.spec("CONV-2", "CONV-3", "GEO-4", "GEO-6")
@settings(max_examples=20, deadline=None)
@given(
    convention=st.sampled_from(["xds", "dials"]),
    org_x=st.floats(-30, 60),
    org_y=st.floats(-30, 60),
    turns=st.tuples(*[st.floats(-80, 80)] * 3),
    twotheta=st.floats(-80, 80),
)
def test_the_nearest_point_is_where_it_was_said_to_be(convention, org_x, org_y, turns, twotheta):
    config = detector(convention=convention, org_x=org_x, org_y=org_y, rotations=turns, twotheta=twotheta)
    placed = _place(config)
    found = [v + 0.5 for v in in_pixels((placed.close_f, placed.close_s))]
    assert found == pytest.approx([org_x, org_y], abs=1e-9)


def _place(config):
    return place(config, frame(config, jb.CORRECTED), jb.CORRECTED)


@pytest.mark.spec("CONV-2")
@pytest.mark.parametrize(
    ("convention", "ignored"),
    [(c, {"org_x": 3.0, "org_y": 4.0, "close_x": 1.0, "close_y": 2.0}) for c in ("adxv", "mosflm", "denzo")]
    + [(c, {"beam_x": 3.0, "beam_y": 4.0, "close_x": 1.0, "close_y": 2.0}) for c in ("xds", "dials")],
)
def test_centres_that_a_convention_does_not_read(convention, ignored):
    with_them = _place(detector(convention=convention, **ignored))
    without = _place(detector(convention=convention))
    np.testing.assert_array_equal(plain(with_them.pix0), plain(without.pix0))


@pytest.mark.spec("CONV-2")
@pytest.mark.parametrize("turning_point", ["beam", "sample"])
def test_custom_takes_beam_then_close_then_org(turning_point):
    fields = {"org_x": 3.0, "org_y": 4.0, "close_x": 1.5, "close_y": 2.5, "beam_x": 1.0, "beam_y": 2.0}

    def used(*names):
        given = {name: fields[name] for name in names}
        center = beam_center(detector(convention="custom", pivot=turning_point, **given))
        pair = center.beam if turning_point == "beam" else center.close
        return [1e3 * float(v) for v in pair]

    assert used(*fields) == pytest.approx([1.0, 2.0])
    assert used("org_x", "org_y", "close_x", "close_y") == pytest.approx([1.5, 2.5])
    assert used("org_x", "org_y") == pytest.approx([2.5 * PIXEL, 3.5 * PIXEL])
    assert used("beam_x", "org_x", "org_y") == pytest.approx([1.0, 3.5 * PIXEL])


@pytest.mark.spec("CONV-3")
def test_default_centres_use_a_given_size():
    # 16.2 mm is 32.4 pixels of 0.5 mm; the detector has 32
    config = detector(convention="xds", pixels=(32, 32), pixel_size=0.5, size=(16.2, 16.2))
    assert [1e3 * float(v) for v in beam_center(config).close] == pytest.approx([8.1, 8.1])


@pytest.mark.spec("CONV-4")
def test_custom_vectors_are_normalised():
    axes = frame(
        detector(
            convention="custom",
            fast_axis=(0, 0, 3),
            slow_axis=(0, -2, 1),
            beam_axis=(5, 0, 1),
            polarization_axis=(0, 1, 1),
            spindle_axis=(1, 1, 1),
        ),
        jb.CORRECTED,
    )
    for axis in (axes.fast, axes.slow, axes.beam, axes.polarization, axes.spindle):
        assert np.linalg.norm(plain(axis)) == pytest.approx(1.0, abs=1e-15)
    np.testing.assert_array_equal(plain(axes.normal), [1, 0, 0])  # the built-in one: none was given


@pytest.mark.spec("CONV-4")
def test_a_custom_normal_is_kept_or_generated():
    kept = frame(detector(convention="custom", normal_axis=(0.6, 0.8, 0.0)), jb.CORRECTED)
    np.testing.assert_array_equal(plain(kept.normal), [0.6, 0.8, 0.0])
    generated = frame(detector(convention="custom", normal_axis=(1.5, 0.0, 0.0)), jb.CORRECTED)
    np.testing.assert_array_equal(plain(generated.normal), np.cross([0, 0, 1], [0, -1, 0]))


@pytest.mark.spec("CONV-4", "MOD-2")
def test_the_programs_twotheta_axis_is_not_normalised():
    config = detector(convention="custom", twotheta_axis=(0, 0, -2))
    np.testing.assert_array_equal(plain(frame(config, jb.CORRECTED).twotheta), [0, 0, -1])
    np.testing.assert_array_equal(plain(frame(config, jb.NANOBRAGG).twotheta), [0, 0, -2])


@pytest.mark.spec("CONV-5")
def test_only_custom_chooses_its_pivot():
    for convention in NAMED:
        sample = convention in (Convention.XDS, Convention.DIALS)
        assert pivot(detector(convention=convention)) is (Pivot.SAMPLE if sample else Pivot.BEAM)
        with pytest.raises(jb.ConfigError, match="use convention='custom'"):
            jb.DetectorConfig(convention=convention, pivot="sample")
    assert pivot(detector(convention="custom")) is Pivot.BEAM
    assert pivot(detector(convention="custom", pivot="sample")) is Pivot.SAMPLE
