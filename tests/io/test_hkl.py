"""Structure factors as text."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxbragg.errors import FormatError
from jaxbragg.io import hkl

GOLDEN = Path(__file__).parent / "golden"
pytestmark = pytest.mark.spec("FILE-1")


def written(tmp_path, text):
    path = tmp_path / "a.hkl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_file_of_the_reference_case():
    table = hkl.read_hkl(GOLDEN / "hkl_dump" / "a.hkl")
    assert table.indices.tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 1], [1, -1, 0], [-2, 1, 1]]
    assert table.indices.dtype == np.int64
    assert table.amplitudes.tolist() == [10, 11, 12.5, 13, 7.25]
    assert (table.index_min, table.index_max, table.n_duplicates) == ((-2, -1, 0), (1, 1, 1), 1)


def test_grid_fills_holes_and_keeps_the_last_duplicate():
    grid = hkl.read_hkl(GOLDEN / "hkl_dump" / "a.hkl").grid(2.0)
    assert grid.shape == (4, 3, 2)
    assert grid[2, 1, 1] == 12.5
    assert grid[3, 0, 0] == 13
    assert np.count_nonzero(grid == 2.0) == 24 - 4


@pytest.mark.parametrize(
    "text",
    [
        "1 2 3 4.5\n-1 0 0 6\n",
        "1 2 3 4.5\r\n-1 0 0 6\r\n",
        "1 2 3 4.5\r-1 0 0 6",
        "\n\n  1\t2   3 4.5  \n\n-1 0 0 6",
        "# h k l F\n1 2 3 4.5 # the first\n! x\n; y\n-1 0 0 6;z\n",
        "1 2 3 4.5 0.1 free\n-1 0 0 6 0.2\n",
        "1.0 2.000 3e0 4.5\n-1. 0.0 -0.0 6e0\n",
        b"\xef\xbb\xbf# \xc5\n1 2 3 4.5\n-1 0 0 6\n",
        gzip.compress(b"1 2 3 4.5\n-1 0 0 6\n", mtime=0),
    ],
)
def test_accepted_ways_of_writing(tmp_path, text):
    table = hkl.read_hkl(written(tmp_path, text))
    assert table.indices.tolist() == [[1, 2, 3], [-1, 0, 0]]
    assert table.amplitudes.tolist() == [4.5, 6]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "1 2 3 4\n1.5 0 0 2\n",
            "a.hkl:2: expected integers h k l, found 1.5; remove reflections with fractional indices, "
            "or index them on a larger cell",
        ),
        ("0 0 1e300 1\n", "a.hkl:1: expected integers h k l, found 1e+300; remove"),
        ("0 nan 1 1\n", "a.hkl:1: expected integers h k l, found nan; remove"),
        (
            "# x\n\n1 2 3 inf\n",
            "a.hkl:3: expected a finite amplitude F, found inf; remove the "
            "line; reflections that are not listed "
            "get the default amplitude",
        ),
        ("1 2 3 nan\n", "a.hkl:1: expected a finite amplitude F, found nan; remove"),
        (
            "h k l F\n1 2 3 4\n",
            "a.hkl:1: expected the numbers h k l F, found 'h' in 'h k l F'; "
            "start comment and heading lines with #",
        ),
        ("1 2 3 4\n1 2 3_0 4\n", "a.hkl:2: expected the numbers h k l F, found '3_0' in '1 2 3_0 4'; start"),
        ("1 2 3 ٣\n", "a.hkl:1: expected the numbers h k l F, found '٣' in '1 2 3 ٣'; start"),
        (
            "1 2 3\n",
            "a.hkl:1: expected four columns, h k l F, found 3 in '1 2 3'; write "
            "each reflection on one line of its own",
        ),
        ("1 2 x\n", "a.hkl:1: expected four columns"),
        (
            "# nothing\n",
            "a.hkl: expected at least one reflection, found none; give lines of "
            "h k l F, for example '1 0 -2 120.5'",
        ),
        ("", "a.hkl: expected at least one reflection"),
        (
            "-5 0 0 1\n1000 0 0 1\n\n0 1000 0 1\n0 0 1000 1\n",
            "a.hkl: expected indices whose box has at most 200000000 entries, found "
            "h from -5 (line 1) to 1000 (line 2), "
            "k from 0 (line 1) to 1000 (line 4), l from 0 (line 1) to 1000 (line 5); "
            "check these lines for columns that run together or are in another order",
        ),
    ],
)
def test_refused_with_place_and_remedy(tmp_path, text, message):
    with pytest.raises(FormatError) as caught:
        hkl.read_hkl(written(tmp_path, text))
    assert str(caught.value).startswith(f"{tmp_path}/{message}")


def test_report_counts_reflections_and_duplicates():
    text = hkl.report(hkl.read_hkl(GOLDEN / "hkl_dump" / "a.hkl"))
    assert text == (
        "5 reflections, h -2..1, k -1..1, l 0..1, 1 of them repeat earlier indices (the last one holds)"
    )


def test_report_is_silent_about_duplicates_where_there_are_none(tmp_path):
    assert hkl.report(hkl.read_hkl(written(tmp_path, "1 2 3 4"))) == "1 reflections, h 1..1, k 2..2, l 3..3"


reflections = st.lists(
    st.tuples(*[st.integers(-4, 4)] * 3, st.floats(-1e6, 1e6, allow_nan=False)), min_size=1, max_size=40
)


@given(rows=reflections, newline=st.sampled_from(["\n", "\r\n"]), extra=st.sampled_from(["", " 1.5", " x"]))
def test_what_is_written_is_read(tmp_path_factory, rows, newline, extra):
    path = tmp_path_factory.mktemp("hkl") / "a.hkl"
    path.write_bytes("".join(f"{h} {k} {l} {f!r}{extra}{newline}" for h, k, l, f in rows).encode())
    table = hkl.read_hkl(path)
    expected = {row[:3]: row[3] for row in rows}
    assert [(*i, f) for i, f in zip(table.indices.tolist(), table.amplitudes.tolist(), strict=True)] == rows
    assert table.n_duplicates == len(rows) - len(expected)
    grid = table.grid(-7.5)
    assert grid.shape == table.shape
    found = {
        tuple(int(x) for x in np.array(place) + table.index_min): value
        for place, value in np.ndenumerate(grid)
    }
    assert found == {place: expected.get(place, -7.5) for place in found}
    assert set(expected) <= set(found)


def test_tens_of_thousands_of_reflections_are_read(tmp_path):
    h, k, l = (x.ravel() - 16 for x in np.mgrid[:32, :32, :32])
    text = "".join(f"{a} {b} {c} {a + 40 * b}.25\n" for a, b, c in zip(h, k, l, strict=True))
    table = hkl.read_hkl(written(tmp_path, text))
    assert table.shape == (32, 32, 32)
    assert table.n_duplicates == 0
    np.testing.assert_array_equal(np.trunc(table.amplitudes), h + 40 * k)
