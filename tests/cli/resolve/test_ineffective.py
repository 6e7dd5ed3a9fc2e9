"""Beam, crystal, spindle and sampling options without effect: each text, and silence where all is well."""

from pathlib import Path

import pytest

from jaxbragg.errors import UsageError
from tests.cli.resolve.lines import BOTH, SMALL, notes, refused

pytestmark = pytest.mark.spec("CLI-41")


@BOTH
@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-flux 1e12 -exposure 2 -beamsize 0.05",
        "-fluence 1e20",
        "-nopolar -polar 0.5",
        "-hdivrange 3 -hdivsteps 3 -vdivstep 2 -dispersion 1 -dispsteps 2",
        "-hdivsteps 2 -hdivstep 1",
        "-hdivrange 0 -hdivsteps 1",
        "-fudge 2 -round_xtal",
        "-fudge 1",
        "-mosaic 0.5 -mosaic_dom 3 -mosaic_seed 4",
        "-mosaic_dom 1",
        "-osc 1 -phisteps 3",
        "-osc 0.9 -phisteps 3 -phistep 0.3",
        "-phisteps 1",
        "-phistep 2 -phisteps 2",
        "-roi 1 5 2 3",
        "-nointerpolate",
        "-oversample_polar",
    ],
)
def test_plain_lines_are_silent(typed: str, model: str) -> None:
    assert notes(f"{SMALL} {typed}", model) == []


@BOTH
@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("-exposure 3", "-exposure has no effect without -flux"),
        (
            "-fluence 1e20 -flux 1e12",
            "-fluence has no effect: -flux, -exposure and -beamsize decide; leave out -flux to use it",
        ),
        (
            "-flux 1e12 -exposure 0",
            "-flux is not used because -exposure is not positive; the default fluence holds",
        ),
        (
            "-flux 1e12 -exposure -2 -beamsize -1 -fluence 1e20",
            "-flux is not used because -exposure is not positive and -beamsize is negative; -fluence holds",
        ),
        ("-polar 0.5 -nopolar", "-polar has no effect: -nopolar after it cancels it"),
        ("-hdivsteps 3", "-hdivsteps without -hdivrange spreads over 1 radian; give -hdivrange"),
        (
            "-vdivsteps 5 -vdivstep 1",
            "-vdivsteps is not used: -vdivstep alone makes two points; give -vdivrange too",
        ),
        ("-hdivsteps 3 -hdivrange 0", "-hdivsteps has no effect without -hdivrange"),
        (
            "-hdivsteps 1 -hdivrange 4",
            "-hdivsteps 1 is taken as 2, the ends of -hdivrange; leave out -hdivrange for one",
        ),
        ("-dispsteps 3", "-dispsteps has no effect without -dispersion"),
        (
            "-dispsteps 3 -dispersion -1",
            "-dispsteps without -dispersion spreads over 100 %; give -dispersion",
        ),
        (
            "-fudge 2",
            "-fudge has no effect on square crystals; give -round_xtal, -gauss_xtal or -tophat_spots",
        ),
        ("-mosaic_dom 5", "-mosaic_dom has no effect without -mosaic; there is one domain"),
        ("-mosaic_seed 5 -mosaic -2", "-mosaic_seed has no effect without -mosaic"),
        ("-misset_seed 5", "-misset_seed has no effect without -misset random"),
        ("-phisteps 5", "-phisteps without -osc spreads over 1 degree; give -osc"),
        (
            "-phisteps 5 -phistep 1",
            "-phisteps is not used: -phistep alone makes two steps; give -osc too",
        ),
        (
            "-phisteps 5 -phistep 1 -osc 3",
            "-osc 3 has no effect on the image: -phisteps and -phistep cover 5 degrees; leave out one of the "
            "three",
        ),
        ("-roi 4 2 0 5", "-roi leaves nothing to compute; the image is all zero"),
        ("-roi 100 200 0 5", "-roi leaves nothing to compute; the image is all zero"),
        ("-interpolate", "-interpolate has no effect without a list of structure factors"),
    ],
)
def test_options_without_their_effect(typed: str, text: str, model: str) -> None:
    assert notes(f"{SMALL} {typed}", model) == [text]


def test_polarization_that_comes_back_in_the_program() -> None:
    line = SMALL + " -nopolar -oversample_polar"
    assert notes(line) == []
    assert notes(line, "nanobragg") == [
        "-nopolar has no effect beside -oversample_polar in the nanobragg model; leave out the latter"
    ]


def test_spread_beside_a_source_file(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text("-1 0 0 1 1e-10\n")
    line = SMALL + " -sourcefile s.txt -dispersion 3 -hdivsteps 2"
    text = "without effect beside -sourcefile: -dispersion, -hdivsteps; leave out one or the other"
    assert notes(line, "nanobragg", tmp_path) == [text]
    assert refused(line, UsageError, folder=tmp_path) == text


def test_notes_of_the_scanner_are_passed_on_once() -> None:
    line = SMALL + " -density 1 -density 1"
    (note,) = notes(line, "nanobragg")
    assert note.startswith("-density has no effect")
    assert refused(line, UsageError) == f"{note}; leave it out"
