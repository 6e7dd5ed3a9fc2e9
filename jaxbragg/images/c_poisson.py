"""Gaussian and Poisson numbers of the C program nanoBragg: the definition, one number at a time.

Holds the deviates only. The same for a million pixels stands in ``c_poisson_loop.py``, which must agree with
this file to the last bit; the image in ``c_noise.py``; the uniform numbers in ``sampling/c_random.py``. Host
code in float32 and float64. The elementary functions are those of Python's math module because these
are the C library's; each float32 operation rounds as it stands.
"""

import math
from dataclasses import dataclass

import numpy as np

from jaxbragg.sampling.c_random import CRandom

LOW_MEAN = 12.0
HIGH_MEAN = 1.0e6
SERIES_START = 1.000000000190015
SERIES = (
    76.18009172947146,
    -86.50532032941677,
    24.01409824083091,
    -1.231739572450155,
    0.001208650973866179,
    -0.000005395239384953,
)
ROOT_TWO_PI = 2.5066282746310005


def log_gamma(x: np.float32) -> np.float32:
    """Logarithm of the gamma function as the program computes it.

    Args:
      x: argument, above 0, float32.

    Returns:
      ln Γ(x), float32.

    Source: specs/noise.md NOISE-1.
    """
    z = float(x)
    tail = z + 5.5
    tail -= (z + 0.5) * math.log(tail)
    series = SERIES_START
    for j, coefficient in enumerate(SERIES):
        series += coefficient / (z + 1.0 + j)
    return np.float32(-tail + math.log(ROOT_TWO_PI * series / z))


@dataclass
class CDeviates:
    """Gaussian and Poisson deviates of the program.

    Attributes:
      rng: the shared generator of uniform numbers.
      spare: second Gaussian number of a pair, waiting for the next call; None if there is none.

    Source: specs/noise.md NOISE-2 to NOISE-4.
    """

    rng: CRandom
    spare: np.float32 | None = None

    def gaussian(self, seed: int) -> tuple[np.float32, int]:
        """Draw from the normal distribution of mean 0 and variance 1.

        Args:
          seed: state of the stream.

        Returns:
          The deviate, float32, and the new state of the stream (the old one if a spare was waiting).

        Source: specs/noise.md NOISE-2.
        """
        if self.spare is not None:
            deviate, self.spare = self.spare, None
            return deviate, seed
        radius_sq = np.float32(0.0)
        while not 0.0 < radius_sq < 1.0:
            u1, seed = self.rng.uniform(seed)
            u2, seed = self.rng.uniform(seed)
            v1, v2 = (np.float32(2.0 * float(u) - 1.0) for u in (u1, u2))
            radius_sq = v1 * v1 + v2 * v2
        w = float(radius_sq)
        factor = np.float32(math.sqrt(-2.0 * math.log(w) / w))
        self.spare = v1 * factor
        return v2 * factor, seed

    def poisson(self, mean: np.float32, seed: int) -> tuple[np.float32, int]:
        """Draw a number of photons.

        Args:
          mean: expected number of photons, float32; a negative one counts as 0.
          seed: state of the stream.

        Returns:
          Number of photons, float32, whole for means up to 10⁶ and not rounded above; NaN for a NaN mean;
          and the new state of the stream.

        Source: specs/noise.md NOISE-3 and NOISE-4.
        """
        if mean > HIGH_MEAN:
            deviate, seed = self.gaussian(seed)
            return np.float32(float(mean) + math.sqrt(mean) * float(deviate)), seed
        if mean < LOW_MEAN:
            return self._poisson_by_product(mean, seed)
        return self._poisson_by_rejection(mean, seed)

    def _poisson_by_product(self, mean: np.float32, seed: int) -> tuple[np.float32, int]:
        """Count the uniform numbers whose product stays above exp(-mean)."""
        limit = np.float32(math.exp(-max(float(mean), 0.0)))
        count, product = -1, np.float32(1.0)
        while product > limit or count < 0:
            count += 1
            u, seed = self.rng.uniform(seed)
            product = product * u
        return np.float32(count), seed

    def _poisson_by_rejection(self, mean: np.float32, seed: int) -> tuple[np.float32, int]:
        """Accept or reject from a Lorentzian that covers the distribution."""
        width = np.float32(math.sqrt(2.0 * float(mean)))
        log_mean = np.float32(math.log(mean))
        peak = mean * log_mean - log_gamma(mean + np.float32(1.0))
        while True:
            count = np.float32(-1.0)
            while count < 0.0:
                u, seed = self.rng.uniform(seed)
                y = np.float32(math.tan(math.pi * float(u)))
                count = width * y + mean
            count = np.floor(count)
            exponent = count * log_mean - log_gamma(count + np.float32(1.0)) - peak
            chance = np.float32(0.9 * (1.0 + float(y * y)) * math.exp(exponent))
            u, seed = self.rng.uniform(seed)
            if not u > chance:
                return count, seed
