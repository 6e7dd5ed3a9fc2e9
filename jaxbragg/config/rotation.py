"""The spindle scan: during one exposure the crystal turns through an oscillation range."""

from jaxbragg.config.checks import finite
from jaxbragg.config.tree import config, convert_and_check, leaf, static
from jaxbragg.errors import ConfigError
from jaxbragg.shapes import Leaf


@config
class RotationConfig:
    """Spindle angles of one image: phi + i·step for i = 0 .. steps-1, the left edges of the steps.

    Attributes:
      phi: spindle angle at the start, degrees.
      osc: oscillation range, degrees.
      steps: number of equally weighted stills that make the image.
      phi_step: distance between stills, degrees; None is osc/steps.
    """

    phi: Leaf = leaf(0.0, unit="degrees", check=finite())
    osc: Leaf = leaf(0.0, unit="degrees", check=finite())
    steps: int = static(1)
    phi_step: Leaf = leaf(None, unit="degrees", check=finite())

    def __post_init__(self) -> None:
        convert_and_check(self)
        if not isinstance(self.steps, int) or self.steps < 1:
            raise ConfigError(f"`steps` must be a positive number of phi steps, got {self.steps!r}")
