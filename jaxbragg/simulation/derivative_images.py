"""derivative_images(experiment, wrt) -> the image's derivative by every chosen number, as images."""

import difflib
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from jaxbragg.config.experiment import Experiment
from jaxbragg.errors import ConfigError
from jaxbragg.precision import COMPILER_OPTIONS, widen
from jaxbragg.shapes import Array
from jaxbragg.simulation.run import named_precision, simulate
from jaxbragg.traced import is_traced

FOLLOWED = ("crystal.mosaic_spread", "crystal.mosaic_axes", "crystal.mosaic_fractions")
"""Fields that turn each domain by itself: every number of theirs is one more pass over the samples."""

TABLE = "structure_factors.table"

ImageOf = Callable[[list[Array]], Array]
"""An image as a function of the values of the chosen fields."""


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
    names = tuple(wrt)
    fields = _continuous_fields(experiment)
    for name in names:
        _check(name, fields)
    kernel = _images if is_traced(experiment) else _images_alone
    with jax.enable_x64(True):
        found: dict[str, Array] = kernel(widen(experiment), names, precision)
        return {name: found[name] for name in names}


def holding(experiment: Experiment) -> Experiment:
    """The experiment, with the table and the fields in `FOLLOWED` constant to derivatives.

    Derivatives by all others then share one pass over the samples.
    """

    def hold(path: Any, leaf: Any) -> Any:
        name = jax.tree_util.keystr(path, simple=True, separator=".")
        return jax.lax.stop_gradient(leaf) if name in (*FOLLOWED, TABLE) else leaf

    held: Experiment = jax.tree_util.tree_map_with_path(hold, experiment)
    return held


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


def _compute(experiment: Experiment, names: tuple[str, ...], precision: str) -> dict[str, Array]:
    fields = _continuous_fields(experiment)
    values = [fields[name] for name in names]

    def image(values: list[Array]) -> Array:
        changes = {name.replace(".", "__", 1): value for name, value in zip(names, values, strict=True)}
        return simulate(experiment.with_fields(**changes), precision=precision)

    together = [number for number, name in enumerate(names) if name not in FOLLOWED]
    images = dict(_along_units(image, values, together))
    for number, name in enumerate(names):
        if name in FOLLOWED:
            images |= _along_each_unit(image, values, number)
    return {name: images[number] for number, name in enumerate(names)}


_images = jax.jit(_compute, static_argnums=(1, 2))
_images_alone = jax.jit(_compute, static_argnums=(1, 2), compiler_options=COMPILER_OPTIONS)


def _along_units(image: ImageOf, values: list[Array], chosen: list[int]) -> dict[int, Array]:
    """Derivative images of the chosen values, from one vectorised tangent."""
    if not chosen:
        return {}
    sizes = [math.prod(jnp.shape(values[number])) for number in chosen]
    starts = [sum(sizes[:position]) for position in range(len(sizes))]

    def of_chosen(parts: list[Array]) -> Array:
        filled = list(values)
        for number, part in zip(chosen, parts, strict=True):
            filled[number] = part
        return image(filled)

    def along(unit: Array) -> Array:
        parts = [
            unit[start : start + size].reshape(jnp.shape(values[number]))
            for number, start, size in zip(chosen, starts, sizes, strict=True)
        ]
        tangent: Array = jax.jvp(of_chosen, ([values[number] for number in chosen],), (parts,))[1]
        return tangent

    images = jax.vmap(along)(jnp.eye(sum(sizes)))
    return {
        number: images[start : start + size].reshape(*jnp.shape(values[number]), *images.shape[1:])
        for number, start, size in zip(chosen, starts, sizes, strict=True)
    }


def _along_each_unit(image: ImageOf, values: list[Array], number: int) -> dict[int, Array]:
    """Derivative images of one value, one tangent after the other."""
    value = values[number]

    def of_value(value: Array) -> Array:
        return image([*values[:number], value, *values[number + 1 :]])

    units = jnp.eye(value.size).reshape(value.size, *value.shape)
    images = jax.lax.map(lambda unit: jax.jvp(of_value, (value,), (unit,))[1], units)
    return {number: images.reshape(*value.shape, *images.shape[1:])}
