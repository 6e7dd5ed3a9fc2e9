"""PGM pictures."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from jaxbragg.errors import ConfigError
from jaxbragg.io.floats import read_float_image
from jaxbragg.io.pgm import grey_levels, write_pgm

GOLDEN = Path(__file__).parent / "golden"
pytestmark = pytest.mark.spec("FILE-9")


@pytest.mark.parametrize(
    ("case", "shape", "scale"), [("scaled", (24, 24), 0.7), ("noise3", (3, 3), 0.907436)]
)
def test_picture_of_the_reference_program_byte_for_byte(tmp_path, case, shape, scale):
    image = read_float_image(GOLDEN / case / "floatimage.bin", shape)
    write_pgm(tmp_path / "a.pgm", grey_levels(image, scale), scale)
    assert (tmp_path / "a.pgm").read_bytes() == (GOLDEN / case / "image.pgm").read_bytes()


def test_header_and_order_of_the_worked_example(tmp_path):
    pixels = np.array([[1, 4, 33], [5, 18, 137], [5, 18, 137], [1, 4, 33]], dtype=np.uint8)
    write_pgm(tmp_path / "a.pgm", pixels, 0.46952178)
    assert (tmp_path / "a.pgm").read_bytes() == (GOLDEN / "header" / "image.pgm").read_bytes()


def test_grey_levels_are_cut_off_and_truncated():
    image = np.array([[-3.0, 0.0, 0.999, 1.0, 254.999, 255.0, 256.0, np.inf, -np.inf, np.nan]])
    assert grey_levels(image, 1.0).tolist() == [[0, 0, 0, 1, 254, 255, 255, 255, 0, 0]]


@pytest.mark.parametrize("pixels", [np.zeros((2, 3)), np.zeros(6, dtype=np.uint8)])
def test_only_grey_levels_can_be_written(tmp_path, pixels):
    with pytest.raises(
        ConfigError, match=r"PGM pixels must be uint8 of shape \(slow, fast\), got .*grey_levels\(\)"
    ):
        write_pgm(tmp_path / "a.pgm", pixels, 1.0)


@given(pixels=hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6)))
def test_pillow_reads_what_we_write(tmp_path_factory, pixels):
    image_module = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    path = tmp_path_factory.mktemp("pgm") / "a.pgm"
    write_pgm(path, pixels, 0.125)
    with image_module.open(path) as picture:
        assert np.array(picture).tobytes() == pixels.tobytes()
