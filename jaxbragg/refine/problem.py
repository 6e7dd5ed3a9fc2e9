"""Groups of parameters as one vector per shot: which number belongs where."""

from collections.abc import Sequence
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from jaxbragg.errors import ConfigError
from jaxbragg.refine.group import Group
from jaxbragg.refine.objectives import Objective
from jaxbragg.refine.shot import Shot
from jaxbragg.shapes import Array, HostArray
from jaxbragg.simulation.derivatives import Passes, passes_of


@dataclass(frozen=True)
class Problem:
    """What is compiled: everything but the numbers.

    Attributes:
      local: groups that every shot has for itself.
      shared: groups that all shots have together.
      local_sizes, shared_sizes: elements of each.
      objective: likelihood.
      precision: of the simulation.
    """

    local: tuple[Group, ...]
    shared: tuple[Group, ...]
    local_sizes: tuple[int, ...]
    shared_sizes: tuple[int, ...]
    objective: Objective
    precision: str = "mixed"

    @property
    def groups(self) -> tuple[Group, ...]:
        """Local groups, then shared ones: the order of the vector of a shot."""
        return self.local + self.shared

    @property
    def sizes(self) -> tuple[int, ...]:
        """Elements of each of `groups`."""
        return self.local_sizes + self.shared_sizes

    @property
    def n_local(self) -> int:
        """Elements of all local groups."""
        return sum(self.local_sizes)

    @property
    def n_shared(self) -> int:
        """Elements of all shared groups."""
        return sum(self.shared_sizes)

    def split(self, vector: Array) -> list[Array]:
        """The part of each group, in the order of `groups`."""
        ends = np.cumsum(self.sizes)
        return [vector[end - size : end] for end, size in zip(ends, self.sizes, strict=True)]

    def put(self, shot: Shot, vector: Array) -> Shot:
        """The shot with the free numbers of all groups, (n,)."""
        for group, free in zip(self.groups, self.split(vector), strict=True):
            shot = group.put(shot, free)
        return shot

    def values(self, shot: Shot, vector: Array) -> Array:
        """Values in user units, (n,), in the order of the vector."""
        parts = zip(self.groups, self.split(vector), strict=True)
        return jnp.concatenate([group.values(shot, free) for group, free in parts])

    def start(self, shot: Shot) -> HostArray:
        """Free numbers that leave the shot as it is, (n,)."""
        return np.concatenate([group.start(shot) for group in self.groups])

    def labels(self, shot: Shot) -> tuple[str, ...]:
        """Names of all elements, (n,)."""
        return tuple(label for group in self.groups for label in group.labels(shot))

    def belongs(self, names: Sequence[str]) -> HostArray:
        """Elements of the groups with these names, bool, (n,)."""
        return np.repeat([group.name in names for group in self.groups], self.sizes)

    @property
    def typical(self) -> HostArray:
        """Size of a usual change of every element, (n,)."""
        return np.repeat([group.typical for group in self.groups], self.sizes)

    @property
    def moves_experiment(self) -> HostArray:
        """Elements that act on the simulated photons, bool, (n,)."""
        return np.repeat([group.moves_experiment for group in self.groups], self.sizes)

    @property
    def passes(self) -> Passes:
        """Elements by what derivatives of the simulated photons by them take."""
        fields = [group.name.partition("[")[0] for group in self.groups]
        moves = self.moves_experiment
        return Passes(*(moves & chosen for chosen in passes_of(fields, list(self.sizes))))


def make_problem(groups: Sequence[Group], shot: Shot, objective: Objective, precision: str) -> Problem:
    """Order the groups that are not fixed.

    Args:
      groups: what the user wants, fixed groups included.
      shot: the start.
      objective: likelihood.
      precision: of the simulation.

    Raises:
      ConfigError: nothing to refine, or something named twice.
    """
    names = [group.name for group in groups]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"each parameter may be named once, got {', '.join(twice)} more often")
    free = [group for group in groups if not group.fixed]
    if not free:
        raise ConfigError("there is nothing to refine; name at least one parameter that is not fixed")
    local = tuple(group for group in free if not group.shared)
    shared = tuple(group for group in free if group.shared)
    return Problem(
        local=local,
        shared=shared,
        local_sizes=tuple(len(group.labels(shot)) for group in local),
        shared_sizes=tuple(len(group.labels(shot)) for group in shared),
        objective=objective,
        precision=precision,
    )
