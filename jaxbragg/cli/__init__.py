"""The command line: from the words typed to an experiment, its images and the report printed.

Reading order: `command` starts everything and is the only place that catches errors; `simulate_command` is
the recipe of a run; `scan` and `resolve` turn words into an experiment; `inputs` and `outputs` check the
files before anything is computed; `compute` computes, `write_images` writes, `report` prints. Nothing here
imports JAX before it is needed.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaxbragg.cli.command import main as main
    from jaxbragg.cli.command import nanobragg_main as nanobragg_main

__all__ = ["main", "nanobragg_main"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'jaxbragg.cli' has no attribute {name!r}")
    from jaxbragg.cli import command

    return getattr(command, name)
