"""C number reading against the C library itself, and the corners that a script may meet."""

import ctypes
import math
import platform

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxbragg.cli.c_numbers import atof, atoi, is_number, strtod, strtol, wrap_int

glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="compares with glibc, which is not here")

NUMBER_LIKE = st.text("0123456789+-.eExXpPabfinINFtyaN_() \t", max_size=14)
NUMBERS = st.one_of(st.floats().map(repr), st.floats(allow_nan=False, allow_infinity=False).map(float.hex))


def library_strtod(text: str) -> tuple[float, int]:
    function = ctypes.CDLL(None).strtod
    function.restype = ctypes.c_double
    function.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_char_p)]
    buffer = ctypes.create_string_buffer(text.encode())
    end = ctypes.c_char_p()
    value = function(ctypes.cast(buffer, ctypes.c_char_p), ctypes.byref(end))
    return value, len(end.value or b"")


def library_atoi(text: str) -> int:
    function = ctypes.CDLL(None).atoi
    function.restype = ctypes.c_int
    return int(function(text.encode()))


@glibc
@pytest.mark.spec("CLI-8")
@given(st.one_of(NUMBER_LIKE, NUMBERS, NUMBERS.flatmap(lambda n: NUMBER_LIKE.map(lambda rest: n + rest))))
def test_reals_agree_with_the_c_library(text: str) -> None:
    value, rest = strtod(text)
    expected, length = library_strtod(text)
    assert len(rest) == length
    assert value == expected or (math.isnan(value) and math.isnan(expected))
    assert math.isnan(value) or math.copysign(1, value) == math.copysign(1, expected)


@glibc
@pytest.mark.spec("CLI-8")
@given(st.one_of(NUMBER_LIKE, st.integers().map(str), st.integers(-(2**66), 2**66).map(str)))
def test_whole_numbers_agree_with_the_c_library(text: str) -> None:
    assert atoi(text) == library_atoi(text)


@pytest.mark.spec("CLI-8")
@pytest.mark.parametrize(
    ("text", "value", "rest"),
    [
        ("1.5", 1.5, ""),
        (" \t-2", -2.0, ""),
        ("+.5e1x", 5.0, "x"),
        ("5.", 5.0, ""),
        ("1e", 1.0, "e"),
        ("1e+", 1.0, "e+"),
        ("0x10", 16.0, ""),
        ("0x1.8p3", 12.0, ""),
        ("0x", 0.0, "x"),
        ("0xg", 0.0, "xg"),
        ("infinite", math.inf, "inite"),
        ("-INFINITY", -math.inf, ""),
        ("1e999", math.inf, ""),
        ("-0x1p99999", -math.inf, ""),
        ("1e-999", 0.0, ""),
        ("abc", 0.0, "abc"),
        ("", 0.0, ""),
        ("- 1", 0.0, "- 1"),
        ("1_000", 1.0, "_000"),
        ("٣", 0.0, "٣"),
        (".", 0.0, "."),
    ],
)
def test_longest_beginning_is_the_number(text: str, value: float, rest: str) -> None:
    assert strtod(text) == (value, rest)


@pytest.mark.spec("CLI-8")
def test_nan_may_have_a_payload() -> None:
    value, rest = strtod("-nan(12)(")
    assert math.isnan(value) and rest == "("


@pytest.mark.spec("CLI-8")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e1", 1),
        ("5.9", 5),
        (" -7x", -7),
        ("abc", 0),
        ("", 0),
        ("0x10", 0),
        ("2147483647", 2147483647),
        ("2147483648", -2147483648),
        ("4294967296", 0),
        ("4294967301", 5),
        ("9223372036854775808", -1),
        ("-9223372036854775809", 0),
        ("9" * 5000, -1),
        ("0" * 5000 + "12", 12),
        ("+", 0),
    ],
)
def test_whole_numbers_stop_at_other_characters_and_wrap_at_32_bits(text: str, value: int) -> None:
    assert atoi(text) == value


@pytest.mark.spec("CLI-8")
def test_long_saturates_before_it_wraps() -> None:
    assert strtol("99999999999999999999z") == (2**63 - 1, "z")
    assert strtol("-99999999999999999999") == (-(2**63), "")
    assert wrap_int(2**31) == -(2**31)


@pytest.mark.spec("CLI-8")
def test_blind_reading_of_text_is_zero() -> None:
    assert atof("-cell") == 0.0
    assert atof("70abc") == 70.0


@pytest.mark.spec("CLI-9")
def test_a_number_must_fill_the_word() -> None:
    assert all(map(is_number, ["1", "-1e-3", "inf", "-nan", "0x1p3", " 4"]))
    assert not any(map(is_number, ["", " ", "-", "1 ", "1a", "-infile", "e5"]))
