"""Numbers as the C library reads them: the longest valid beginning counts, the rest is left over.

Holds strtod, strtol, atof and atoi of glibc in the C locale. Which words an option accepts, and what is said
about left-over text, is decided in values.py.
"""

import re

_BLANKS = " \t\n\v\f\r"
_SIGN = r"[+-]?"
_HEXADECIMAL = r"0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?[0-9]+)?"
_DECIMAL = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_WORD = r"(?:inf(?:inity)?|nan(?:\([0-9A-Za-z_]*\))?)"
_REAL = re.compile(
    f"[{_BLANKS}]*({_SIGN})(?:({_HEXADECIMAL})|({_DECIMAL})|({_WORD}))", re.IGNORECASE | re.ASCII
)
_WHOLE = re.compile(f"[{_BLANKS}]*({_SIGN})0*([0-9]*)", re.ASCII)

LONG_MAX = 2**63 - 1
"""Largest C long of a 64-bit machine; strtol saturates there."""


def strtod(text: str) -> tuple[float, str]:
    """Read the floating-point number a text begins with.

    Args:
      text: any text; leading blanks and a sign are allowed, then a decimal or hexadecimal number, inf,
        infinity, nan or nan(digits), in either case.

    Returns:
      The number, and the text left over. Too large gives an infinity, too small a zero. Without a number the
      result is 0.0 and the whole text.
    """
    found = _REAL.match(text)
    if found is None:
        return 0.0, text
    sign, hexadecimal, decimal, word = found.groups()
    if hexadecimal:
        value = _from_hexadecimal(hexadecimal)
    elif decimal:
        value = float(decimal)
    else:
        value = float(word[:3])
    return (-value if sign == "-" else value), text[found.end() :]


def _from_hexadecimal(text: str) -> float:
    """An unsigned hexadecimal number; beyond the largest double it is infinite."""
    try:
        return float.fromhex(text)
    except OverflowError:
        return float("inf")


def strtol(text: str) -> tuple[int, str]:
    """Read the decimal whole number a text begins with.

    Args:
      text: any text; leading blanks and a sign are allowed.

    Returns:
      The number, held within -2^63 and 2^63 - 1, and the text left over. Without digits the result is 0 and
      the whole text.
    """
    found = _WHOLE.match(text)
    if found is None or not text[: found.end()].endswith(tuple("0123456789")):
        return 0, text
    sign, digits = found.groups()
    size = int(digits or "0") if len(digits) < 20 else LONG_MAX + 1
    value = max(-size, -LONG_MAX - 1) if sign == "-" else min(size, LONG_MAX)
    return value, text[found.end() :]


def atof(text: str) -> float:
    """The number a text begins with, 0.0 if there is none."""
    return strtod(text)[0]


def atoi(text: str) -> int:
    """The whole number a text begins with, as a C int.

    Args:
      text: any text.

    Returns:
      The low 32 bits of strtol, with sign: 2147483648 becomes -2147483648, 4294967296 becomes 0, and
      anything from 2^63 on becomes -1 (below -2^63: 0). 0 if there are no digits.
    """
    return wrap_int(strtol(text)[0])


def wrap_int(value: int) -> int:
    """The low 32 bits of a number, with sign, as a C int keeps them."""
    return (value + 2**31) % 2**32 - 2**31


def is_number(text: str) -> bool:
    """True if the whole text is one number, leading blanks allowed."""
    return bool(text) and strtod(text)[1] == "" and text.strip(_BLANKS) != ""
