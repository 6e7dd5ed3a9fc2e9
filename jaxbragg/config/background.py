"""Scattering that is not in spots."""

from jaxbragg.config.checks import not_negative
from jaxbragg.config.tree import config, convert_and_check, leaf
from jaxbragg.shapes import Leaf


@config
class BackgroundConfig:
    """Isotropic background.

    Attributes:
      water: edge of a cube of water in the beam, µm; None is no background.
    """

    water: Leaf = leaf(None, unit="µm", check=not_negative("it is the edge of a cube, in µm"))

    def __post_init__(self) -> None:
        convert_and_check(self)
