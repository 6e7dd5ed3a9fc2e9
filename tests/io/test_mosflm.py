"""Orientation matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jaxbragg.errors import FormatError
from jaxbragg.io.mosflm import read_matrix

pytestmark = pytest.mark.spec("FILE-3")

MOSFLM_FILE = """ -0.00477619  0.01093870  0.00311250
  0.01271130  0.00412730  0.00223410
  0.00151780  0.00286370 -0.01194620
       0.000       0.000       0.000
  0.1234567  0.7654321 -0.1234567
     78.5     78.5     37.2   90.0   90.0   90.0
SYMM P43212
"""


def written(tmp_path, text):
    path = tmp_path / "A.mat"
    path.write_text(text)
    return path


def test_numbers_stand_as_in_the_file_and_the_rest_is_ignored(tmp_path):
    matrix = read_matrix(written(tmp_path, MOSFLM_FILE))
    assert matrix.shape == (3, 3)
    assert matrix[0].tolist() == [-0.00477619, 0.01093870, 0.00311250]
    assert matrix[:, 0].tolist() == [-0.00477619, 0.01271130, 0.00151780]


@pytest.mark.parametrize(
    "text", ["1 0 0 0 2 0 0 0 4", "1\n0\n0\n0\n2\n0\n0\n0\n4\n", "1 0 0\r\n0 2 0\r\n0 0 4 x"]
)
def test_line_structure_does_not_matter(tmp_path, text):
    assert read_matrix(written(tmp_path, text)).tolist() == [[1, 0, 0], [0, 2, 0], [0, 0, 4]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "1 0 0\n0 1 0\n",
            "A.mat: expected nine numbers, found 6; give the A matrix that MOSFLM wrote, three rows",
        ),
        ("", "A.mat: expected nine numbers, found 0; give"),
        (
            "1 0 0\n0 b* 0\n0 0 1",
            "A.mat:2: expected matrix element 5 of 9, a finite number, found "
            "'b*' in '0 b* 0'; give the A matrix",
        ),
        ("1 0 0 0 1 0 0 0 nan", "A.mat:1: expected matrix element 9 of 9, a finite number, found 'nan' in"),
        (
            "1 0 0 0 1 0 0 0 1e999",
            "A.mat:1: expected matrix element 9 of 9, a finite number, found '1e999' in",
        ),
        (
            "1 2 3 2 4 6 0 0 1",
            "A.mat: expected three columns a*, b*, c* that span a volume, "
            "found columns in one plane; give the A",
        ),
        ("10 1 0 0 0 1 0 1e-320 0", "A.mat: expected three columns a*, b*, c* that span a volume"),
        ("0 0 0 0 0 0 0 0 0", "A.mat: expected three columns a*, b*, c* that span a volume"),
        ("1 0 0 0 0 0 0 0 1", "A.mat: expected three columns a*, b*, c* that span a volume"),
    ],
)
def test_refused_with_place_and_remedy(tmp_path, text, message):
    with pytest.raises(FormatError) as caught:
        read_matrix(written(tmp_path, text))
    assert str(caught.value).startswith(f"{tmp_path}/{message}")


def test_tiny_elements_are_no_trouble(tmp_path):
    assert read_matrix(written(tmp_path, "1 0 0 0 1 0 0 1e-320 1"))[2, 1] == 1e-320


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_volume_is_judged_free_of_size(tmp_path, size):
    text = f"{size} 0 0 0 {size} {size} 0 0 {size}"
    assert read_matrix(written(tmp_path, text))[1, 2] == size


@given(matrix=hnp.arrays(np.float64, (3, 3), elements=st.floats(-1, 1)))
def test_what_is_written_is_read(tmp_path_factory, matrix):
    matrix = matrix + 5 * np.eye(3)
    path = tmp_path_factory.mktemp("mat") / "A.mat"
    path.write_text("\n".join(" ".join(map(repr, row)) for row in matrix.tolist()))
    assert read_matrix(path).tobytes() == matrix.tobytes()
