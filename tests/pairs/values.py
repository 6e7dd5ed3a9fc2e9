"""Pairs of float32 as the float64 numbers that they stand for."""

import jax
import numpy as np

from jaxbragg.pairs.pair import split


def numbers(count: int = 20_000, seed: int = 0) -> np.ndarray:
    """Of both signs, over twelve decades."""
    rng = np.random.default_rng(seed)
    return value(split(rng.normal(size=count) * 10.0 ** rng.integers(-6, 6, count)))


def value(pair) -> np.ndarray:
    """hi + lo in float64."""
    return np.asarray(pair.hi, np.float64) + np.asarray(pair.lo, np.float64)


def of(function):
    """A compiled function of pairs as one of float64 arrays."""
    compiled = jax.jit(function)
    return lambda *args: value(compiled(*map(split, args)))
