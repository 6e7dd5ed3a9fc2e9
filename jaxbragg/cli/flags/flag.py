"""What a row of the option tables holds: the spellings, values and consequences of one option.

The tables themselves stand beside this file, one per group; scan.py walks over them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Name:
    """One spelling of an option.

    Attributes:
      text: the letters that must be there, with the leading dash.
      whole: the argument must be exactly `text`, even where the program otherwise looks inside the argument.
        (The program also has "contains the text and has its length", which is the same thing.)
      ending: how the spelling usually goes on; if not empty, any ending is accepted in both models.
    """

    text: str
    whole: bool = False
    ending: str = ""

    def is_in(self, argument: str) -> bool:
        """Whether the program takes the argument for this spelling."""
        return argument == self.text if self.whole else self.text in argument

    def is_family_of(self, argument: str) -> bool:
        """Whether the argument begins with this spelling and the spelling leaves its ending open."""
        return bool(self.ending) and argument.startswith(self.text)

    def __str__(self) -> str:
        return f"{self.text}[{self.ending}]" if self.ending else self.text


@dataclass(frozen=True)
class Flag:
    """One option.

    Attributes:
      names: its spellings; the first is its name in messages and in `Options.given`.
      help: one line for the reader of -help.
      args: kinds of its values: float, int, str, or one of cell, misset, pivot, depth (see values.py).
      target: fields of `Options` that receive the value; several values go to one field as a tuple.
      unit: unit of the values as typed, empty if none.
      default: what holds without the option, for -help.
      values: placeholders for -help; empty to derive them from `args`.
      choices: the words allowed as value, empty for any.
      convert: applied to the number before it is stored.
      effects: further fields and the constants they are set to.
      stops: no other option of the program may match the same argument.
      needs_follower: the program overlooks it at the very end of the line.
      ignored: why it has no effect; empty for options that have one.
      instead: the option that the user of a dead spelling has in mind; the corrected model insists on it.
    """

    names: tuple[Name, ...]
    help: str
    args: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    unit: str = ""
    default: str = ""
    values: str = ""
    choices: tuple[str, ...] = ()
    convert: Callable[[float], float] | None = None
    effects: tuple[tuple[str, Any], ...] = ()
    stops: bool = False
    needs_follower: bool = False
    ignored: str = ""
    instead: str = ""

    @property
    def name(self) -> str:
        """The canonical spelling."""
        return self.names[0].text


@dataclass(frozen=True)
class Group:
    """A heading of -help and the options under it."""

    title: str
    flags: tuple[Flag, ...]


def names(spellings: str) -> tuple[Name, ...]:
    """Spellings from their notation in the tables, separated by blanks.

    `-distance` is found anywhere in an argument by the program and must be exact in the corrected model;
    `-phi$` must be the whole argument for both; `-mat[rix]` is `-mat` with any ending for both.
    """
    return tuple(_name(spelling) for spelling in spellings.split())


def _name(spelling: str) -> Name:
    """One spelling from its notation."""
    text, _, ending = spelling.rstrip("]").partition("[")
    return Name(text.rstrip("$"), whole=text.endswith("$"), ending=ending)


def number(spellings: str, target: str, unit: str, help: str, default: str = "", **more: Any) -> Flag:
    """An option with one number; `target` may name several fields."""
    return Flag(names(spellings), help, ("float",), tuple(target.split()), unit, default, **more)


def count(spellings: str, target: str, help: str, default: str = "", **more: Any) -> Flag:
    """An option with one whole number; `target` may name several fields."""
    return Flag(names(spellings), help, ("int",), tuple(target.split()), default=default, **more)


def vector(spellings: str, target: str, help: str, default: str = "", **more: Any) -> Flag:
    """An option with three numbers."""
    return Flag(names(spellings), help, ("float",) * 3, (target,), default=default, values="x y z", **more)


def text(spellings: str, target: str, help: str, default: str = "", **more: Any) -> Flag:
    """An option with one word, by default a file name."""
    more.setdefault("values", "file")
    return Flag(names(spellings), help, ("str",), (target,), default=default, **more)


def switch(spellings: str, target: str, value: object, help: str, default: str = "", **more: Any) -> Flag:
    """An option without values that sets one field to a constant."""
    effects = ((target, value), *more.pop("effects", ()))
    return Flag(names(spellings), help, effects=effects, default=default, **more)
