"""Names of the fields that can be refined."""

import dataclasses
import difflib
import functools
import re
from collections.abc import Mapping
from typing import NamedTuple

from jaxbragg.config.background import BackgroundConfig
from jaxbragg.config.beam import BeamConfig
from jaxbragg.config.crystal import CrystalConfig
from jaxbragg.config.detector import DetectorConfig
from jaxbragg.config.rotation import RotationConfig
from jaxbragg.config.structure_factors import StructureFactorConfig
from jaxbragg.errors import ConfigError

CONFIGS = {
    "crystal": CrystalConfig,
    "beam": BeamConfig,
    "detector": DetectorConfig,
    "rotation": RotationConfig,
    "structure_factors": StructureFactorConfig,
    "background": BackgroundConfig,
}

SPECIAL = ("misset", "cell", "scale", "background")
"""Names that are not, or not simply, a field."""

POSITIVE = {
    "crystal.n_cells",
    "crystal.fudge",
    "crystal.mosaic_spread",
    "beam.wavelength",
    "beam.flux",
    "beam.given_fluence",
    "detector.distance",
    "detector.pixel_size",
    "background.water",
    "structure_factors.default_f",
}
"""Fields that make sense only above zero."""

UNREFINABLE = {
    "crystal.matrix": "refine `misset` and `cell`",
    "structure_factors.table": "use Reflections and name the reflections",
    "beam.source_grid": "refine `divergence` or `dispersion`",
    "crystal.cell": "use UnitCell and name the crystal system",
}
"""Fields that are refined by other means, and which."""


class KnownPath(NamedTuple):
    """A field that can be refined.

    Attributes:
      leaf: its path, "detector.distance".
      element: which element, None for all.
      is_positive: whether it makes sense only above zero.
    """

    leaf: str
    element: int | None
    is_positive: bool

    @property
    def text(self) -> str:
        """Path with the index."""
        return self.leaf if self.element is None else f"{self.leaf}[{self.element}]"


@functools.cache
def paths() -> Mapping[str, str]:
    """Every field that can be refined: its path, by path and by its last name where that is unique."""
    full = [
        f"{part}.{field.name}"
        for part, kind in CONFIGS.items()
        for field in dataclasses.fields(kind)
        if "leaf" in field.metadata
    ]
    last = [path.split(".")[1] for path in full]
    return {path: path for path in full} | {
        name: path for name, path in zip(last, full, strict=True) if last.count(name) == 1
    }


def known_path(text: str) -> KnownPath:
    """The field that a name means.

    Raises:
      ConfigError: there is none; the text tells the nearest.

    Source: specs/refinement.md REF-1.
    """
    found = re.fullmatch(r"([\w.]+)(?:\[(\d+)\])?", text)
    leaf = paths().get(found[1]) if found else None
    if found is None or leaf is None:
        near = difflib.get_close_matches(text, [*SPECIAL, *paths()], n=3, cutoff=0.5)
        remedy = f"did you mean {' or '.join(near)}?" if near else "see the fields of the configs"
        raise ConfigError(f"no parameter is called {text!r}; {remedy}")
    if leaf in UNREFINABLE:
        raise ConfigError(f"`{leaf}` cannot be refined as it stands; {UNREFINABLE[leaf]}")
    return KnownPath(leaf, int(found[2]) if found[2] else None, leaf in POSITIVE)
