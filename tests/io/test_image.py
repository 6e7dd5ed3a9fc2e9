"""Images of three kinds, told apart by their first bytes."""

import numpy as np
import pytest

import jaxbragg
from jaxbragg.io.floats import write_float_image
from jaxbragg.io.image import read_image
from jaxbragg.io.npy import write_npy
from jaxbragg.io.smv import format_header, write_smv

VALUES = np.arange(12.0).reshape(3, 4)


@pytest.mark.spec("REF-22")
@pytest.mark.parametrize("kind", ["smv", "npy", "floats"])
def test_every_kind_gives_the_same_numbers(tmp_path, kind):
    path = tmp_path / "image"
    if kind == "smv":
        header = format_header(
            {"DIM": 2, "BYTE_ORDER": "little_endian", "TYPE": "unsigned_short", "SIZE1": 4, "SIZE2": 3}
        )
        write_smv(path, header, VALUES.astype(np.uint16))
    elif kind == "npy":
        write_npy(path, VALUES)
    else:
        write_float_image(path, VALUES.astype(np.float32))
    image = read_image(path, (3, 4))
    assert image.values.dtype == np.float64
    np.testing.assert_array_equal(image.values, VALUES)
    assert image.largest == (65535.0 if kind == "smv" else None)


@pytest.mark.spec("FILE-10")
@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\x93NUMPY\x01\x00v\x00{'descr': '<f8'", "a NumPy file with one array"),
        (b"12345", "48 bytes for 4 x 3 pixels"),
    ],
)
def test_broken_files_are_refused(tmp_path, content, text):
    path = tmp_path / "image"
    path.write_bytes(content)
    with pytest.raises(jaxbragg.FormatError, match=text):
        read_image(path, (3, 4))


@pytest.mark.spec("FILE-10")
def test_arrays_of_something_else_are_refused(tmp_path):
    path = tmp_path / "image.npy"
    np.save(path, np.array(["a", "b"]))
    with pytest.raises(jaxbragg.FormatError, match="an array of real numbers"):
        read_image(path, (3, 4))
