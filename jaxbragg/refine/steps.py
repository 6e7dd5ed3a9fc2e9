"""What all methods have in common: which numbers move, how far they are, how they end."""

from typing import NamedTuple

from jaxbragg.refine.arrow import Vector
from jaxbragg.refine.fit import Local
from jaxbragg.shapes import HostArray


class Active(NamedTuple):
    """Which numbers a stage refines, bool: (local,) and (shared,)."""

    local: HostArray
    shared: HostArray


class Progress(NamedTuple):
    """Where a refinement is.

    Attributes:
      taken: steps of the stage.
      at: free numbers.
      damping: of the next step; 0 for methods without.
      objective, chi_square: there.
      distance: to the optimum that the curvature predicts, in standard deviations; NaN without curvature.
    """

    taken: int
    at: Vector
    damping: float
    objective: float
    chi_square: float
    distance: float


class Ended(NamedTuple):
    """Where a method ended, the curvature there if it is known, and why it ended."""

    at: Vector
    here: Local | None
    reason: str


def restricted(slope: Vector, active: Active) -> Vector:
    """A gradient in the active numbers alone."""
    return Vector(slope.local * active.local, slope.shared * active.shared)
