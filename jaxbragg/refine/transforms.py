"""From an unconstrained number to one that a parameter may have."""

import math
from dataclasses import dataclass
from typing import Protocol

import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg.errors import ConfigError
from jaxbragg.shapes import Array, HostArray


class Transform(Protocol):
    """A smooth, strictly increasing map from all real numbers to the allowed ones."""

    def forward(self, free: Array) -> Array:
        """Allowed values of unconstrained ones, any shape."""
        ...

    def inverse(self, value: HostArray, name: str) -> HostArray:
        """Unconstrained values of allowed ones; `name` is for the error text.

        Raises:
          ConfigError: a value is not allowed.
        """
        ...


@dataclass(frozen=True)
class Identity:
    """Every number is allowed."""

    def forward(self, free: Array) -> Array:
        """The value itself."""
        return free

    def inverse(self, value: HostArray, name: str) -> HostArray:
        """The value itself."""
        del name
        return value


@dataclass(frozen=True)
class Positive:
    """Numbers above zero: the exponential of the free one, which so is a relative change."""

    def forward(self, free: Array) -> Array:
        """Exponential."""
        return jnp.exp(free)

    def inverse(self, value: HostArray, name: str) -> HostArray:
        """Logarithm."""
        if not np.all(value > 0):
            raise ConfigError(
                f"`{name}` must start above zero to be refined as a positive number, got {_worst(value, 0)}; "
                "give a positive start, or another transform"
            )
        return np.log(value)


@dataclass(frozen=True)
class Bounded:
    """Numbers between two bounds, both excluded: low + (high - low) / (1 + exp(-free))."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ConfigError(
                f"bounds must be finite and in order, got {self.low:g} and {self.high:g}; "
                "use Positive for a lower bound of zero alone"
            )

    def forward(self, free: Array) -> Array:
        """Logistic function."""
        return self.low + (self.high - self.low) * jax.nn.sigmoid(free)

    def inverse(self, value: HostArray, name: str) -> HostArray:
        """Logit."""
        if not np.all((value > self.low) & (value < self.high)):
            raise ConfigError(
                f"`{name}` must start between its bounds {self.low:g} and {self.high:g}, got "
                f"{np.ravel(value).tolist()}; move the bounds or the start"
            )
        part = (value - self.low) / (self.high - self.low)
        return np.log(part / (1.0 - part))


def _worst(value: HostArray, bound: float) -> str:
    bad = np.ravel(value)[np.argmin(np.ravel(value > bound))]
    return f"{float(bad):g}"
