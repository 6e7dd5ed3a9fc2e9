"""From the words that follow an option to the settings it makes: numbers, names, and the few special forms.

Rules: specs/command_line.md CLI-8 to CLI-13.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from jaxbragg.cli.c_numbers import atof, is_number, strtod, strtol, wrap_int
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


@dataclass(frozen=True)
class _Request:
    """One option that asks for values: the option, how it was typed, how closely to look, notes so far."""

    flag: Flag
    typed: str
    care: Care
    notes: list[str] = field(default_factory=list)

    def wrong(self, found: str) -> UsageError:
        """The error of an option that did not find its values: expected, found, remedy."""
        unit = f" ({self.flag.unit})" if self.flag.unit else ""
        return UsageError(f"{self.typed} expects {_expected(self.flag)}{unit}, found {found}; see -help")

    def note(self, word: str, text: str) -> None:
        """Remember something to tell the user about a word."""
        self.notes.append(f"{self.typed} {word}: {text}")


def read_values(flag: Flag, typed: str, words: Sequence[str], care: Care) -> Reading:
    """Take the values of an option from the words after it.

    Args:
      flag: the option.
      typed: its spelling on the line, for messages.
      words: the rest of the command line, from the word after the option on.
      care: how closely to look.

    Returns:
      The words taken, the settings including the effects of the option, and notes.

    Raises:
      UsageError: values are missing or are not what the option expects (never if `care` is BLIND).
    """
    if flag.ignored:
        return _read_ignored(flag, words)
    read = _SPECIAL.get(flag.args[0], _read_plain) if flag.args else _read_plain
    reading = read(_Request(flag, typed, care), words)
    if reading.used or not flag.args:
        reading.settings.update(flag.effects)
    return reading


def _read_plain(request: _Request, words: Sequence[str]) -> Reading:
    """As many values as the option has, each of its kind."""
    flag, count = request.flag, len(request.flag.args)
    if len(words) < count:
        return _missing(request, _first_odd(words))
    values = [_KINDS[kind](request, word) for kind, word in zip(flag.args, words, strict=False)]
    value = values[0] if count == 1 else tuple(values)
    if flag.convert:
        value = flag.convert(values[0])
    return Reading(count, dict.fromkeys(flag.target, value), request.notes)


def _read_ignored(flag: Flag, words: Sequence[str]) -> Reading:
    """Whatever looks like the values of an option without effect."""
    used = 0
    for kind, word in zip(flag.args, words, strict=False):
        if is_spelled(word) or not (kind == "str" or is_number(word)):
            break
        used += 1
    return Reading(used, dict.fromkeys(flag.target, words[0]) if used else {})


def _read_cell(request: _Request, words: Sequence[str]) -> Reading:
    """Up to six numbers, ended by the end of the line or by anything with a leading dash."""
    typed = list(itertools.takewhile(lambda word: not word.startswith("-"), words[:6]))
    if not typed:
        return _missing(request, words[0] if words else None)
    edges = tuple(_real(request, word) for word in typed)
    return Reading(len(edges), {"cell": edges}, request.notes)


def _read_misset(request: _Request, words: Sequence[str]) -> Reading:
    """Three angles, or one word with `rand` in it."""
    if words and "rand" in words[0]:
        return Reading(1, {"misset": "random"})
    if len(words) < 3:
        return _missing(request, _first_odd(words))
    angles = tuple(_real(request, word) for word in words[:3])
    return Reading(3, {"misset": angles}, request.notes)


def _read_pivot(request: _Request, words: Sequence[str]) -> Reading:
    """A word with `beam` or else `sample` in it; other options set the pivot too."""
    found = [side for side in ("beam", "sample") if words and side in words[0]]
    if not found:
        return _missing(request, words[0] if words else None)
    return Reading(1, dict.fromkeys(("pivot", "typed_pivot"), found[0]))


def _read_depth(request: _Request, words: Sequence[str]) -> Reading:
    """An attenuation depth; infinite or zero also takes away the sensor named so far."""
    if not words:
        return _missing(request, None)
    depth = 0.0 if "inf" in words[0].lower() else _real(request, words[0])
    if depth == 0:
        none = {"attenuation_depth": None, "attenuation_infinite": True, "sensor_thickness": 0.0}
        return Reading(1, none, request.notes)
    return Reading(1, {"attenuation_depth": depth, "attenuation_infinite": False}, request.notes)


def _missing(request: _Request, odd: str | None) -> Reading:
    """What happens without values: an error about the odd word or the end, or nothing if not meant."""
    if request.care is Care.BLIND:
        return Reading(0, {})
    raise request.wrong("the end of the line" if odd is None else _describe(odd))


def _first_odd(words: Sequence[str]) -> str | None:
    """The first word that is no number."""
    return next((word for word in words if not is_number(word)), None)


def _real(request: _Request, word: str) -> float:
    """One number."""
    if request.care is Care.BLIND:
        return atof(word)
    value, rest = strtod(word)
    if is_number(word.rstrip()):
        return value
    begins_with_digit = rest != word and word.lstrip().lstrip("+-")[:1] in set("0123456789.")
    if request.care is Care.EXACT or not begins_with_digit:
        raise request.wrong(_describe(word))
    request.note(word, f"read as {value:g}; {rest!r} is not part of the number")
    return value


def _whole(request: _Request, word: str) -> int:
    """One whole number within the range of a C int."""
    value, rest = strtol(word)
    kept = wrap_int(value)
    if request.care is Care.BLIND:
        return kept
    plain = is_number(word.rstrip()) and strtod(word)[0] == kept
    if rest == word or (request.care is Care.EXACT and not plain):
        raise request.wrong(_describe(word))
    if not plain:
        request.note(word, f"read as {kept}, as the C program does")
    return kept


def _word(request: _Request, word: str) -> str:
    """One word, a file name or one of a few."""
    choices = request.flag.choices
    if request.care is not Care.BLIND and (is_spelled(word) or (choices and word not in choices)):
        raise request.wrong(_describe(word))
    return word


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
_KINDS: dict[str, Callable[[_Request, str], Any]] = {"float": _real, "int": _whole, "str": _word}
_SPECIAL: dict[str, Callable[[_Request, Sequence[str]], Reading]] = {
    "cell": _read_cell,
    "misset": _read_misset,
    "pivot": _read_pivot,
    "depth": _read_depth,
}
