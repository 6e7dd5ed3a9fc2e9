"""Detector options without effect: each text, warning or error, and silence where all is well."""

import pytest

from jaxbragg.errors import UsageError
from tests.cli.resolve.lines import BOTH, CRYSTAL, SMALL, notes, refused
from tests.cli.resolve.test_headers import HEADERS

pytestmark = pytest.mark.spec("CLI-41")


@BOTH
@pytest.mark.parametrize(
    "typed",
    [
        "-Xbeam 1 -Ybeam 2 -pivot beam",
        "-xds -ORGX 1 -ORGY 2 -twotheta 5",
        "-dials -pivot sample",
        "-adxv -Xbeam 3 -detector_rotx 5",
        "-pix0_vector 0 0 0 -Xclose 3 -pivot sample -twotheta 4",
        "-fdet_vector 0 0 1 -sdet_vector 0 -1 0 -odet_vector 1 0 0",
        "-fdet_vector 1 0 0 -sdet_vector 0 1 0 -odet_vector 0 0 3 -beam_vector 0 0 1",
        "-odet_vector 1.5 0 0",
        "-twotheta 0",
        "-detector_thick 300",
        "-detector_thick 300 -thicksteps 3 -detector_abs 200",
        "-detector_thick 300 -detector_abs inf",
        "-detsize_f 0.8",
    ],
)
def test_plain_lines_are_silent(typed: str, model: str) -> None:
    assert notes(f"{SMALL} {typed}", model) == []


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (
            "-ORGX 3 -Yclose 1",
            "-Yclose, -ORGX: no effect, the mosflm convention takes the beam centre from -Xbeam and -Ybeam; "
            "use these",
        ),
        (
            "-denzo -ORGY 3",
            "-ORGY: no effect, the denzo convention takes the beam centre from -Xbeam and -Ybeam; use these",
        ),
        (
            "-pivot sample",
            "-pivot has no effect: the mosflm convention turns the detector about the beam; leave it out",
        ),
        (
            "-pivot sample -adxv",
            "-pivot has no effect: the adxv convention turns the detector about the beam; leave it out",
        ),
        (
            "-spindle_axis 0 0 1 -pivot sample -distance 90",
            "-pivot has no effect: an option after it turns the detector about the beam; put -pivot last",
        ),
        (
            "-xds -pivot beam",
            "-pivot has no effect: the xds convention turns the detector about the sample; leave it out",
        ),
        (
            "-beam_vector 0 0 1 -pix0_vector 1 2 3 -xds",
            "-beam_vector, -pix0_vector: no effect, -xds after it fixes the frame; put -xds first or leave "
            "it out",
        ),
        (
            "-spindle_axis 0 1 0 -Xclose 3 -ORGX 5 -Xbeam 1 -ORGY 4 -Yclose 3",
            "-Xclose, -ORGX: no effect on the beam centre, -Xbeam decides in a custom frame; leave it out",
        ),
        (
            "-close_distance 90 -distance 100",
            "-distance has no effect: the distance along the detector's normal holds, from -close_distance; "
            "give only -close_distance",
        ),
        (
            "-detsize_s 99",
            "-detsize_s has no effect: 6 pixels of 0.1 mm hold, from -detpixels or an image header; leave it "
            "out",
        ),
    ],
)
def test_placements_that_something_else_decides(typed: str, text: str) -> None:
    assert text in notes(f"{SMALL} {typed}", "nanobragg")
    assert refused(f"{SMALL} {typed}", UsageError) == text


@BOTH
@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (
            "-xds -Xbeam 3 -Xclose 1",
            "-Xbeam, -Xclose: no effect, the xds convention takes the beam centre from -ORGX and -ORGY; "
            "use these",
        ),
        (
            "-dials -Ybeam 3",
            "-Ybeam: no effect, the dials convention takes the beam centre from -ORGX and -ORGY; use these",
        ),
        (
            "-adxv -twotheta 5",
            "-twotheta does not swing the detector about the sample in the adxv convention: the point where "
            "the beam hits it stays; use -xds, -dials or a custom frame",
        ),
        (
            "-odet_vector -2 0 0",
            "-odet_vector is replaced by fast x slow because its length is not exactly 1",
        ),
        (
            "-fdet_vector 1 0 0 -sdet_vector 0 1 0",
            "the detector normal 1 0 0 is not perpendicular to the fast and slow axes; give -odet_vector too",
        ),
        (
            "-detector_abs 100",
            "-detector_abs: no effect, there is no sensor without a positive -detector_thick",
        ),
        (
            "-detector_thick -5 -detector_abs 3",
            "-detector_abs, -detector_thick: no effect, there is no sensor without a positive "
            "-detector_thick",
        ),
        (
            "-thicksteps 3",
            "-thicksteps: no effect, there is no sensor without a positive -detector_thick",
        ),
        (
            "-detector_thick -5 -thicksteps 3",
            "-detector_thick -5 is taken as 0.5 µm; give a positive thickness",
        ),
    ],
)
def test_options_without_their_effect(typed: str, text: str, model: str) -> None:
    assert text in notes(f"{SMALL} {typed}", model)


def test_first_pixel() -> None:
    line = SMALL + " -pix0_vector 0.1 0.001 0.001 -distance 80 -pivot beam -Xbeam 3"
    assert refused(line, UsageError) == (
        "-distance, -Xbeam, -pivot: no effect, -pix0_vector places the detector; leave out one or the other"
    )
    assert notes(line, "nanobragg") == [
        "-pix0_vector selects the custom convention, but the nanobragg model does not use its value; use "
        "-model corrected, or place the detector by distance, centre and rotations"
    ]


def test_sensors_that_only_the_program_accepts() -> None:
    assert notes(SMALL + " -detector_abs inf -detector_thick 5", "nanobragg") == [
        "the image is all zero: -detector_abs says that the sensor of -detector_thick absorbs nothing"
    ]
    assert notes(SMALL + " -detector_thick 5 -thicksteps 1") == []
    assert notes(SMALL + " -detector_thick 5 -thicksteps 1", "nanobragg") == [
        "-thicksteps 1 is taken as 2 in the nanobragg model; use -model corrected"
    ]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (
            "-distance 80",
            "-distance has no effect: the distance along the detector's normal holds, from the image header; "
            "give only -close_distance",
        ),
        (
            "-detsize_f 99",
            "-detsize_f has no effect: 3 pixels of 0.2 mm hold, from -detpixels or an image header; leave it "
            "out",
        ),
        (
            "-spindle_axis 0 0 1 -ORGX 3",
            "-ORGX: no effect on the beam centre, -Xbeam of the image header decides in a custom frame; "
            "leave it out",
        ),
    ],
)
def test_headers_that_decide(typed: str, text: str) -> None:
    line, folder = f"{CRYSTAL} -img intimage.img {typed}", HEADERS / "header"
    assert text in notes(line, "nanobragg", folder)
    assert refused(line, UsageError, folder=folder) == text
