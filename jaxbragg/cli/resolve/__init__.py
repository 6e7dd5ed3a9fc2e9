"""From a command line of the reference program to an `Experiment`.

`words` reads the line, `headers` adds what image headers say, then one module per config turns options into
that config: `detector`, `beam` (with `sources`), `crystal`, `structure_factors`, `sampling`. What was typed
but has no effect is said by `ineffective`. All defaults that differ from those of the configs, and the
precedence between competing options, are here and nowhere else. Rules: specs/command_line.md CLI-23 on.

Loaded when first used: reading the words needs no JAX.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaxbragg.cli.resolve.experiment import from_nanobragg as from_nanobragg
    from jaxbragg.cli.resolve.experiment import resolve as resolve
    from jaxbragg.cli.resolve.words import read_words as read_words

__all__ = ["from_nanobragg", "read_words", "resolve"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'jaxbragg.cli.resolve' has no attribute {name!r}")
    if name == "read_words":
        from jaxbragg.cli.resolve import words

        return words.read_words
    from jaxbragg.cli.resolve import experiment

    return getattr(experiment, name)
