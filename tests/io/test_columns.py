"""Column text, as the reference program reads it and as we do."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxbragg.errors import FormatError
from jaxbragg.io.columns import lenient_rows, strict_rows

pytestmark = pytest.mark.spec("FILE-4")
nan = math.nan


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (b"-10 0 0 1 1e-10\n", [[-10, 0, 0, 1, 1e-10]]),
        (b"-10 0 0\n", [[-10, 0, 0, nan, nan]]),
        (b"-10 0 0  \n", [[-10, 0, 0, nan, nan]]),
        (b"-10 0 0", [[-10, 0, 0, 0, 0]]),
        (b"-10 0 0\r\n", [[-10, 0, 0, 0, 0]]),
        (b"-10 0 0 1 1e-10\r\n", [[-10, 0, 0, 1, 1e-10]]),
        (b"# x y z\n", [[0, 0, 0, 0, 0]]),
        (b"\n \t,;:!\n1 2\n", [[1, 2, nan, nan, nan]]),
        (b"\r\n", [[0, 0, 0, 0, 0]]),
        (b"1,2;3:4!5\n", [[1, 2, 3, 4, 5]]),
        (b"1,,2 , 3 4 5 6 7 text\n", [[1, 2, 3, 4, 5]]),
        (b"nan 1 nan \n", [[nan, 1, nan, nan, nan]]),
        (b"nan 1 nan\n", [[nan, 1, nan, 0, 0]]),
        (b"1x 2y\n", [[1, 2, 0, 0, 0]]),
        (b"1.5e3G 2\n", [[1500, 2, nan, nan, nan]]),
        (b"", []),
        (b"1 2\0 3\n4\n", [[1, 2, 0, 0, 0], [4, nan, nan, nan, nan]]),
    ],
)
def test_lenient_reading_keeps_the_oddities_of_the_reference(tmp_path, text, rows):
    path = tmp_path / "s.txt"
    path.write_bytes(text)
    np.testing.assert_array_equal(lenient_rows(path, 5), np.array(rows, dtype=float).reshape(-1, 5))


def test_lenient_reading_cuts_very_long_lines(tmp_path):
    path = tmp_path / "s.txt"
    path.write_bytes(b"1 " + b"0" * 10240 + b"7 8\n")
    rows = lenient_rows(path, 2)
    assert rows.tolist() == [[1, 0], [7, 8]]


@pytest.mark.parametrize(
    "text",
    ["1 2\n3 nan\n", "1 2\r\n3\r\n", "1,2\n3", "# x\n\n! y\n; z\n1 2 # end\n3\n", "1 2 text\n3 nan more\n"],
)
def test_strict_reading_understands_comments_and_line_ends(tmp_path, text):
    path = tmp_path / "s.txt"
    path.write_bytes(text.encode())
    rows = [values for _, values in strict_rows(path, ("X", "Y"))]
    np.testing.assert_array_equal(np.array(rows), [[1, 2], [3, nan]])


@pytest.mark.parametrize("word", ["text", "inf", "1x", "1_0"])
def test_strict_reading_refuses_text(tmp_path, word):
    path = tmp_path / "s.txt"
    path.write_text(f"1 2\n1 {word}\n")
    with pytest.raises(FormatError) as caught:
        list(strict_rows(path, ("X", "Y")))
    assert str(caught.value) == (
        f"{path}:2: expected a number in column 2, Y, found '{word}' in '1 {word}'; "
        "start comment lines with #, and write nan for a value you do not know"
    )


@given(
    rows=st.lists(
        st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5), max_size=6
    ),
    delimiter=st.sampled_from([" ", "\t", ",", " ; ", ":", "!"]),
)
def test_both_readings_agree_on_plain_files(tmp_path_factory, rows, delimiter):
    path = tmp_path_factory.mktemp("columns") / "s.txt"
    path.write_bytes("".join(delimiter.join(map(repr, row)) + "\n" for row in rows).encode())
    strict = [values for _, values in strict_rows(path, tuple("abcde"))]
    expected = [row + [nan] * (5 - len(row)) for row in rows]
    np.testing.assert_array_equal(np.array(strict), np.array(expected))
    np.testing.assert_array_equal(lenient_rows(path, 5), np.array(expected).reshape(-1, 5))
