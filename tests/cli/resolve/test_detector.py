"""Pixels, place, frame and sensor."""

import numpy as np
import pytest

from jaxbragg.config.choices import Convention, Pivot
from jaxbragg.errors import ConfigError, UsageError
from tests.cli.resolve.lines import BOTH, CRYSTAL, SMALL, made, refused


@pytest.mark.spec("CLI-26")
@pytest.mark.parametrize(
    ("typed", "pixels", "size"),
    [
        ("", (1024, 1024), None),
        ("-detpixels 0 -detsize 3.2", (32, 32), None),
        ("-pixel 1 -detsize 5.5", (5, 5), (5.5, 5.5)),
        ("-pixel 1 -detsize 5.6", (6, 6), (5.6, 5.6)),
        ("-pixel 0.5 -detsize_f 16.2 -detsize_s 15.8", (32, 32), (16.2, 15.8)),
        ("-pixel 0.5 -detsize_f 16.2 -detpixels_s 4", (32, 4), (16.2, 2.0)),
    ],
)
def test_pixels_and_size(typed: str, pixels: tuple[int, int], size: tuple[float, float] | None) -> None:
    detector = made(f"{CRYSTAL} {typed}").detector
    assert detector.pixels == pixels
    assert (detector.size is None) if size is None else detector.size.tolist() == list(size)


@pytest.mark.spec("CLI-26")
@pytest.mark.parametrize("typed", ["-detpixels 5 -detsize 99", "-detsize 99 -detpixels 5"])
def test_pixels_hold_against_size_in_the_program(typed: str) -> None:
    detector = made(f"{CRYSTAL} {typed}", "nanobragg").detector
    assert (detector.pixels, detector.size) == ((5, 5), None)


@pytest.mark.spec("CLI-26")
@BOTH
@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("-pixel 0", "-pixel must be positive and finite, got 0 mm"),
        ("-pixel 0 -detpixels 3", "-pixel must be positive and finite, got 0 mm"),
        ("-pixel -1", "-pixel must be positive and finite, got -1 mm"),
        ("-detpixels -3", "-detpixels must be two positive integers (fast, slow), got (-3, -3)"),
        (
            "-detsize 0.04",
            "the detector must have at least one pixel along each edge, got -detsize_f 0.04",
        ),
        ("-detsize_s -7", "the detector must have at least one pixel along each edge, got -detsize_s -7 mm"),
        ("-detpixels 100000", "-detpixels must be fewer than 2147483648 in all"),
    ],
)
def test_detectors_without_pixels(typed: str, text: str, model: str) -> None:
    assert refused(f"{CRYSTAL} {typed}", ConfigError, model).startswith(text)


@pytest.mark.spec("CLI-27", "CLI-41")
@BOTH
def test_convention_chosen_last_holds(model: str) -> None:
    if model == "corrected":
        assert "-xds after it" in refused(SMALL + " -fdet_vector 1 0 0 -xds", UsageError)
    else:
        detector = made(SMALL + " -fdet_vector 1 0 0 -xds", model).detector
        assert detector.convention is Convention.XDS
        assert detector.fast_axis is None
    detector = made(SMALL + " -xds -fdet_vector 1 0 0 -twotheta 5", model).detector
    assert (detector.convention, detector.pivot) == (Convention.CUSTOM, Pivot.SAMPLE)
    assert detector.fast_axis.tolist() == [1, 0, 0]
    assert detector.slow_axis is None


@pytest.mark.spec("CLI-27")
def test_close_distance_holds_against_distance_in_the_program() -> None:
    for line in ("-distance 70 -close_distance 90", "-close_distance 90 -distance 70"):
        assert made(f"{SMALL} {line}", "nanobragg").detector.close_distance == 90


@pytest.mark.spec("CLI-27")
def test_first_pixel_is_obeyed_by_the_corrected_model_only() -> None:
    for model in ("nanobragg", "corrected"):
        zero = made(SMALL + " -pix0_vector 0 0 0", model).detector
        assert (zero.convention, zero.pix0) == (Convention.CUSTOM, None)
    line = SMALL + " -pix0_vector 0.1 0.002 -0.003"
    np.testing.assert_allclose(made(line, "corrected").detector.pix0, [100, 2, -3], rtol=1e-15)
    assert made(line, "nanobragg").detector.pix0 is None
    assert "-mosflm after it fixes the frame" in refused(line + " -mosflm", UsageError)


@pytest.mark.spec("CLI-27", "CLI-42")
@BOTH
@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("-distance 0", "-distance must be positive and finite, got 0 mm; use a rotation"),
        ("-distance -5", "-distance must be positive and finite, got -5 mm"),
        ("-close_distance 0", "-close_distance must be different from zero"),
        ("-odet_vector 0 0 0", "-odet_vector must be a vector with a direction, got [0.0, 0.0, 0.0]"),
        ("-spindle_axis 0 0 0", "-spindle_axis must be a vector with a direction"),
    ],
)
def test_detectors_that_are_nowhere(typed: str, text: str, model: str) -> None:
    assert refused(f"{SMALL} {typed}", ConfigError, model).startswith(text)


@pytest.mark.spec("CLI-28")
def test_sensor() -> None:
    bare = made(SMALL + " -detector_abs 100").detector
    assert (bare.sensor_thickness, bare.attenuation_depth, bare.sensor_layers) == (None, None, 1)
    plain = made(SMALL + " -detector_thick 300").detector
    assert (plain.sensor_thickness, plain.attenuation_depth, plain.sensor_layers) == (300, 300, 2)
    three = made(SMALL + " -detector_thick 300 -thicksteps 3 -detector_abs 200").detector
    assert (three.sensor_thickness, three.attenuation_depth, three.sensor_layers) == (300, 200, 3)
    longer = made(SMALL + " -detector_thick 300 -thicksteps 3 -detector_abs 200", "nanobragg").detector
    assert longer.sensor_thickness == pytest.approx(450, rel=1e-15)
    taken_away = made(SMALL + " -detector_thick 300 -detector_abs inf").detector
    assert taken_away.sensor_thickness is None


@pytest.mark.spec("CLI-28")
def test_sensor_that_absorbs_nothing() -> None:
    line = SMALL + " -detector_abs inf -detector_thick 300"
    assert np.isinf(made(line, "nanobragg").detector.attenuation_depth)
    assert refused(line, ConfigError).startswith("-detector_abs must be finite for a sensor that has a thick")
