"""Binary boxes of structure factors."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jaxbragg.errors import ConfigError, FormatError
from jaxbragg.io import fdump, hkl

GOLDEN = Path(__file__).parent / "golden"
pytestmark = pytest.mark.spec("FILE-2")


def test_written_bytes_are_those_of_the_reference_program(tmp_path):
    table = hkl.read_hkl(GOLDEN / "hkl_dump" / "a.hkl")
    path = tmp_path / "Fdump.bin"
    fdump.write_fdump(path, table.grid(2.0), table.index_min)  # the case was run with -default_F 2
    assert path.read_bytes() == (GOLDEN / "hkl_dump" / "Fdump.bin").read_bytes()


@pytest.mark.parametrize("skip_whitespace", [False, True])
def test_file_of_the_reference_program_is_read(skip_whitespace):
    box = fdump.read_fdump(GOLDEN / "hkl_dump" / "Fdump.bin", skip_whitespace=skip_whitespace)
    table = hkl.read_hkl(GOLDEN / "hkl_dump" / "a.hkl")
    assert (box.index_min, box.index_max) == (table.index_min, table.index_max)
    np.testing.assert_array_equal(box.values, table.grid(2.0))
    assert box.padded.shape == (5, 4, 3)
    assert box.padded.dtype == np.float64


def test_first_byte_that_looks_like_white_space(tmp_path):
    grid = np.full((2, 2, 2), 151.32)  # its lowest byte is a line feed
    path = tmp_path / "Fdump.bin"
    fdump.write_fdump(path, grid, (0, 0, 0))
    np.testing.assert_array_equal(fdump.read_fdump(path).values, grid)
    content = path.read_bytes()
    swallowed = content[content.index(b"\f") + 2 :] + b"\0"
    mimicked = fdump.read_fdump(path, skip_whitespace=True).padded
    np.testing.assert_array_equal(mimicked.ravel().view(np.uint8), np.frombuffer(swallowed, np.uint8))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected six integers, the corners of a box of reflections, found ''; remove it and let"),
        (
            b"\x00\x01\x02",
            r"expected six integers, the corners of a box of reflections, found '\x00\x01\x02'; ",
        ),
        (b"0 0 0 0 0 0.5\n\f", "expected six integers"),
        (b"0 1 0 1 0\n\f" + bytes(216), "expected six integers"),
        (
            b"0 0 0 0 0 0\n" + bytes(64),
            r"expected a line end and a form feed after the six integers, found '\n\x00'",
        ),
        (b"0 0 0 0 0 0", "expected a line end and a form feed after the six integers, found 'nothing'"),
        (
            b"0 0 0 0 0 0\n\f" + bytes(63),
            "expected 64 bytes for 2 x 2 x 2 amplitudes after the header, found 63; ",
        ),
        (
            b"0 0 0 0 0 0\n\f" + bytes(65),
            "expected 64 bytes for 2 x 2 x 2 amplitudes after the header, found 65; ",
        ),
        (
            b"1 0 0 0 0 0\n\f",
            "expected corners of a box with 1 to 200000000 reflections, found "
            "h 1..0, k 0..0, l 0..0; remove it",
        ),
        (
            b"-99999999 99999999 0 99999999 0 1\n\f",
            "expected corners of a box with 1 to 200000000 reflections",
        ),
        (b"0 0 0 0 0 0\n\f" + b"\xff" * 64, "expected finite amplitudes, found nan or infinity; remove it"),
    ],
)
def test_refused_with_reason(tmp_path, content, message):
    path = tmp_path / "f.bin"
    path.write_bytes(content)
    with pytest.raises(FormatError) as caught:
        fdump.read_fdump(path)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_only_boxes_can_be_written(tmp_path):
    with pytest.raises(
        ConfigError, match=r"must have the shape \(n_h, n_k, n_l\), got \(2, 2\); reshape them"
    ):
        fdump.write_fdump(tmp_path / "f", np.zeros((2, 2)), (0, 0, 0))


@given(
    grid=hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=3, max_dims=3, max_side=4),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    ),
    corner=st.tuples(*[st.integers(-1000, 1000)] * 3),
)
def test_what_is_written_is_read(tmp_path_factory, grid, corner):
    path = tmp_path_factory.mktemp("fdump") / "f.bin"
    fdump.write_fdump(path, grid, corner)
    box = fdump.read_fdump(path)
    assert box.values.tobytes() == grid.tobytes()
    assert box.index_min == corner
    assert box.index_max == tuple(low + n - 1 for low, n in zip(corner, grid.shape, strict=True))
    assert not box.padded[-1].any()
    assert not box.padded[:, -1].any()
    assert not box.padded[:, :, -1].any()
