"""Tables of amorphous scattering."""

import pytest

from jaxbragg.errors import FormatError
from jaxbragg.io.stol import read_stol

pytestmark = pytest.mark.spec("FILE-5")


def test_two_columns_and_comments(tmp_path):
    path = tmp_path / "water.stol"
    path.write_text("# stol F\n0 2.57\n0.18 3 extra\n0.2\n")
    table = read_stol(path)
    assert table.stol.tolist() == [0, 0.18, 0.2]
    assert table.amplitudes.tolist() == [2.57, 3, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 1\n-1 2\n", ":2: expected sin(theta)/lambda of 0 or more, found -1; correct or remove the line"),
        ("nan 2\n", ":1: expected sin(theta)/lambda of 0 or more, found nan; correct or remove the line"),
        ("a 2\n", ":1: expected a number in column 1, sin(theta)/lambda, found 'a' in 'a 2'; start comment"),
        ("0 b\n", ":1: expected a number in column 2, F, found 'b'"),
        ("\n", ": expected at least one line, found none; give lines of sin(theta)/lambda and F"),
    ],
)
def test_refused_with_place_and_remedy(tmp_path, text, message):
    path = tmp_path / "water.stol"
    path.write_text(text)
    with pytest.raises(FormatError) as caught:
        read_stol(path)
    assert str(caught.value).startswith(f"{path}{message}")
