"""From a command line of the reference program to an `Experiment`.

`words` reads the line, `headers` adds what image headers say, then one module per config turns options into
that config: `detector`, `beam` (with `sources`), `crystal`, `structure_factors`, `sampling`. What was typed
but has no effect is said by `ineffective`. All defaults that differ from those of the configs, and the
precedence between competing options, are here and nowhere else. Rules: specs/command_line.md CLI-23 on.
"""

from jaxbragg.cli.resolve.experiment import from_nanobragg, resolve
from jaxbragg.cli.resolve.words import read_words

__all__ = ["from_nanobragg", "read_words", "resolve"]
