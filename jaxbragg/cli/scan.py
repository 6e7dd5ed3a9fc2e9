"""From the words of a command line to `Options`: one walk over the words, guided by the tables in flags/.

Two ways of reading: the C program's, in which an option is found inside an argument and may be found together
with others, and the exact way of the corrected model. Both refuse what the program silently drops.
Header files named by -img and -mask are not opened here. Rules: specs/command_line.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jaxbragg.cli.c_numbers import is_number
from jaxbragg.cli.flags import Flag
from jaxbragg.cli.matching import flags_in_program, flags_spelled, intended, nearest
from jaxbragg.cli.options import Options
from jaxbragg.cli.values import Care, Reading, read_values
from jaxbragg.errors import UsageError


@dataclass
class _Line:
    """What is known after the words read so far.

    Attributes:
      settings: fields of `Options`.
      given: canonical names in order.
      warnings: sentences for the user.
      taken: positions of words that are values.
      accidents: for a field last set by an option that nobody meant: the sentence that says so.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    accidents: dict[str, str] = field(default_factory=dict)

    def record(self, position: int, reading: Reading, accident: str) -> None:
        """Store what the option at a position has read."""
        self.settings.update(reading.settings)
        self.warnings += reading.notes
        self.taken.update(range(position + 1, position + 1 + reading.used))
        for name in reading.settings:
            self.accidents[name] = accident


def scan(argv: Sequence[str], *, strict: bool) -> Options:
    """Read a command line.

    Args:
      argv: the words after the program's name.
      strict: exact option names and values (the corrected model) instead of the C program's way.

    Returns:
      The options as typed, with warnings about everything accepted but without the effect it suggests.

    Raises:
      UsageError: an unknown option, or one whose values are missing or are not what it expects.
    """
    line = _Line()
    for position, argument in enumerate(argv):
        if strict and position in line.taken:
            continue
        flags = _flags(argument, strict)
        if not flags and position not in line.taken:
            _refuse_or_warn(argument, line, strict)
        for flag in flags:
            meant = flag is intended(argument, flags) if len(flags) > 1 else True
            _act(flag, position, argv, line, strict=strict, meant=meant)
    accidents = dict.fromkeys(sentence for sentence in line.accidents.values() if sentence)
    return Options(**line.settings, given=tuple(line.given), warnings=(*line.warnings, *accidents))


def _flags(argument: str, strict: bool) -> tuple[Flag, ...]:
    """The options an argument stands for; none unless it begins with a dash."""
    if not argument.startswith("-"):
        return ()
    return flags_spelled(argument) if strict else flags_in_program(argument)


def _refuse_or_warn(argument: str, line: _Line, strict: bool) -> None:
    """Deal with a word that is neither an option nor the value of one."""
    if argument.startswith("-") and not is_number(argument):
        guess = nearest(argument)
        remedy = f"did you mean {guess}?" if guess else "-help lists all options"
        raise UsageError(f"unknown option {argument}; {remedy}")
    if strict:
        raise UsageError(f"expected an option, found {argument!r}, which belongs to none; remove it")
    line.warnings.append(f"{argument!r} belongs to no option and is ignored")


def _act(flag: Flag, position: int, argv: Sequence[str], line: _Line, *, strict: bool, meant: bool) -> None:
    """Carry out one option: read its values, store the settings, say what has no effect."""
    words = argv[position + 1 :]
    if strict and flag.instead:
        raise UsageError(f"unknown option {argv[position]}; did you mean {flag.instead}?")
    if strict and flag.ignored:
        raise UsageError(f"{argv[position]} has no effect: {flag.ignored}; leave it out")
    if not strict and flag.needs_follower and not words:
        line.warnings.append(f"{flag.name} is ignored at the end of the line, as in the C program; move it")
        line.given.append(flag.name)
        return
    care = Care.EXACT if strict else Care.TOLERANT
    reading = read_values(flag, argv[position], words, care if meant else Care.BLIND)
    accident = (
        ""
        if meant or not flag.args
        else (
            f"{argv[position]} also acts as {flag.name} {' '.join(words[: reading.used])}, as in the program;"
            f" put {flag.name} after it, or use -model corrected"
        )
    )
    line.record(position, reading, accident)
    if meant:
        line.given.append(flag.name)
    if flag.ignored:
        advice = f"; write {flag.instead}" if flag.instead else ""
        line.warnings.append(f"{argv[position]} has no effect: {flag.ignored}{advice}")
