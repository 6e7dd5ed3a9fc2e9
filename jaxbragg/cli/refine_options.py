"""The options that only `jaxbragg refine` has: a table, and a reader that leaves the others alone."""

import difflib
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
      field: of `RefineOptions`.
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


OPTIONS = (
    Option("-data", "data", "FILE", "measured image: SMV, .npy, or raw 32-bit reals"),
    Option("-refine", "names", "NAME,NAME", "what to refine: scale,background,misset,cell ..."),
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
    Option("-schedule", "schedule", "NAME", "all at once, or staged", choices=("all", "staged")),
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
    Option("-picture", "picture", "FILE", "draw data, model, residual and steps (.png, .pdf, .svg)"),
)


@dataclass(frozen=True)
class RefineOptions:
    """The options of `jaxbragg refine`, named as in `OPTIONS`."""

    data: str
    names: str
    system: str | None = None
    objective: str = "poisson"
    gain: float = 1.0
    offset: float = 0.0
    readout_noise: float = 0.0
    saturation: float | None = None
    background_order: int = 0
    schedule: str = "all"
    method: str = "marquardt"
    steps: int = 50
    starts: float | None = None
    checkpoint: str | None = None
    json: str | None = None
    picture: str | None = None


def usage(program: str) -> str:
    """The help text."""
    lines = [f"  {option.name + ' ' + option.value:<24}{option.help}" for option in OPTIONS]
    return (
        f"usage: {program} [options of jaxbragg simulate] -data FILE -refine NAME,NAME [options]\n\n"
        "Refines an experiment against a measured image. The options of jaxbragg simulate describe the\n"
        "rough experiment; these are added:\n\n" + "\n".join(lines) + "\n"
    )


def split_words(words: list[str]) -> tuple[list[str], RefineOptions]:
    """The words for the experiment, and the options of the refinement.

    Raises:
      UsageError: an option lacks its value or has a wrong one, or there is no image or nothing to refine.

    Source: specs/refinement.md REF-22.
    """
    known = {option.name: option for option in OPTIONS}
    found: dict[str, Any] = {}
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
        found[option.field] = _converted(option, text)
    for name in ("-data", "-refine"):
        if known[name].field not in found:
            raise UsageError(f"{name} {known[name].value} is needed: {known[name].help}")
    return others, RefineOptions(**found)


def _converted(option: Option, text: str) -> Any:
    if option.choices and text not in option.choices:
        near = difflib.get_close_matches(text, option.choices, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"{option.name} must be one of {', '.join(option.choices)}, got {text!r}{hint}")
    try:
        return option.convert(text)
    except ValueError:
        kind = "a whole number" if option.convert is int else "a number"
        raise UsageError(f"{option.name} needs {kind}, got {text!r}") from None
