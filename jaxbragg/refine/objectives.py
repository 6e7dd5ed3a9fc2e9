"""How badly a model fits the photons of a pixel: negative logarithms of a likelihood.

Each objective gives, for every pixel, its loss, the slope of the loss with the model, and the curvature that
is expected when the model is right (Fisher information), which is never negative.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import jax.numpy as jnp
import numpy as np

from jaxbragg.errors import ConfigError
from jaxbragg.refine.shot import Pixels
from jaxbragg.shapes import Array


class Objective(Protocol):
    """A likelihood of single pixels; all arguments (n,), the model positive."""

    def loss(self, photons: Array, model: Array, variance: Array) -> Array:
        """Negative logarithm of the likelihood, up to a number that only the data decide."""
        ...

    def slope(self, photons: Array, model: Array, variance: Array) -> Array:
        """Derivative of the loss with respect to the model."""
        ...

    def curvature(self, model: Array, variance: Array) -> Array:
        """Expected second derivative."""
        ...

    def check(self, pixels: Pixels) -> None:
        """Refuse data that the likelihood gives no probability.

        Raises:
          ConfigError: the text names the remedy.
        """
        ...


@dataclass(frozen=True)
class Poisson:
    """Counted photons: the exact likelihood, as half the deviance (zero for a model that equals the data).

    Source: specs/refinement.md REF-9.
    """

    def loss(self, photons: Array, model: Array, variance: Array) -> Array:
        """M - d + d log(d/M)."""
        del variance
        counted = photons > 0
        ratio = jnp.where(counted, photons, model) / model
        return model - photons + photons * jnp.log(ratio)

    def slope(self, photons: Array, model: Array, variance: Array) -> Array:
        """1 - d/M."""
        del variance
        return 1.0 - photons / model

    def curvature(self, model: Array, variance: Array) -> Array:
        """1/M."""
        del variance
        return 1.0 / model

    def check(self, pixels: Pixels) -> None:
        """Photon numbers are not negative, and read without noise."""
        if np.any(pixels.variance > 0):
            raise ConfigError("the Poisson objective knows no readout noise; use Gaussian or StudentT")
        if np.any(pixels.photons < 0):
            raise ConfigError(
                f"the Poisson objective needs photons from zero up, got {float(np.min(pixels.photons)):g}; "
                "check offset and gain, or use Gaussian with a readout noise"
            )


@dataclass(frozen=True)
class Gaussian:
    """Normal photons of the model's variance and the readout noise's, with the logarithm of their sum.

    Source: specs/refinement.md REF-10.
    """

    def loss(self, photons: Array, model: Array, variance: Array) -> Array:
        """[log(2πV) + (d - M)²/V] / 2 with V = M + σ²."""
        total = model + variance
        return 0.5 * (jnp.log(2.0 * math.pi * total) + (photons - model) ** 2 / total)

    def slope(self, photons: Array, model: Array, variance: Array) -> Array:
        """[1 - 2r - r²/V] / 2V with r = d - M."""
        total, rest = model + variance, photons - model
        return 0.5 * (1.0 - 2.0 * rest - rest**2 / total) / total

    def curvature(self, model: Array, variance: Array) -> Array:
        """1/V + 1/2V²."""
        total = model + variance
        return 1.0 / total + 0.5 / total**2

    def check(self, pixels: Pixels) -> None:
        """Nothing is impossible."""


@dataclass(frozen=True)
class StudentT:
    """Student's t with the Gaussian's variance as squared width: outliers pull little.

    Attributes:
      freedom: degrees of freedom, above 0; the larger, the nearer to the Gaussian.

    Source: specs/refinement.md REF-11.
    """

    freedom: float = 4.0

    def __post_init__(self) -> None:
        if not (self.freedom > 0 and math.isfinite(self.freedom)):
            raise ConfigError(f"`freedom` must be positive and finite, got {self.freedom:g}; use Gaussian")

    def loss(self, photons: Array, model: Array, variance: Array) -> Array:
        """(ν + 1)/2 log(1 + r²/νV) + log(V)/2 + constant."""
        nu, total, rest = self.freedom, model + variance, photons - model
        constant = math.lgamma(nu / 2) - math.lgamma((nu + 1) / 2) + 0.5 * math.log(math.pi * nu)
        return 0.5 * (nu + 1.0) * jnp.log1p(rest**2 / (nu * total)) + 0.5 * jnp.log(total) + constant

    def slope(self, photons: Array, model: Array, variance: Array) -> Array:
        """Derivative of the loss."""
        nu, total, rest = self.freedom, model + variance, photons - model
        inner = (-2.0 * rest * total - rest**2) / (total * (nu * total + rest**2))
        return 0.5 * (nu + 1.0) * inner + 0.5 / total

    def curvature(self, model: Array, variance: Array) -> Array:
        """(ν + 1)/((ν + 3) V) + ν/(2 (ν + 3) V²)."""
        nu, total = self.freedom, model + variance
        return (nu + 1.0) / ((nu + 3.0) * total) + nu / (2.0 * (nu + 3.0) * total**2)

    def check(self, pixels: Pixels) -> None:
        """Nothing is impossible."""


OBJECTIVES: dict[str, type[Poisson] | type[Gaussian] | type[StudentT]] = {
    "poisson": Poisson,
    "gaussian": Gaussian,
    "student-t": StudentT,
}
"""Objectives by the name that the command line takes."""
