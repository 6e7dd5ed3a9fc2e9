"""The options that only `jaxbragg refine` has: a table, and a reader that leaves the others alone."""

import difflib
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jaxbragg.cli.matching import single_dash
from jaxbragg.errors import UsageError


@dataclass(frozen=True)
class Option:
    """One option with one value.

    Attributes:
      name: as typed.
      field: of `RefineOptions`, or of `ShotOptions` for those that belong to one shot.
      value: placeholder in the help.
      help: what it does.
      convert: from text.
      choices: allowed texts; empty allows all.
    """

    name: str
    field: str
    value: str
    help: str
    convert: Callable[[str], Any] = str
    choices: tuple[str, ...] = ()


def _words(text: str) -> tuple[str, ...]:
    """Words as a shell would split them."""
    return tuple(shlex.split(text))


SHOT_OPTIONS = (
    Option("-data", "data", "FILE", "measured image: SMV, .npy, or raw 32-bit reals; once for every shot"),
    Option("-with", "words", "'OPTIONS'", "of the shot before alone, such as '-misset 10 25 40'", _words),
)

OPTIONS = (
    Option("-refine", "names", "NAME,NAME", "what to refine: scale,background,misset,cell ..."),
    Option("-shared", "shared", "NAME,NAME", "those of them that all shots have in common; none"),
    Option("-system", "system", "NAME", "crystal system, for cell: cubic, trigonal-hexagonal ..."),
    Option(
        "-objective",
        "objective",
        "NAME",
        "poisson (counted photons), gaussian, or student-t (outliers)",
        choices=("poisson", "gaussian", "student-t"),
    ),
    Option("-gain", "gain", "UNITS", "detector units per photon; 1", float),
    Option("-offset", "offset", "UNITS", "detector units of no photon; 0", float),
    Option("-readout", "readout_noise", "UNITS", "standard deviation without photons, in units; 0", float),
    Option(
        "-saturation", "saturation", "UNITS", "pixels from here on are left out; 65535 in SMV files", float
    ),
    Option("-background_order", "background_order", "N", "0 constant, 1 plane, 2 quadratic; 0", int),
    Option(
        "-schedule",
        "schedule",
        "NAME",
        "shells (low resolution first), all at once, or staged; shells",
        choices=("shells", "all", "staged"),
    ),
    Option(
        "-method",
        "method",
        "NAME",
        "marquardt, lbfgs or adam",
        choices=("marquardt", "lbfgs", "adam"),
    ),
    Option("-steps", "steps", "N", "at most so many steps in the last stage; 50", int),
    Option("-starts", "starts", "DEGREES", "first try 50 orientations up to so far away", float),
    Option("-checkpoint", "checkpoint", "FILE", "keep the state here; an interrupted run goes on from it"),
    Option("-json", "json", "FILE", "write every number and step"),
    Option(
        "-picture",
        "picture",
        "FILE",
        "draw data, model, residual and steps (.png, .pdf, .svg), each of several shots",
    ),
)


@dataclass(frozen=True)
class ShotOptions:
    """One shot.

    Attributes:
      data: file of its image.
      words: options of the experiment that it has for itself.
    """

    data: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class RefineOptions:
    """The options of `jaxbragg refine`, named as in `OPTIONS`, and its shots."""

    shots: tuple[ShotOptions, ...]
    names: str
    shared: str = ""
    system: str | None = None
    objective: str = "poisson"
    gain: float = 1.0
    offset: float = 0.0
    readout_noise: float = 0.0
    saturation: float | None = None
    background_order: int = 0
    schedule: str = "shells"
    method: str = "marquardt"
    steps: int = 50
    starts: float | None = None
    checkpoint: str | None = None
    json: str | None = None
    picture: str | None = None


def usage(program: str) -> str:
    """The help text."""
    lines = [f"  {option.name + ' ' + option.value:<24}{option.help}" for option in (*SHOT_OPTIONS, *OPTIONS)]
    return (
        f"usage: {program} [options of jaxbragg simulate] -data FILE -refine NAME,NAME [options]\n\n"
        "Refines an experiment against measured images. The options of jaxbragg simulate describe the\n"
        "rough experiment; these are added:\n\n" + "\n".join(lines) + "\n"
    )


def split_words(words: list[str]) -> tuple[list[str], RefineOptions]:
    """The words for the experiment of all shots, and the options of the refinement.

    Raises:
      UsageError: an option lacks its value or has a wrong one, or there is no image or nothing to refine.

    Source: specs/refinement.md REF-22.
    """
    known = {option.name: option for option in (*SHOT_OPTIONS, *OPTIONS)}
    found: dict[str, Any] = {}
    shots: list[dict[str, Any]] = []
    others: list[str] = []
    rest = iter(words)
    for word in rest:
        option = known.get(single_dash(word))
        if option is None:
            others.append(word)
            continue
        text = next(rest, None)
        if text is None:
            raise UsageError(f"{option.name} needs a value: {option.name} {option.value}, {option.help}")
        if option.name == "-data":
            shots.append({})
        holder = _holder(option, text, shots) if option in SHOT_OPTIONS else found
        holder[option.field] = _converted(option, text)
    if not shots:
        raise UsageError(f"-data FILE is needed: {known['-data'].help}")
    if "names" not in found:
        raise UsageError(f"-refine NAME,NAME is needed: {known['-refine'].help}")
    return others, RefineOptions(shots=tuple(ShotOptions(**shot) for shot in shots), **found)


def _holder(option: Option, text: str, shots: list[dict[str, Any]]) -> dict[str, Any]:
    """The shot that an option belongs to."""
    if not shots:
        raise UsageError(f"{option.name} {text!r} belongs behind the -data FILE of its shot")
    if option.field in shots[-1]:
        raise UsageError(
            f"{shots[-1]['data']} has two {option.name}, the second {text!r}; put all its options into one"
        )
    return shots[-1]


def _converted(option: Option, text: str) -> Any:
    if option.choices and text not in option.choices:
        near = difflib.get_close_matches(text, option.choices, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"{option.name} must be one of {', '.join(option.choices)}, got {text!r}{hint}")
    try:
        return option.convert(text)
    except ValueError:
        kinds: dict[Any, str] = {int: "a whole number", float: "a number"}
        kind = kinds.get(option.convert, "words with every quote closed")
        raise UsageError(f"{option.name} needs {kind}, got {text!r}") from None
