"""The reference program's traces and ours of the same pixels."""

import functools
from collections.abc import Mapping
from typing import Any

import jaxbragg
from tests.reference import cases

NAMES = sorted(cases.load_traces())


@functools.cache
def ours(name: str) -> Any:
    """Our trace, in the program's model and double precision."""
    run = cases.load_traces()[name]
    return jaxbragg.trace(cases.experiment(run, "nanobragg"), run.slow, run.fast, precision="float64")


def theirs(name: str) -> Mapping[str, Any]:
    """The program's words with their numbers."""
    return cases.load_traces()[name].values
