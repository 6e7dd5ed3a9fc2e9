"""The named choices of an experiment: hashable, part of the compiled program."""

from enum import Enum
from typing import Any

from jaxbragg.errors import ConfigError


class Convention(Enum):
    """Laboratory frame and beam-centre convention (specs/conventions.md)."""

    ADXV = "adxv"
    MOSFLM = "mosflm"
    DENZO = "denzo"
    XDS = "xds"
    DIALS = "dials"
    CUSTOM = "custom"


class Pivot(Enum):
    """Point about which the detector rotates; selectable in the custom convention only."""

    BEAM = "beam"
    SAMPLE = "sample"


class Shape(Enum):
    """Shape of the mosaic block, hence of every spot (specs/lattice.md)."""

    SQUARE = "square"
    ROUND = "round"
    GAUSS = "gauss"
    TOPHAT = "tophat"


def as_choice(kind: Any, name: str, value: Any) -> Any:
    """The member of the enum `kind` that `value` is or names.

    Raises:
      ConfigError: there is no such member.
    """
    try:
        return kind(value.lower() if isinstance(value, str) else value)
    except ValueError:
        known = ", ".join(repr(member.value) for member in kind)
        raise ConfigError(f"`{name}` must be one of {known}, got {value!r}") from None
