"""The unit cell of each crystal system, as the few numbers that are free in it.

A map, not a penalty: dependent edges are the same number and fixed angles are constants, so the constraint
holds to the last bit whatever a refinement does. The system is always given; numbers never decide it.
"""

from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxbragg.errors import ConfigError
from jaxbragg.shapes import Array, HostArray

EDGES = ("a", "b", "c")
ANGLES = ("alpha", "beta", "gamma")
CELL = EDGES + ANGLES
"""Names of the six numbers of a cell, in their order."""

RELATIVE_MISFIT = 1e-6
"""How far a given cell may be from its system: rounding of a printed number, not a wrong system."""


class CellRule(NamedTuple):
    """What each of the six numbers of a cell is: the name of a free one, or a constant in degrees."""

    a: str
    b: str
    c: str
    alpha: str | float
    beta: str | float
    gamma: str | float


_RIGHT = (90.0, 90.0, 90.0)

RULES = {
    "triclinic": CellRule("a", "b", "c", "alpha", "beta", "gamma"),
    "monoclinic-a": CellRule("a", "b", "c", "alpha", 90.0, 90.0),
    "monoclinic-b": CellRule("a", "b", "c", 90.0, "beta", 90.0),
    "monoclinic-c": CellRule("a", "b", "c", 90.0, 90.0, "gamma"),
    "orthorhombic": CellRule("a", "b", "c", *_RIGHT),
    "tetragonal-a": CellRule("a", "b", "b", *_RIGHT),
    "tetragonal-b": CellRule("a", "b", "a", *_RIGHT),
    "tetragonal-c": CellRule("a", "a", "c", *_RIGHT),
    "trigonal-hexagonal": CellRule("a", "a", "c", 90.0, 90.0, 120.0),
    "trigonal-rhombohedral": CellRule("a", "a", "a", "alpha", "alpha", "alpha"),
    "hexagonal": CellRule("a", "a", "c", 90.0, 90.0, 120.0),
    "cubic": CellRule("a", "a", "a", *_RIGHT),
}
"""Every system in each of its settings: unique axis, or hexagonal against rhombohedral axes."""

CONVENTIONAL = {"monoclinic": "monoclinic-b", "tetragonal": "tetragonal-c"}
"""Systems whose unique axis the International Tables put by default (b and c)."""


@dataclass(frozen=True)
class CellMap:
    """The cell of one system.

    Attributes:
      system: a key of `RULES`.
    """

    system: str

    @property
    def free(self) -> tuple[str, ...]:
        """Names of the free numbers, edges first."""
        return tuple(dict.fromkeys(part for part in RULES[self.system] if isinstance(part, str)))

    def cell(self, values: Array) -> Array:
        """The cell, Å and degrees, (6,), from its free numbers, in the order of `free`."""
        free = self.free
        parts = [values[free.index(part)] if isinstance(part, str) else part for part in RULES[self.system]]
        return jnp.stack([jnp.asarray(part, values.dtype) for part in parts])

    def free_values(self, cell: HostArray) -> HostArray:
        """The free numbers of a cell, in the order of `free`.

        Raises:
          ConfigError: the cell does not belong to the system.
        """
        values = [float(cell[CELL.index(name)]) for name in self.free]
        expected = [values[self.free.index(p)] if isinstance(p, str) else p for p in RULES[self.system]]
        wrong = [
            f"{name} = {have:g} instead of {want:g}"
            for name, have, want in zip(CELL, cell, expected, strict=True)
            if abs(have - want) > RELATIVE_MISFIT * want
        ]
        if wrong:
            raise ConfigError(
                f"a {self.system} cell was expected, found {', '.join(wrong)}; "
                "start from a cell of that system, or name another"
            )
        return np.array(values)


def cell_map(system: str) -> CellMap:
    """The map of a crystal system.

    Args:
      system: "triclinic", "monoclinic" (unique axis b) or "monoclinic-a|b|c", "orthorhombic", "tetragonal"
        (unique axis c) or "tetragonal-a|b|c", "trigonal-hexagonal", "trigonal-rhombohedral", "hexagonal",
        "cubic".

    Raises:
      ConfigError: there is no such system, or its setting must be said.

    Source: specs/refinement.md REF-4.
    """
    name = CONVENTIONAL.get(system, system)
    if name not in RULES:
        settings = [rule for rule in RULES if rule.startswith(f"{name}-")]
        known = settings or [*CONVENTIONAL, *RULES]
        raise ConfigError(f"the crystal system must be one of {', '.join(known)}, got {system!r}")
    return CellMap(name)
