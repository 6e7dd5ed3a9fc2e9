"""A measured image: from detector units to photons, and which of its pixels mean anything."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaxbragg.errors import ConfigError, JaxbraggWarning
from jaxbragg.shapes import HostArray


@dataclass(frozen=True, eq=False)
class Measurement:
    """A measured image.

    Attributes:
      image: detector units, (slow, fast).
      mask: 0 or False where a pixel is not to be used, (slow, fast); None uses all.
      gain: detector units per photon, a number or (slow, fast).
      offset: detector units of no photon, a number or (slow, fast).
      readout_noise: standard deviation without photons, detector units, a number or (slow, fast).
      saturation: pixels of at least so many detector units are left out, with a warning; None keeps all.
    """

    image: Any
    mask: Any = None
    gain: Any = 1.0
    offset: Any = 0.0
    readout_noise: Any = 0.0
    saturation: float | None = None

    def __post_init__(self) -> None:
        image = np.asarray(self.image)
        if image.ndim != 2 or image.dtype.kind not in "fiub":
            raise ConfigError(
                f"an image must be numbers of shape (slow, fast), got {image.dtype} of shape {image.shape}"
            )
        object.__setattr__(self, "image", image.astype(np.float64))
        if self.mask is not None:
            object.__setattr__(self, "mask", self._mask(np.asarray(self.mask), image.shape))
        for name in ("gain", "offset", "readout_noise"):
            object.__setattr__(self, name, _number_or_image(name, getattr(self, name), image.shape))
        if not np.all(self.gain > 0):
            raise ConfigError("`gain` must be positive, detector units per photon; 1 for counted photons")
        if not np.all(self.readout_noise >= 0):
            raise ConfigError("`readout_noise` must be zero or positive, a standard deviation")

    @staticmethod
    def _mask(mask: HostArray, shape: tuple[int, ...]) -> HostArray:
        if mask.shape != shape:
            raise ConfigError(
                f"the mask must have the shape of the image (slow, fast) = {shape}, got {mask.shape}; "
                "transpose or crop the mask"
            )
        return np.asarray(mask != 0)

    def photons(self) -> HostArray:
        """(image - offset) / gain, photons, (slow, fast)."""
        photons: HostArray = (self.image - self.offset) / self.gain
        return photons

    def variance(self) -> HostArray:
        """Of the readout noise, photons², (slow, fast)."""
        return np.broadcast_to((self.readout_noise / self.gain) ** 2, self.image.shape)

    def usable(self) -> HostArray:
        """Pixels that are neither masked nor saturated, bool, (slow, fast).

        Raises:
          ConfigError: a pixel that is not masked is no finite number, or none is left.

        Source: specs/refinement.md REF-6.
        """
        usable = np.ones(self.image.shape, bool) if self.mask is None else self.mask.copy()
        broken = usable & ~np.isfinite(self.image)
        if np.any(broken):
            slow, fast = np.argwhere(broken)[0]
            raise ConfigError(
                f"pixels must be finite numbers, but {np.count_nonzero(broken)} are not, the first at slow "
                f"{slow}, fast {fast}; mask them (mask = numpy.isfinite(image))"
            )
        if self.saturation is not None:
            with np.errstate(invalid="ignore"):
                saturated = usable & (self.image >= self.saturation)
            if np.any(saturated):
                warnings.warn(
                    f"{np.count_nonzero(saturated)} saturated pixels (at least {self.saturation:g}) "
                    "are left out",
                    JaxbraggWarning,
                    stacklevel=2,
                )
            usable &= ~saturated
        if not np.any(usable):
            raise ConfigError("no pixel is left to refine against: all are masked or saturated")
        return usable


def _number_or_image(name: str, value: Any, shape: tuple[int, ...]) -> HostArray:
    array = np.asarray(value, np.float64)
    if array.shape not in ((), shape) or not np.all(np.isfinite(array)):
        raise ConfigError(
            f"`{name}` must be a finite number, or finite numbers of the shape of the image, {shape}; "
            f"got shape {array.shape}"
        )
    return array


def as_measurement(data: "Measurement | Any") -> Measurement:
    """A measurement, or an image of photons as one."""
    return data if isinstance(data, Measurement) else Measurement(data)
