"""Groups of parameters that act on photons: overall scale, background, amplitudes of reflections."""

from dataclasses import dataclass, field
from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from jaxbragg.errors import ConfigError
from jaxbragg.refine.group import Common
from jaxbragg.refine.shot import Shot, with_leaf
from jaxbragg.refine.surface import TERMS, number_of_terms
from jaxbragg.refine.transforms import Positive, Transform
from jaxbragg.shapes import Array, HostArray

Hkl = tuple[int, int, int]


@dataclass(frozen=True)
class Scale(Common):
    """Overall factor on the simulated photons; the start None makes the sum of photons right."""

    initial: float | None = field(default=None, compare=False)
    name: ClassVar[str] = "scale"
    typical: float = field(default=0.1, compare=False, kw_only=True)
    moves_experiment: ClassVar[bool] = False

    def labels(self, shot: Shot) -> tuple[str, ...]:
        """One."""
        return (self.name,)

    def start(self, shot: Shot) -> HostArray:
        """Logarithm."""
        return Positive().inverse(np.reshape(np.asarray(shot.scale, np.float64), (1,)), self.name)

    def values(self, shot: Shot, free: Array) -> Array:
        """The factor."""
        return jnp.exp(free)

    def put(self, shot: Shot, free: Array) -> Shot:
        """Replace the factor."""
        return shot._replace(scale=self.values(shot, free)[0])


@dataclass(frozen=True)
class Background(Common):
    """A polynomial under the reflections, for every region of its own: of order 0 (constant), 1 (plane) or 2.

    Attributes:
      order: of the polynomial.
      initial: constant to start from, photons per pixel; None is the median of the region.
    """

    order: int = 0
    initial: float | None = field(default=None, compare=False)
    name: ClassVar[str] = "background"
    typical: float = field(default=1.0, compare=False, kw_only=True)
    moves_experiment: ClassVar[bool] = False

    def __post_init__(self) -> None:
        number_of_terms(self.order)

    def labels(self, shot: Shot) -> tuple[str, ...]:
        """Terms, with the number of the region where there are several."""
        regions, terms = np.shape(shot.surface)
        several = [f"[{r}]" for r in range(regions)] if regions > 1 else [""]
        return tuple(f"{self.name}{region}.{term}" for region in several for term in TERMS[:terms])

    def start(self, shot: Shot) -> HostArray:
        """The coefficients."""
        return np.ravel(np.asarray(shot.surface, np.float64))

    def values(self, shot: Shot, free: Array) -> Array:
        """The coefficients, photons per pixel."""
        return free

    def put(self, shot: Shot, free: Array) -> Shot:
        """Replace the coefficients."""
        return shot._replace(surface=free.reshape(jnp.shape(shot.surface)))


@dataclass(frozen=True)
class Reflections(Common):
    """Amplitudes F of chosen reflections.

    Attributes:
      hkl: reflections; an entry may also be a tuple of equivalent ones (Friedel mates, say), which then have
        one amplitude.
      transform: which amplitudes are allowed.
    """

    hkl: tuple[Hkl | tuple[Hkl, ...], ...]
    transform: Transform = field(default_factory=Positive)
    name: ClassVar[str] = "structure_factors.table"
    shared: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        entries = tuple(_equivalents(entry) for entry in self.hkl)
        flat = [hkl for entry in entries for hkl in entry]
        if not flat or len(set(flat)) < len(flat):
            raise ConfigError("`hkl` must name at least one reflection, and each only once")
        object.__setattr__(self, "hkl", entries)

    def labels(self, shot: Shot) -> tuple[str, ...]:
        """First of each set of equivalents."""
        return tuple(f"F({h},{k},{l})" for (h, k, l), *_ in self._entries())

    def start(self, shot: Shot) -> HostArray:
        """Amplitudes of the first of each set."""
        factors = shot.experiment.structure_factors
        if factors.table is None:
            raise ConfigError("there is no list of structure factors to refine; give -hkl, or a `table`")
        table, places = np.asarray(factors.table, np.float64), self._places(shot)
        for (hkl, *_), place in zip(self._entries(), places, strict=True):
            if not np.all((place >= 0) & (place < table.shape)):
                raise ConfigError(f"reflection {hkl} is not in the list of structure factors")
        return self.transform.inverse(np.array([table[tuple(p[0])] for p in places]), self.name)

    def values(self, shot: Shot, free: Array) -> Array:
        """Amplitudes, electrons."""
        return self.transform.forward(free)

    def put(self, shot: Shot, free: Array) -> Shot:
        """Replace the amplitudes of all equivalents."""
        places = self._places(shot)
        owner = np.repeat(np.arange(len(places)), [len(place) for place in places])
        index = tuple(np.concatenate(places).T)
        factors = shot.experiment.structure_factors
        table = jnp.asarray(factors.table).at[index].set(self.values(shot, free)[owner])
        return shot._replace(experiment=with_leaf(shot.experiment, self.name, table))

    def _entries(self) -> tuple[tuple[Hkl, ...], ...]:
        return self.hkl  # type: ignore[return-value]  # made uniform when built

    def _places(self, shot: Shot) -> list[HostArray]:
        """Places of every entry's reflections in the table, (equivalents, 3) each."""
        lowest = np.array(shot.experiment.structure_factors.index_min)
        return [np.array(entry) - lowest for entry in self._entries()]


def _equivalents(entry: Hkl | tuple[Hkl, ...]) -> tuple[Hkl, ...]:
    """One reflection or several, as several."""
    if all(isinstance(part, int | np.integer) for part in entry):
        entry = (entry,)  # type: ignore[assignment]
    if not all(len(hkl) == 3 for hkl in entry):  # type: ignore[arg-type]
        raise ConfigError(f"a reflection has three indices h, k, l, got {entry!r}")
    return tuple((int(h), int(k), int(l)) for h, k, l in entry)  # type: ignore[misc]
