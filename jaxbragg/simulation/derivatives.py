"""Derivatives of photons by a vector of numbers that an experiment depends on, in two parts.

What no pixel changes has most of the operations of a derivative and costs the least; as a program of its own,
it is compiled quickly (`QUICK_OPTIONS`). The pixels' program is given its values and derivatives.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg.config.experiment import Experiment
from jaxbragg.precision import Precision
from jaxbragg.shapes import Array, HostArray
from jaxbragg.simulation.program import inputs
from jaxbragg.tangents import derivatives_that_move, tangent_of

FOLLOWED = ("crystal.mosaic_spread", "crystal.mosaic_axes", "crystal.mosaic_fractions")
"""Fields that turn each domain by itself: every number of theirs is one more pass over the samples."""

TABLE = "structure_factors.table"

ExperimentOf = Callable[[Array], Experiment]
"""The experiment as a function of the vector."""


class Passes(NamedTuple):
    """Numbers of a vector by what derivatives by them take; bool, (n,) each. By all others they are zero.

    Attributes:
      together: share a pass over the samples (SUM-11).
      alone: take one each, because they turn domains by themselves.
      of_table: take one each, and change the table only.
    """

    together: HostArray
    alone: HostArray
    of_table: HostArray


class Prepared(NamedTuple):
    """What no pixel changes, and how numbers change that.

    Attributes:
      setup: in the types of the precision.
      together: derivatives of its leaves by the numbers that share a pass, (numbers, ...) each; None for
        leaves that do not move.
      alone: likewise by those that take one each.
    """

    setup: Any
    together: list[Array | None]
    alone: list[Array | None]


def passes_of(fields: list[str], sizes: list[int]) -> Passes:
    """What derivatives by all numbers of some fields take.

    Args:
      fields: dotted names.
      sizes: how many numbers each has.
    """
    numbers = [field for field, size in zip(fields, sizes, strict=True) for _ in range(size)]
    followed, of_table = (
        np.array([field in kind for field in numbers], bool) for kind in (FOLLOWED, (TABLE,))
    )
    return Passes(~followed & ~of_table, followed, of_table)


def holding(experiment: Experiment) -> Experiment:
    """The experiment, with the table and the fields in `FOLLOWED` constant to derivatives.

    Derivatives by all others then share one pass over the samples.
    """

    def hold(path: Any, leaf: Any) -> Any:
        name = jax.tree_util.keystr(path, simple=True, separator=".")
        return jax.lax.stop_gradient(leaf) if name in (*FOLLOWED, TABLE) else leaf

    held: Experiment = jax.tree_util.tree_map_with_path(hold, experiment)
    return held


def prepared(experiment_of: ExperimentOf, vector: Array, passes: Passes, precision: Precision) -> Prepared:
    """What `derivatives` is given.

    Args:
      experiment_of: an experiment of float64.
      vector: numbers, (n,), float64.
      passes: what derivatives by them take.
      precision: the policy.
    """

    def leaves(experiment: Experiment) -> list[Array]:
        return jax.tree.leaves(inputs(experiment, precision).setup)

    return Prepared(
        inputs(experiment_of(vector), precision).setup,
        derivatives_that_move(lambda v: leaves(holding(experiment_of(v))), vector, passes.together),
        derivatives_that_move(lambda v: leaves(experiment_of(v)), vector, passes.alone),
    )


def derivatives(
    photons: Callable[[Experiment, Any], Array],
    experiment_of: ExperimentOf,
    vector: Array,
    passes: Passes,
    given: Prepared,
) -> list[tuple[HostArray, Array]]:
    """Derivatives of photons by the numbers of a vector.

    Args:
      photons: of an experiment and its setup, (...).
      experiment_of, vector, passes: as in `prepared`.
      given: what that returns.

    Returns:
      Numbers of one kind of pass, bool, (n,), and the derivatives by them, (numbers, ...).
    """
    leaves, structure = jax.tree.flatten(given.setup)

    def along(experiment_of: ExperimentOf) -> Callable[[Any], Array]:
        def of_leaves(vector: Array, leaves: list[Array]) -> Array:
            return photons(experiment_of(vector), jax.tree.unflatten(structure, leaves))

        return lambda changes: tangent_of(of_leaves, (vector, leaves), changes)

    units, none = jnp.eye(len(vector), dtype=vector.dtype), [None] * len(leaves)
    found = []
    if passes.together.any():
        along_shared = along(lambda v: holding(experiment_of(v)))
        found.append((passes.together, jax.vmap(along_shared)((units[passes.together], given.together))))
    for chosen, moved in ((passes.alone, given.alone), (passes.of_table, none)):
        if chosen.any():
            found.append((chosen, jax.lax.map(along(experiment_of), (units[chosen], moved))))
    return found
