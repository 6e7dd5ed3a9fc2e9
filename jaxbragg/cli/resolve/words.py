"""From the words typed to options, and which model they are for.

Rules: specs/command_line.md CLI-23.
"""

import itertools
import os
import shlex
from collections.abc import Sequence
from pathlib import PurePath

from jaxbragg.cli.flags import MODELS
from jaxbragg.cli.matching import single_dash
from jaxbragg.cli.options import Options
from jaxbragg.cli.scan import scan
from jaxbragg.errors import ConfigError, UsageError


def read_words(
    argv: Sequence[object] | str, model: str | None = None, default: str = "corrected"
) -> tuple[Options, str]:
    """Read a command line in the way of the model it is for.

    Args:
      argv: the words, or one text that is split as a shell would; a leading program name is dropped.
      model: "corrected" or "nanobragg"; None takes that of the `-model` option.
      default: the model when neither says.

    Returns:
      The options as typed, and the name of the model.

    Raises:
      UsageError: the line cannot be understood.
      ConfigError: no such model.

    Source: specs/command_line.md CLI-23.
    """
    words = _without_program(_split(argv))
    name = model or _typed_model(words) or default
    if name not in MODELS:
        raise ConfigError(f"`model` must be one of {', '.join(map(repr, MODELS))}, got {name!r}")
    return scan(words, strict=name == "corrected"), name


def _split(argv: Sequence[object] | str) -> list[str]:
    """The words as text."""
    if not isinstance(argv, str):
        return [os.fspath(word) if isinstance(word, os.PathLike) else str(word) for word in argv]
    try:
        return shlex.split(argv)
    except ValueError as error:
        raise UsageError(f"cannot split the command line into words: {error}; close every quote") from None


def _without_program(words: list[str]) -> list[str]:
    """The words without a leading `nanoBragg`, `./nanoBragg`, `jaxbragg` and the like."""
    is_program = words and not words[0].startswith("-") and "bragg" in PurePath(words[0]).name.lower()
    return words[1:] if is_program else words


def _typed_model(words: list[str]) -> str | None:
    """What the last `-model` says; needed before the line is read, because the model decides how."""
    typed = None
    for option, value in itertools.pairwise(words):
        if single_dash(option) == "-model" and value in MODELS:
            typed = value
    return typed
