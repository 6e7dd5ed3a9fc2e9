"""Whether experiments differ in numbers only, so that one compiled program serves them all."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np

from jaxbragg.config.experiment import Experiment
from jaxbragg.errors import ConfigError


def check_alike(experiments: Sequence[Experiment]) -> None:
    """Refuse experiments of which one program cannot compute all.

    Raises:
      ConfigError: one differs from the first in a static choice or in the length of an array.
    """
    first = _shapes(experiments[0])
    for number, other in enumerate(experiments):
        if _shapes(other) == first:
            continue
        names = list(_differing(experiments[0], other))
        if names:
            raise ConfigError(
                f"experiments of a batch must differ in numbers only, got another {', '.join(names)} in "
                f"experiment {number} than in experiment 0; simulate those that are alike together"
            )


def _differing(first: Any, other: Any, prefix: str = "") -> Iterator[str]:
    """Dotted names of the fields that make another program."""
    if type(first) is not type(other):
        yield f"`{prefix.removesuffix('.')}`"
        return
    for field in dataclasses.fields(first):
        name, one, two = prefix + field.name, getattr(first, field.name), getattr(other, field.name)
        if "static" in field.metadata:
            same = one == two
        elif one is None or two is None or "leaf" in field.metadata:
            same = _shapes(one) == _shapes(two)
        else:
            yield from _differing(one, two, f"{name}.")
            continue
        if not same:
            yield f"`{name}`"


def _shapes(value: Any) -> tuple[Any, list[tuple[int, ...]]]:
    leaves, structure = jax.tree.flatten(value)
    return structure, [np.shape(leaf) for leaf in leaves]
