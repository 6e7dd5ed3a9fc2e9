"""Opening files, numbers in text, and the one-line error."""

import gzip
import math

import pytest

from jaxbragg.errors import FormatError
from jaxbragg.io import text


def test_gzip_is_recognised_by_content(tmp_path):
    path = tmp_path / "name_without_ending"
    path.write_bytes(gzip.compress(b"1 2\r\n3\r4\n"))
    assert text.read_text(path) == "1 2\n3\n4\n"


def test_byte_order_mark_and_foreign_bytes_do_no_harm(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbf1 # \xc5ngstr\xf6m\n")
    assert text.read_text(path).startswith("1 # ")


def test_damaged_gzip_names_the_file(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"1 2 3 4\n" * 1000)[:-10])
    with pytest.raises(
        FormatError, match=r"a\.gz: expected a complete gzip file, found a damaged one .*again$"
    ):
        text.read_text(path)


@pytest.mark.parametrize("content", [b"\x1f\x8b", b"\x1f\x8b\x08\x00garbage garbage garbage"])
def test_something_that_only_begins_like_gzip_is_refused(tmp_path, content):
    path = tmp_path / "a.gz"
    path.write_bytes(content)
    with pytest.raises(FormatError, match="complete gzip file"):
        text.read_bytes(path)
    assert text.read_bytes(path, expand=False) == content


def test_missing_file_says_so(tmp_path):
    message = (
        r"nothing\.hkl: expected a readable file, found none \(No such file or directory\); check the name"
    )
    with pytest.raises(FormatError, match=message):
        text.read_text(tmp_path / "nothing.hkl")


def test_folder_and_impossible_name_are_refused(tmp_path):
    with pytest.raises(FormatError, match="Is a directory"):
        text.read_text(tmp_path)
    with pytest.raises(FormatError, match="expected a readable file"):
        text.read_text("a\0b")


def test_too_large_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(text, "LARGEST_FILE", 1000)
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(bytes(1001)))
    with pytest.raises(FormatError, match="expected at most 1000 bytes, found more"):
        text.read_bytes(path)


def test_lines_are_counted_from_one():
    assert list(text.numbered_lines("a\nb\x0cc\n")) == [(1, "a"), (2, "b\x0cc"), (3, "")]


def test_error_is_one_line():
    error = text.format_error("f.hkl", 7, "a", text.quoted("x\ny" + "z" * 100), "c")
    assert "\n" not in str(error)
    assert str(error).startswith("f.hkl:7: expected a, found 'x\\nyzzz")
    assert str(error).endswith("...'; c")


@pytest.mark.parametrize(
    ("word", "value"),
    [("1", 1.0), ("-1.5e3", -1500.0), (".5", 0.5), ("1_0", None), ("٣", None), ("0x10", None), ("", None)],
)
def test_whole_word_numbers(word, value):
    assert text.number(word) == value


@pytest.mark.parametrize(
    ("start", "value"),
    [
        ("12abc", 12.0),
        ("  -3.5e2;", -350.0),
        (".5.5", 0.5),
        ("1e", 1.0),
        ("1e+", 1.0),
        ("abc", 0.0),
        ("", 0.0),
        ("-", 0.0),
        (".", 0.0),
        ("\n\t 7", 7.0),
        ("-infinity", float("-inf")),
    ],
)
def test_leading_numbers_follow_c(start, value):
    assert text.leading_number(start) == value


@pytest.mark.parametrize(
    ("value", "whole"), [(3.0, True), (-0.0, True), (0.5, False), (1e300, False), (2.0**31, False)]
)
def test_whole_numbers_fit_32_bits(value, whole):
    assert text.is_whole(value) is whole
    assert not text.is_whole(float("nan"))


@pytest.mark.spec("FILE-7")
@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.1, "0.1"),
        (-0.0, "-0"),
        (1234567.0, "1.23457e+06"),
        (1e-5, "1e-05"),
        (100000.0, "100000"),
        (999999.5, "1e+06"),
        (0.0001, "0.0001"),
        (1e100, "1e+100"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
        (-math.nan, "-nan"),
    ],
)
def test_reals_are_printed_as_c_does(value, printed):
    assert text.general(value) == printed
