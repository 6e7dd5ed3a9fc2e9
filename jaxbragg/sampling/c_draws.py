"""Mosaic rotations and the random missetting of the C program nanoBragg, number for number.

Holds the draws only: an axis and an angle for each rotation. The rotation matrices of the simulation are
built from them in ``mosaic.py``; the generator stands in ``c_random.py``. Host code: Python and numpy,
no jax.
"""

import math

import numpy as np
import numpy.typing as npt

from jaxbragg.sampling.c_random import CRandom

RANDOM_MISSET_SPREAD = 90.0  # taken as radians by the program, whose author meant degrees


def mosaic_draws(
    rng: CRandom, seed: int, n_domains: int, spread_rad: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], int]:
    """Rotation axes and relative rotation angles of the program's mosaic domains.

    The angle of domain i is ``fractions[i] * spread_rad``: written so, it stays differentiable in the
    spread. At the spread given here the product is the program's angle to the last double digit or so.

    Args:
      rng: the shared generator, changed by the draws.
      seed: state of the mosaic stream; minus the number typed after -mosaic_seed.
      n_domains: number of domains, at least 0.
      spread_rad: mosaic spread, radians; rounded to float32 by the program.

    Returns:
      axes: unit vectors, laboratory frame, (n_domains, 3).
      fractions: rotation angle over spread, dimensionless, 0 to 1, (n_domains,); 0 for the first
        domain, which is not rotated although its three numbers are drawn.
      seed: state of the stream after 3 n_domains numbers.

    Source: specs/random.md RND-5 to RND-7.
    """
    axes = np.empty((n_domains, 3))
    fractions = np.empty(n_domains)
    for i in range(n_domains):
        axes[i], angle, power, seed = _rotation(rng, seed, spread_rad)
        fractions[i] = angle / spread_rad if spread_rad != 0.0 else power
    fractions[:1] = 0.0
    return axes, fractions, seed


def random_misset(rng: CRandom, seed: int) -> tuple[npt.NDArray[np.float64], int]:
    """Missetting angles of the program's random orientation.

    Args:
      rng: the shared generator, changed by the draws.
      seed: state of the misset stream; minus the number typed after -misset_seed.

    Returns:
      Rotations about the laboratory x, y and z axes, applied in this order, degrees, (3,); and the
      state of the stream after three numbers.

    Source: specs/random.md RND-8.
    """
    axis, angle, _, seed = _rotation(rng, seed, RANDOM_MISSET_SPREAD)
    return np.degrees(_angles_of_matrix(_rotation_matrix(axis, angle))), seed


def _rotation(
    rng: CRandom, seed: int, spread_rad: float
) -> tuple[npt.NDArray[np.float64], float, float, int]:
    """Axis, angle (radians), angle over spread before rounding, and seed, from three numbers."""
    u1, seed = rng.uniform(seed)
    u2, seed = rng.uniform(seed)
    u3, seed = rng.uniform(seed)
    r1, r2, r3 = (2.0 * float(u) - 1.0 for u in (u1, u2, u3))
    xy = math.sqrt(1.0 - r2 * r2)
    axis = np.array([xy * math.sin(math.pi * r1), xy * math.cos(math.pi * r1), r2])
    power = np.float32(math.pow(np.float32(1.0 - r3 * r3), np.float32(1.0 / 3.0)))
    return axis, float(np.float32(spread_rad) * power), float(power), seed


def _rotation_matrix(axis: npt.NDArray[np.float64], angle: float) -> npt.NDArray[np.float64]:
    """Right-handed rotation by an angle (radians) about a unit vector, (3, 3)."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    cos, sin = math.cos(angle), math.sin(angle)
    return cos * np.eye(3) + (1.0 - cos) * np.outer(axis, axis) + sin * cross


def _angles_of_matrix(matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Angles about x, y, z (radians) whose successive rotations make up the matrix, (3,)."""
    (xx, xy, _), (yx, yy, _), (zx, zy, zz) = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    if zx * zx >= 1.0:
        return np.array([math.pi, math.pi / 2, math.atan2(xy, -yy)])
    return np.array([math.atan2(zy, zz), math.atan2(-zx, math.hypot(zy, zz)), math.atan2(yx, xx)])
