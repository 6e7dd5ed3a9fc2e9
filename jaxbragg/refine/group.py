"""What a group of parameters is: how unconstrained numbers change a shot.

A group turns a vector of unconstrained numbers into a change of the shot, so whatever numbers a method tries,
the shot is a possible one. The groups are in `parameters.py` and `photon_parameters.py`.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np

from jaxbragg.errors import ConfigError
from jaxbragg.refine.shot import Shot
from jaxbragg.shapes import Array, HostArray


@dataclass(frozen=True)
class Prior:
    """What was known before: a Gaussian, in the parameter's own units.

    Attributes:
      sigma: standard deviation; one number, or one for each element of the parameter.
      mean: expected value, likewise; None is the start.
    """

    sigma: float | tuple[float, ...]
    mean: float | tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not np.all(np.asarray(self.sigma) > 0):
            raise ConfigError(
                f"the sigma of a prior must be positive, got {self.sigma}; use fixed=True for 0"
            )


class Group(Protocol):
    """A named group of parameters."""

    @property
    def name(self) -> str:
        """As results show it."""
        ...

    @property
    def fixed(self) -> bool:
        """Whether it keeps its start."""
        ...

    @property
    def shared(self) -> bool:
        """Whether all shots have the same values."""
        ...

    @property
    def typical(self) -> float:
        """Size of a usual change of the free numbers."""
        ...

    @property
    def prior(self) -> Prior | None:
        """On the values."""
        ...

    @property
    def moves_experiment(self) -> bool:
        """Whether it acts on the simulated photons."""
        ...

    def labels(self, shot: Shot) -> tuple[str, ...]:
        """Names of its elements."""
        ...

    def start(self, shot: Shot) -> HostArray:
        """Free numbers that leave the shot as it is, (n,)."""
        ...

    def values(self, shot: Shot, free: Array) -> Array:
        """Values in user units, (n,), of free numbers relative to the start shot."""
        ...

    def put(self, shot: Shot, free: Array) -> Shot:
        """The shot with these free numbers instead of its own."""
        ...


@dataclass(frozen=True, kw_only=True)
class Common:
    """What all groups have.

    Attributes:
      fixed: keep the start.
      shared: one value for all shots.
      typical: size of a usual change of the free numbers; the unit of the steps of gradient methods.
      prior: Gaussian on the values.
    """

    fixed: bool = False
    shared: bool = False
    typical: float = field(default=0.01, compare=False)
    prior: Prior | None = field(default=None, compare=False)
    moves_experiment: ClassVar[bool] = True
