"""Groups of parameters of the experiment: its fields, the orientation, the unit cell."""

from dataclasses import dataclass, field
from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from jaxbragg.errors import ConfigError
from jaxbragg.refine.crystal_systems import EDGES, CellMap, cell_map
from jaxbragg.refine.group import Common
from jaxbragg.refine.names import known_path
from jaxbragg.refine.orientation import turned_misset
from jaxbragg.refine.shot import Shot, leaf_of, with_leaf
from jaxbragg.refine.transforms import Identity, Positive, Transform
from jaxbragg.shapes import Array, HostArray


@dataclass(frozen=True)
class Parameter(Common):
    """Any continuous field of the experiment, such as "detector.distance" or "crystal.n_cells[0]".

    Attributes:
      path: field, with or without its config's name, and an index where one element is meant.
      transform: which values are allowed; None takes Positive for what can only be positive.
    """

    path: str
    transform: Transform | None = None

    def __post_init__(self) -> None:
        known = known_path(self.path)
        object.__setattr__(self, "path", known.text)
        if self.transform is None:
            object.__setattr__(self, "transform", Positive() if known.is_positive else Identity())

    @property
    def name(self) -> str:
        """Full path."""
        return self.path

    @property
    def _place(self) -> tuple[str, int | None]:
        """Path of the leaf, and the element."""
        known = known_path(self.path)
        return known.leaf, known.element

    def labels(self, shot: Shot) -> tuple[str, ...]:
        """The path, with an index for each of several elements."""
        leaf, element = self._place
        shape = np.shape(leaf_of(shot.experiment, leaf))
        if element is not None or shape == ():
            return (self.path,)
        return tuple(f"{leaf}[{','.join(map(str, index))}]" for index in np.ndindex(*shape))

    def start(self, shot: Shot) -> HostArray:
        """Free numbers of the shot."""
        assert self.transform is not None
        leaf, element = self._place
        value = leaf_of(shot.experiment, leaf)
        if value is None:
            raise ConfigError(f"`{leaf}` has no value to start from; give the experiment one")
        flat = np.ravel(np.asarray(value, np.float64))
        if element is not None and element >= flat.size:
            raise ConfigError(f"`{leaf}` has {flat.size} elements, counted from 0; got {self.path!r}")
        return self.transform.inverse(flat if element is None else flat[[element]], self.path)

    def values(self, shot: Shot, free: Array) -> Array:
        """Transformed free numbers."""
        assert self.transform is not None
        return self.transform.forward(free)

    def put(self, shot: Shot, free: Array) -> Shot:
        """Replace the leaf, or one element of it."""
        leaf, element = self._place
        values, old = self.values(shot, free), jnp.asarray(leaf_of(shot.experiment, leaf))
        new = values.reshape(old.shape) if element is None else old.at[element].set(values[0])
        return shot._replace(experiment=with_leaf(shot.experiment, leaf, new))


@dataclass(frozen=True)
class Orientation(Common):
    """The crystal's orientation, as small rotations about its current one; values are missetting angles."""

    name: ClassVar[str] = "crystal.misset"
    typical: float = field(default=0.1, compare=False, kw_only=True)

    def labels(self, shot: Shot) -> tuple[str, ...]:
        """Rotations about the laboratory axes."""
        return tuple(f"{self.name}.{axis}" for axis in "xyz")

    def start(self, shot: Shot) -> HostArray:
        """No rotation."""
        return np.zeros(3)

    def values(self, shot: Shot, free: Array) -> Array:
        """Missetting angles, degrees."""
        return turned_misset(jnp.asarray(leaf_of(shot.experiment, self.name)), free)

    def put(self, shot: Shot, free: Array) -> Shot:
        """Turn the crystal; free numbers are a rotation vector in degrees."""
        misset = self.values(shot, free)
        return shot._replace(experiment=with_leaf(shot.experiment, self.name, misset))


@dataclass(frozen=True)
class UnitCell(Common):
    """The unit cell under the constraint of a crystal system, named as for `crystal_systems.cell_map`."""

    system: str
    name: ClassVar[str] = "crystal.cell"
    typical: float = field(default=0.003, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "system", self.map.system)

    @property
    def map(self) -> CellMap:
        """How the cell follows from its free numbers."""
        return cell_map(self.system)

    def labels(self, shot: Shot) -> tuple[str, ...]:
        """The free edges and angles."""
        return tuple(f"{self.name}.{part}" for part in self.map.free)

    def start(self, shot: Shot) -> HostArray:
        """Logarithms of edges; angles in radians, so that both are relative changes."""
        values = self.map.free_values(np.asarray(leaf_of(shot.experiment, self.name), np.float64))
        is_edge = self._is_edge()
        return np.where(is_edge, np.log(np.where(is_edge, values, 1.0)), np.radians(values))

    def values(self, shot: Shot, free: Array) -> Array:
        """Free edges in Å, free angles in degrees."""
        is_edge = self._is_edge()
        return jnp.where(is_edge, jnp.exp(jnp.where(is_edge, free, 0.0)), free * (180.0 / np.pi))

    def put(self, shot: Shot, free: Array) -> Shot:
        """Replace the cell."""
        cell = self.map.cell(self.values(shot, free))
        return shot._replace(experiment=with_leaf(shot.experiment, self.name, cell))

    def _is_edge(self) -> HostArray:
        return np.array([part in EDGES for part in self.map.free])
