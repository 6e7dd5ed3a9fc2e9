"""What the headers of -img and -mask fill in."""

from pathlib import Path

import numpy as np
import pytest

from jaxbragg.config.choices import Convention
from jaxbragg.errors import ConfigError, FormatError
from tests.cli.resolve.lines import BOTH, SMALL, made, refused

HEADERS = Path(__file__).parents[2] / "io" / "golden"


@pytest.mark.spec("CLI-25")
@BOTH
def test_img_header_fills_in_what_was_not_typed(model: str) -> None:
    line = "-cell 70 80 90 -default_F 100 -oversample 1 -img intimage.img"
    found = made(line, model, HEADERS / "header")
    detector, rotation = found.detector, found.rotation
    assert detector.pixels == (3, 4)
    assert detector.convention is Convention.MOSFLM
    assert (detector.pixel_size, detector.close_distance, found.beam.wavelength) == (0.2, 123, 1.5)
    assert (detector.beam_x, detector.beam_y) == (0.3, 0.5)
    assert (rotation.phi, rotation.osc, rotation.steps) == (10, 2, 2)
    assert detector.org_x is not None and found.sampling.mask is None


@pytest.mark.spec("CLI-25", "CLI-20")
@BOTH
@pytest.mark.parametrize(
    ("typed", "centre"),
    [("-Xbeam 1 -Ybeam 2", ("beam_x", "beam_y", 1, 2)), ("-xds -ORGX 5 -ORGY 6", ("org_x", "org_y", 5, 6))],
)
def test_what_is_typed_holds_against_headers(
    typed: str, centre: tuple[str, str, float, float], model: str
) -> None:
    line = (
        f"-detpixels 6 -pixel 0.5 -close_distance 77 -lambda 2 {typed} -phi 3 -osc 4 "
        "-cell 70 80 90 -default_F 100 -oversample 1 -img intimage.img"
    )
    found = made(line, model, HEADERS / "header")
    detector, rotation = found.detector, found.rotation
    x, y, *place = centre
    assert detector.pixels == (6, 6)
    assert (detector.pixel_size, detector.close_distance, found.beam.wavelength) == (0.5, 77, 2)
    assert [getattr(detector, x), getattr(detector, y)] == place
    assert (rotation.phi, rotation.osc) == (3, 4)


def smv(folder: Path, name: str, *lines: str, data: list[int] | None = None) -> None:
    """A little-endian image of 2 x 3 pixels (fast x slow)."""
    head = (
        "HEADER_BYTES=512",
        "BYTE_ORDER=little_endian",
        "TYPE=unsigned_short",
        "SIZE1=2",
        "SIZE2=3",
        *lines,
    )
    text = "{\n" + "".join(f"{line};\n" for line in head) + "}\f"
    pixels = np.array(data or [1] * 6, dtype="<u2")
    (folder / name).write_bytes(text.encode().ljust(512) + pixels.tobytes())


@pytest.mark.spec("CLI-25")
def test_mask_header_counts_ybeam_from_the_other_end(tmp_path: Path) -> None:
    smv(
        tmp_path,
        "m.img",
        "PIXEL_SIZE=0.5",
        "BEAM_CENTER_X=0.25",
        "BEAM_CENTER_Y=0.5",
        data=[1, 0, 1, 7, 1, 1],
    )
    line = "-cell 70 -default_F 100 -oversample 1"
    masked = made(line + " -mask m.img", folder=tmp_path)
    assert (masked.detector.beam_x, masked.detector.beam_y) == (0.25, 3 * 0.5 - 0.5)
    assert masked.sampling.mask.tolist() == [[1, 0], [1, 1], [1, 1]]
    image = made(line + " -img m.img", folder=tmp_path)
    assert (image.detector.beam_x, image.detector.beam_y) == (0.25, 0.5)
    assert image.sampling.mask is None
    typed = made(line + " -mask m.img -Ybeam 0.1", folder=tmp_path)
    assert typed.detector.beam_y == 0.1


@pytest.mark.spec("CLI-25")
@pytest.mark.parametrize("order", ["-mask m.img -img i.img", "-img i.img -mask m.img"])
def test_img_header_holds_against_mask_header(order: str, tmp_path: Path) -> None:
    smv(tmp_path, "m.img", "PIXEL_SIZE=0.5", "WAVELENGTH=2", "DISTANCE=90")
    smv(tmp_path, "i.img", "PIXEL_SIZE=0.5", "WAVELENGTH=3", "PHI=4")
    found = made(f"-cell 70 -default_F 100 -oversample 1 {order}", folder=tmp_path)
    assert (found.beam.wavelength, found.detector.distance, found.rotation.phi) == (3, 90, 4)


@pytest.mark.spec("CLI-25")
@BOTH
@pytest.mark.parametrize("option", ["-mask", "-img"])
def test_image_that_cannot_be_read(option: str, model: str, tmp_path: Path) -> None:
    assert "none.img: expected a readable file" in refused(
        f"{SMALL} {option} none.img", FormatError, model, tmp_path
    )


@pytest.mark.spec("CLI-25", "CLI-42")
def test_mask_of_another_shape(tmp_path: Path) -> None:
    smv(tmp_path, "m.img")
    text = refused(SMALL + " -mask m.img", ConfigError, folder=tmp_path)
    assert text.startswith("-mask must have the detector's shape (slow, fast) = (6, 8), got (3, 2)")
