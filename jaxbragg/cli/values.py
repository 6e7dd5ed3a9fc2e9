"""From the words that follow an option to the settings it makes: numbers, names, and the few special forms.

Rules: specs/command_line.md CLI-7 to CLI-14.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from jaxbragg.cli.c_numbers import atof, atoi, is_number, strtod, strtol, wrap_int
from jaxbragg.cli.flags import Flag
from jaxbragg.cli.matching import is_spelled
from jaxbragg.errors import UsageError


class Care(Enum):
    """How closely the words are looked at."""

    EXACT = auto()
    """The whole word must be a number."""
    TOLERANT = auto()
    """The word must begin with a number; a rest is reported and dropped, as the program drops it."""
    BLIND = auto()
    """As the program: anything else counts as 0, and an option with too few words is passed over."""


@dataclass(frozen=True)
class Reading:
    """What one option found.

    Attributes:
      used: how many words it took.
      settings: fields of `Options` and their new values.
      notes: what should be reported to the user.
    """

    used: int
    settings: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def read_values(flag: Flag, words: Sequence[str], care: Care) -> Reading:
    """Take the values of an option from the words after it.

    Args:
      flag: the option.
      words: the rest of the command line, from the word after the option on.
      care: how closely to look.

    Returns:
      The words taken, the settings including the effects of the option, and notes.

    Raises:
      UsageError: values are missing or are not what the option expects (never if `care` is BLIND).
    """
    if flag.ignored:
        return _read_ignored(flag, words)
    special = _SPECIAL.get(flag.args[0]) if flag.args else None
    reading = (special or _read_plain)(flag, words, care)
    if reading.used or not flag.args:
        reading.settings.update(flag.effects)
    return reading


def _read_plain(flag: Flag, words: Sequence[str], care: Care) -> Reading:
    """As many values as the option has, each of its kind."""
    count = len(flag.args)
    if len(words) < count:
        if care is Care.BLIND:
            return Reading(0, {})
        raise _wrong(flag, "the end of the line")
    notes: list[str] = []
    values = [_KINDS[kind](flag, word, care, notes) for kind, word in zip(flag.args, words, strict=False)]
    value = values[0] if count == 1 else tuple(values)
    if flag.convert and values:
        value = flag.convert(values[0])
    return Reading(count, dict.fromkeys(flag.target, value), notes)


def _read_ignored(flag: Flag, words: Sequence[str]) -> Reading:
    """Whatever looks like the values of an option without effect."""
    used = 0
    for kind, word in zip(flag.args, words, strict=False):
        if is_spelled(word) or not (kind == "str" or is_number(word)):
            break
        used += 1
    return Reading(used, dict.fromkeys(flag.target, words[0]) if used else {})


def _read_cell(flag: Flag, words: Sequence[str], care: Care) -> Reading:
    """Up to six numbers, ended by the end of the line or by anything with a leading dash."""
    notes: list[str] = []
    edges: list[float] = []
    for word in words[:6]:
        if word.startswith("-"):
            break
        edges.append(_real(flag, word, care, notes))
    if not edges and care is not Care.BLIND:
        raise _wrong(flag, _describe(words[0]) if words else "the end of the line")
    return Reading(len(edges), {"cell": tuple(edges)} if edges else {}, notes)


def _read_misset(flag: Flag, words: Sequence[str], care: Care) -> Reading:
    """Three angles, or one word with `rand` in it."""
    if words and "rand" in words[0]:
        return Reading(1, {"misset": "random"})
    if len(words) < 3 and care is Care.BLIND:
        return Reading(0, {})
    notes: list[str] = []
    angles = tuple(_real(flag, word, care, notes) for word in words[:3])
    if len(angles) < 3:
        raise _wrong(flag, "the end of the line")
    return Reading(3, {"misset": angles}, notes)


def _read_pivot(flag: Flag, words: Sequence[str], care: Care) -> Reading:
    """A word with `beam` or else `sample` in it."""
    found = [side for side in ("beam", "sample") if words and side in words[0]]
    if not found and care is not Care.BLIND:
        raise _wrong(flag, _describe(words[0]) if words else "the end of the line")
    return Reading(1, {"pivot": found[0]}) if found else Reading(0, {})


def _read_depth(flag: Flag, words: Sequence[str], care: Care) -> Reading:
    """An attenuation depth; infinite or zero also takes away the sensor named so far."""
    if not words and care is not Care.BLIND:
        raise _wrong(flag, "the end of the line")
    if not words:
        return Reading(0, {})
    notes: list[str] = []
    infinite = "inf" in words[0].lower()
    depth = 0.0 if infinite else _real(flag, words[0], care, notes)
    if infinite or depth == 0:
        none = {"attenuation_depth": None, "attenuation_infinite": True, "sensor_thickness": 0.0}
        return Reading(1, none, notes)
    return Reading(1, {"attenuation_depth": depth, "attenuation_infinite": False}, notes)


def _real(flag: Flag, word: str, care: Care, notes: list[str]) -> float:
    """One number."""
    if care is Care.BLIND:
        return atof(word)
    value, rest = strtod(word)
    if is_number(word.rstrip()):
        return value
    digits_first = rest != word and word.lstrip().lstrip("+-")[:1] in set("0123456789.")
    if care is Care.EXACT or not digits_first:
        raise _wrong(flag, _describe(word))
    notes.append(f"{flag.name} {word}: read as {value:g}; {rest!r} is not part of a number")
    return value


def _whole(flag: Flag, word: str, care: Care, notes: list[str]) -> int:
    """One whole number within the range of a C int."""
    if care is Care.BLIND:
        return atoi(word)
    value, rest = strtol(word)
    if rest == word or (care is Care.EXACT and wrap_int(value) != value):
        raise _wrong(flag, _describe(word))
    if not (is_number(word.rstrip()) and strtod(word)[0] == wrap_int(value)):
        if care is Care.EXACT:
            raise _wrong(flag, _describe(word))
        notes.append(f"{flag.name} {word}: read as {wrap_int(value)}, as the C program does")
    return wrap_int(value)


def _word(flag: Flag, word: str, care: Care, notes: list[str]) -> str:
    """One word, a file name or one of a few."""
    if care is not Care.BLIND and (is_spelled(word) or (flag.choices and word not in flag.choices)):
        raise _wrong(flag, _describe(word))
    return word


def _wrong(flag: Flag, found: str) -> UsageError:
    """The error of an option that did not find its values: expected, found, remedy."""
    unit = f" ({flag.unit})" if flag.unit else ""
    return UsageError(f"{flag.name} expects {_expected(flag)}{unit}, found {found}; see -help")


def _expected(flag: Flag) -> str:
    """What an option expects, in words."""
    if flag.choices:
        return "one of " + ", ".join(flag.choices)
    if flag.args[0] in _EXPECTED:
        return _EXPECTED[flag.args[0]]
    kind = {"float": "number", "int": "whole number", "str": "file name"}[flag.args[0]]
    return f"a {kind}" if len(flag.args) == 1 else f"{len(flag.args)} {kind}s"


def _describe(word: str) -> str:
    """A word as quoted in an error."""
    return f"the option {word}" if is_spelled(word) else repr(word)


_EXPECTED = {
    "cell": "one to six numbers, a first",
    "misset": "three angles or the word random",
    "pivot": "sample or beam",
    "depth": "a number or inf",
}
_KINDS: dict[str, Callable[[Flag, str, Care, list[str]], Any]] = {"float": _real, "int": _whole, "str": _word}
_SPECIAL: dict[str, Callable[[Flag, Sequence[str], Care], Reading]] = {
    "cell": _read_cell, "misset": _read_misset, "pivot": _read_pivot, "depth": _read_depth,
}
