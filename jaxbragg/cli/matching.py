"""Which options an argument stands for, in the program's way and in the exact way, and what a typo meant.

Rules: specs/command_line.md CLI-2 to CLI-7.
"""

import difflib

from jaxbragg.cli.flags import ALL_FLAGS, Flag

_BY_SPELLING = {
    spelling: flag
    for flag in ALL_FLAGS
    for name in flag.names
    for spelling in (name.text, name.text + name.ending)
}
_FAMILIES = [(name, flag) for flag in ALL_FLAGS for name in flag.names if name.ending]


def flags_in_program(argument: str) -> tuple[Flag, ...]:
    """The options the C program sees in an argument, in the order in which it acts on them."""
    found: list[Flag] = []
    for flag in ALL_FLAGS:
        if any(name.is_in(argument) for name in flag.names):
            found.append(flag)
            if flag.stops:
                break
    return tuple(found)


def flags_spelled(argument: str) -> tuple[Flag, ...]:
    """The one option that is spelled by an argument, or none; a doubled dash and open endings are allowed."""
    word = single_dash(argument)
    if word in _BY_SPELLING:
        return (_BY_SPELLING[word],)
    families = [(len(name.text), flag) for name, flag in _FAMILIES if name.is_family_of(word)]
    return (max(families, key=lambda family: family[0])[1],) if families else ()


def intended(argument: str, flags: tuple[Flag, ...]) -> Flag:
    """Of all options seen in an argument, the one with the longest spelling: the one its author meant."""
    return max(flags, key=lambda flag: max(len(name.text) for name in flag.names if name.is_in(argument)))


def is_spelled(word: str) -> bool:
    """Whether a word is exactly an option, so that it can hardly be the value of another one."""
    return word.startswith("-") and single_dash(word) in _BY_SPELLING


def nearest(argument: str) -> str | None:
    """The spelling of a known option closest to an unknown argument, if any is close."""
    word = single_dash(argument).lower()
    lower = {spelling.lower(): spelling for spelling, flag in _BY_SPELLING.items() if not flag.instead}
    if word in lower:
        return lower[word]
    longer = [spelling for spelling in lower if len(word) > 3 and spelling.startswith(word)]
    shorter = [spelling for spelling in lower if len(spelling) > 3 and word.startswith(spelling)]
    close = next(iter(difflib.get_close_matches(word, lower, n=1, cutoff=0.7)), None)
    best = min(longer, key=len, default=None) or max(shorter, key=len, default=None) or close
    return lower[best] if best else None


def single_dash(argument: str) -> str:
    """An argument without the first of two leading dashes."""
    return argument[1:] if argument.startswith("--") else argument
