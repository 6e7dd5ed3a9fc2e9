"""The text of -help, from the option tables."""

import textwrap

from jaxbragg.cli.c_numbers import is_number
from jaxbragg.cli.flags import GROUPS, Flag, Group

WIDTH = 110
"""Widest line, characters."""

_COLUMN = 34
"""Where the explanations begin."""

_NOTES = (
    "Letters in [brackets] may be left out or replaced by any other ending.",
    "Of options that set the same thing, the last one holds; what is typed wins over image headers.",
)


def usage(program: str) -> str:
    """The help text: every option with its values, units and default, by group.

    Args:
      program: the name under which the command was called.

    Returns:
      Lines of at most 110 characters, with a newline at the end.
    """
    lines = [short_usage(program), ""]
    for note in _NOTES:
        lines += textwrap.wrap(note, WIDTH)
    for group in GROUPS:
        lines += ["", *_group(group)]
    return "\n".join(lines) + "\n"


def short_usage(program: str) -> str:
    """The one line printed after an error."""
    return f"usage: {program} (-cell a b c | -mat file) (-hkl file | -default_F F) [options]; see -help"


def _group(group: Group) -> list[str]:
    """The lines of one group."""
    return [f"{group.title}:", *(line for flag in group.flags for line in _flag(flag))]


def _flag(flag: Flag) -> list[str]:
    """The lines of one option: spellings and values on the left, explanation on the right."""
    left = "  " + " ".join(filter(None, (", ".join(str(name) for name in flag.names), _values(flag))))
    right = textwrap.wrap(_explanation(flag), WIDTH - _COLUMN)
    head = [] if len(left) + 2 <= _COLUMN else textwrap.wrap(left, WIDTH, subsequent_indent="    ")
    first = "" if head else left
    return head + [f"{first if n == 0 else '':<{_COLUMN}}{line}" for n, line in enumerate(right)]


def _values(flag: Flag) -> str:
    """Placeholders of the values; a lone number is named by its unit."""
    if not flag.args:
        return ""
    names = {"float": flag.unit or "number", "int": "n", "str": "word"}
    return f"<{flag.values or ' '.join(names[kind] for kind in flag.args)}>"


def _explanation(flag: Flag) -> str:
    """What the option does, its unit where the placeholder does not say it, and its default."""
    shown = flag.unit in _values(flag)
    default = flag.default
    if default and is_number(default) and flag.unit:
        default += f" {flag.unit}"
    facts = [] if shown or not flag.unit else [flag.unit]
    facts += [f"default: {default}"] if default else []
    facts += [flag.ignored] if flag.ignored else []
    return flag.help + (f" [{'; '.join(facts)}]" if facts else "")
