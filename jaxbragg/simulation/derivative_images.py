"""derivative_images(experiment, wrt) -> the image's derivative by every chosen number, as images."""

import difflib
import functools
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from jaxbragg.config.experiment import Experiment
from jaxbragg.errors import ConfigError
from jaxbragg.precision import QUICK_OPTIONS, jit_for_this_processor, widen
from jaxbragg.shapes import Array, HostArray
from jaxbragg.simulation.derivatives import (
    TABLE,
    ExperimentOf,
    Passes,
    Prepared,
    derivatives,
    passes_of,
    prepared,
)
from jaxbragg.simulation.run import named_precision, simulate_of_setup
from jaxbragg.traced import is_traced


def derivative_images(
    experiment: Experiment, wrt: Sequence[str], *, precision: str = "mixed"
) -> dict[str, Array]:
    """Derivatives of the image by chosen fields, all in one pass over the samples.

    The pass costs a few images, however many numbers there are, because all of them act through the same
    derivatives by index; each number of a mosaic field takes another pass. Works under `jax.jit` with `wrt`
    and `precision` static.

    Args:
      experiment: where to differentiate.
      wrt: names of fields such as "crystal.misset", "crystal.cell", "detector.distance".
      precision: as in `simulate`.

    Returns:
      For every name photons per pixel and unit of the field, (*shape of the field, slow, fast).

    Raises:
      ConfigError: unknown precision; a name that is no continuous field; a field that was left out, whose
        value the experiment derives; the table, for which reverse mode is the way.

    Source: specs/summation.md SUM-9, SUM-11.
    """
    named_precision(precision)
    names = tuple(dict.fromkeys(wrt))
    fields = _continuous_fields(experiment)
    for name in names:
        _check(name, fields)
    with jax.enable_x64(True):
        programs: Any = _INSIDE if is_traced(experiment) else _ALONE
        prepare, compute = (functools.partial(f, names=names, precision=precision) for f in programs)
        wide = widen(experiment)
        found: dict[str, Array] = compute(wide, prepare(wide))
        return {name: found[name] for name in names}


def _continuous_fields(experiment: Experiment) -> dict[str, Any]:
    """Leaves by dotted name."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(experiment)
    return {jax.tree_util.keystr(path, simple=True, separator="."): leaf for path, leaf in leaves}


def _check(name: str, fields: dict[str, Any]) -> None:
    if name == TABLE:
        raise ConfigError(f"`wrt` must not hold {name!r}, which has too many numbers; use jax.grad")
    if name not in fields:
        near = difflib.get_close_matches(name, fields, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ConfigError(f"`wrt` must name fields that the experiment was given, got {name!r}{hint}")


def _vector(experiment: Experiment, names: tuple[str, ...]) -> tuple[Array, ExperimentOf]:
    """The numbers of the fields as one vector, and the experiment as a function of it."""
    fields = _continuous_fields(experiment)
    vector, fields_of = ravel_pytree([fields[name] for name in names])

    def experiment_of(vector: Array) -> Experiment:
        values = zip(names, fields_of(vector), strict=True)
        return experiment.with_fields(**{name.replace(".", "__", 1): value for name, value in values})

    return vector, experiment_of


def _passes(experiment: Experiment, names: tuple[str, ...]) -> Passes:
    fields = _continuous_fields(experiment)
    return passes_of(list(names), [math.prod(jnp.shape(fields[name])) for name in names])


def _prepare(experiment: Experiment, *, names: tuple[str, ...], precision: str) -> Prepared:
    vector, experiment_of = _vector(experiment, names)
    return prepared(experiment_of, vector, _passes(experiment, names), named_precision(precision))


def _compute(
    experiment: Experiment, given: Prepared, *, names: tuple[str, ...], precision: str
) -> dict[str, Array]:
    vector, experiment_of = _vector(experiment, names)
    fields, passes = _continuous_fields(experiment), _passes(experiment, names)
    photons = functools.partial(simulate_of_setup, precision=named_precision(precision))
    images: dict[str, Array] = {}
    for chosen, found in derivatives(photons, experiment_of, vector, passes, given):
        images |= _by_field(fields, names, chosen, found)
    return images


def _by_field(
    fields: dict[str, Any], names: tuple[str, ...], chosen: HostArray, found: Array
) -> dict[str, Array]:
    """Images of the chosen numbers, (numbers, slow, fast), by field, of which all or none are chosen."""
    images, first, taken = {}, 0, 0
    for name in names:
        shape = jnp.shape(fields[name])
        size = math.prod(shape)
        if chosen[first : first + size].all():
            images[name] = found[taken : taken + size].reshape(*shape, *found.shape[1:])
            taken += size
        first += size
    return images


_STATIC = ("names", "precision")

_INSIDE = (jax.jit(_prepare, static_argnames=_STATIC), jax.jit(_compute, static_argnames=_STATIC))
"""What a program of the caller consists of."""

_ALONE = (
    jit_for_this_processor(_prepare, QUICK_OPTIONS, static_argnames=_STATIC),
    jit_for_this_processor(_compute, static_argnames=_STATIC),
)
