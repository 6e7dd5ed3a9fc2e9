"""Conditions on the numbers of a config; each failure says what was expected, found, and the remedy."""

from collections.abc import Callable
from typing import Any

import numpy as np

from jaxbragg.errors import ConfigError

Values = np.ndarray[Any, Any]
Check = Callable[[str, Values, str], None]


def rule(expected: str, holds: Callable[[Values], Any], remedy: str = "") -> Check:
    """A check that every value is a number and satisfies `holds`.

    Args:
      expected: what the value must be, completing "must be ...".
      holds: array -> booleans.
      remedy: what to do instead.
    """

    def check(name: str, values: Values, unit: str) -> None:
        good = ~np.isnan(values) & np.asarray(holds(values))
        if not np.all(good):
            bad = np.ravel(values)[np.argmin(np.ravel(np.broadcast_to(good, values.shape)))]
            raise ConfigError(
                f"`{name}` must be {expected}, got {float(bad):g}{f' {unit}' if unit else ''}"
                + (f"; {remedy}" if remedy else "")
            )

    return check


def finite(remedy: str = "") -> Check:
    """Every value is a finite number."""
    return rule("finite", np.isfinite, remedy)


def positive(remedy: str = "") -> Check:
    """Every value is finite and above zero."""
    return rule("positive and finite", lambda v: (v > 0) & np.isfinite(v), remedy)


def positive_or_infinite(remedy: str = "") -> Check:
    """Every value is above zero."""
    return rule("positive", lambda v: v > 0, remedy)


def not_negative(remedy: str = "") -> Check:
    """Every value is finite and zero or above."""
    return rule("zero or positive, and finite", lambda v: (v >= 0) & np.isfinite(v), remedy)


def not_zero(remedy: str = "") -> Check:
    """Every value is finite and not zero."""
    return rule("different from zero, and finite", lambda v: (v != 0) & np.isfinite(v), remedy)


def between(low: float, high: float, remedy: str = "") -> Check:
    """Every value lies in the closed interval."""
    return rule(f"between {low:g} and {high:g}", lambda v: (v >= low) & (v <= high), remedy)


def nonzero_vector(name: str, values: Values, unit: str) -> None:
    """The vector has a direction: its squared length is neither zero nor infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        length_sq = np.sum(np.square(values))
    if not (np.isfinite(length_sq) and length_sq > 0):
        raise ConfigError(
            f"`{name}` must be a vector with a direction, got {values.tolist()}; leave it out to use the "
            "convention's own"
        )


def unit_vectors(name: str, values: Values, unit: str) -> None:
    """Every vector along the last axis has length 1."""
    lengths = np.ravel(np.linalg.norm(values, axis=-1))
    if not np.all(np.abs(lengths - 1.0) < 1e-6):
        worst = lengths[np.argmax(~(np.abs(lengths - 1.0) < 1e-6))]
        raise ConfigError(
            f"`{name}` must be unit vectors, got one of length {worst:g}; divide each by its length"
        )


def are_integers(values: Any, count: int) -> bool:
    """Whether `values` is a tuple or list of `count` integers."""
    return (
        isinstance(values, tuple | list) and len(values) == count and all(isinstance(i, int) for i in values)
    )
