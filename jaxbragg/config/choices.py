"""The named choices of an experiment: hashable, part of the compiled program."""

from enum import Enum


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
