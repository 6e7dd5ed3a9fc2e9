"""How many samples a range gets when range, step and number are only partly given (specs/sampling.md).

Host-side and in plain numbers: the counts decide shapes. The rules are the reference program's; its one
defect here (Q4) is a switch of the model.
"""

import math
from typing import NamedTuple

import numpy as np

from jaxbragg.config.model import Model
from jaxbragg.errors import ConfigError
from jaxbragg.shapes import HostArray


class Steps(NamedTuple):
    """A sampled range: number of points n, full range, distance between points."""

    n: int
    range: float
    step: float


LARGEST_COUNT = 10_000_000
"""More points than this, along one range or of one pixel, are a mistake: they fill a gigabyte or two."""


def limited(n: float, what: str, remedy: str = "give a larger step or fewer steps") -> int:
    """A number of points, unless it is absurd.

    Args:
      n: number of points; rounded up.
      what: the points, completing "... must be at most".
      remedy: how to make it smaller.

    Raises:
      ConfigError: it is above `LARGEST_COUNT`, or nan.

    Source: specs/configs.md CFG-12.
    """
    if not n <= LARGEST_COUNT:
        raise ConfigError(f"{what} must be at most {LARGEST_COUNT}, got {n:g}; {remedy}")
    return math.ceil(n)


NO_STEPS = Steps(1, 0.0, 0.0)


def range_steps(count: int | None, full_range: float | None, step: float | None) -> Steps:
    """Sampling of a divergence (radians) or dispersion (fraction) range.

    Args:
      count: number of points; None or <= 0 is not given.
      full_range: full range; None or negative is not given.
      step: distance between points; None or <= 0 is not given.

    Source: specs/sampling.md SAMP-1.
    """
    has_count = count is not None and count > 0
    has_range = full_range is not None and full_range >= 0
    has_step = step is not None and step > 0
    n, r, d = count or 0, full_range if has_range else 0.0, step if has_step else 0.0
    assert r is not None and d is not None
    if not has_range:
        if has_step:
            n, r = 2, d
        elif has_count:
            r, d = 1.0, 1.0 / n  # one radian, or 100 %: the program's default range
        else:
            return NO_STEPS
    elif not has_step:
        n = max(n, 2) if has_count else 2
        d = r / (n - 1)
    elif not has_count:
        n = limited(r / d, "the number of steps of a range")
    return Steps(n, r, d) if n > 0 and r > 0 and d > 0 else NO_STEPS


def source_grid(horizontal: Steps, vertical: Steps, dispersion: Steps, round_beam: bool) -> HostArray:
    """Generated sources, as fractions -1/2..1/2 of the three ranges, (n, 3).

    Horizontal is the outermost order, the wavelength the innermost. A round beam leaves out the corners of
    the divergence grid; nothing is left out when either range is zero.

    Source: specs/sampling.md SAMP-2.
    """
    limited(horizontal.n * vertical.n * dispersion.n, "the number of sources")
    with np.errstate(over="ignore", invalid="ignore"):
        h, v, w = (_fractions(steps) for steps in (horizontal, vertical, dispersion))
        keep = np.ones((len(h), len(v)), dtype=bool)
        if round_beam and horizontal.range > 0 and vertical.range > 0:
            keep = 4 * (_trim(h, horizontal)[:, None] + _trim(v, vertical)[None, :]) <= 1.1
    i, j = np.nonzero(keep)
    if len(i) == 0:
        raise ConfigError(
            "a round beam must keep at least one source, but the divergence steps put all of them into the "
            "corners; give steps that fit their range, or a square beam"
        )
    grid = np.empty((len(i), len(w), 3))
    grid[..., 0], grid[..., 1], grid[..., 2] = h[i][:, None], v[j][:, None], w[None, :]
    return grid.reshape(-1, 3)


def _fractions(steps: Steps) -> HostArray:
    if steps.range == 0:
        return np.zeros(steps.n)
    return np.arange(steps.n) * (steps.step / steps.range) - 0.5


def _trim(fractions: HostArray, steps: Steps) -> HostArray:
    """One term of the elliptical trimming, in units of the range squared."""
    ratio = steps.step / steps.range
    even_correction = ratio * ratio / 4 if steps.n % 2 == 0 else 0.0
    return np.asarray(fractions * fractions - even_correction)


class PhiSteps(NamedTuple):
    """Spindle sampling of n steps, degrees; `step` None is oscillation/n."""

    n: int
    oscillation: float
    step: float | None


def phi_steps(count: int | None, oscillation: float | None, step: float | None) -> PhiSteps:
    """Sampling of the spindle rotation, degrees.

    Args:
      count: number of steps; None or negative is not given, 0 is 1.
      oscillation: full range, degrees; None or negative is not given.
      step: degrees per step; None is not given.

    Source: specs/sampling.md SAMP-3.
    """
    has_range = oscillation is not None and oscillation >= 0
    osc = oscillation if has_range and oscillation is not None else 0.0
    has_step = step is not None and step > 0
    if count is None or count < 0:
        if not has_range:
            return PhiSteps(2, step, step) if has_step and step is not None else PhiSteps(1, 0.0, 0.0)
        if not has_step or step is None:
            return PhiSteps(2, osc, osc / 2)
        return PhiSteps(max(limited(osc / step, "the number of phi steps"), 1), osc, step)
    n = max(limited(count, "the number of phi steps"), 1)
    if not has_range:
        return PhiSteps(2, step, step) if has_step and step is not None else PhiSteps(n, 1.0, None)
    if step is None or step < 0:
        return PhiSteps(n, osc, None)
    return PhiSteps(n, osc, step)


def mosaic_domains(count: int | None, spread: float | None) -> int:
    """Number of mosaic domains.

    Args:
      count: domains asked for; None or <= 0 is not given.
      spread: mosaic spread, degrees; None or negative is not given.

    Source: specs/sampling.md SAMP-4.
    """
    if spread is None or spread <= 0:
        return 1
    return limited(count, "the number of mosaic domains") if count is not None and count > 0 else 10


class Layers(NamedTuple):
    """A sensor of n layers: modelled depth and attenuation depth, µm."""

    n: int
    thickness: float
    attenuation_depth: float


def sensor_layers(
    count: int | None, thickness: float, attenuation_depth: float | None, model: Model
) -> Layers | None:
    """Layers of the sensor; None is a bare detector that records everything.

    Args:
      count: layers asked for; None or <= 0 is not given.
      thickness: sensor thickness, µm; negative is not known.
      attenuation_depth: depth at which 1/e is left, µm; None takes the thickness.
      model: with `layer_step_too_long` n layers are thickness/(n-1) apart, hence model n/(n-1) too much.

    Source: specs/sampling.md SAMP-5.
    """
    given = count is not None and count > 0
    if thickness == 0 or (thickness < 0 and not given):
        return None
    n = limited(count, "the number of sensor layers") if given and count is not None else 2
    depth = thickness
    if thickness < 0:
        depth = thickness = 0.5
    elif given and model.layer_step_too_long:
        n = max(n, 2)
        depth = thickness * n / (n - 1)
    return Layers(n, depth, thickness if attenuation_depth is None else attenuation_depth)
