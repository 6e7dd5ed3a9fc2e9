"""How finely pixels are sampled, and which pixels and samples count."""

import numpy as np

from jaxbragg.config.checks import are_integers, finite, not_negative
from jaxbragg.config.tree import config, convert_and_check, leaf, static
from jaxbragg.errors import ConfigError
from jaxbragg.shapes import Leaf


@config
class SamplingConfig:
    """Sampling of the image.

    Attributes:
      oversample: points per pixel edge; None is chosen from the crystal size when the experiment is built.
      dmin: samples at finer resolution than this give no spots, Å; None or 0 keeps all.
      roi: first and last fast pixel, first and last slow pixel, all inclusive; the rest of the image is 0.
      mask: 0 where a pixel is not computed, (slow, fast).
      oversample_thick: program model: take the sensor capture at every sample.
      oversample_polar: program model: take the polarization factor at every sample.
      oversample_omega: program model: take the solid angle at every sample.
    """

    oversample: int | None = static(None)
    dmin: Leaf = leaf(None, unit="Å", check=not_negative("it is a resolution, in Å"))
    roi: tuple[int, int, int, int] | None = static(None)
    mask: Leaf = leaf(None, shape=(None, None), check=finite())
    oversample_thick: bool = static(False)
    oversample_polar: bool = static(False)
    oversample_omega: bool = static(False)

    def __post_init__(self) -> None:
        if self.mask is not None and not hasattr(self.mask, "aval"):
            object.__setattr__(self, "mask", np.asarray(self.mask, dtype=np.float64))
        convert_and_check(self)
        if self.oversample is not None and (not isinstance(self.oversample, int) or self.oversample < 1):
            raise ConfigError(
                f"`oversample` must be a positive integer, got {self.oversample!r}; None chooses it"
            )
        if self.roi is not None:
            if not are_integers(self.roi, 4):
                raise ConfigError(
                    "`roi` must be four integers (fast first, fast last, slow first, slow last), got "
                    f"{self.roi!r}"
                )
            object.__setattr__(self, "roi", tuple(self.roi))
