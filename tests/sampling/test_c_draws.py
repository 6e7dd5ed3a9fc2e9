"""The program's mosaic rotations and random missetting, compared with numbers it printed."""

import ctypes
import math

import numpy as np
import pytest

from jaxbragg.sampling.c_draws import mosaic_draws, random_misset
from jaxbragg.sampling.c_random import CRandom

SPREAD = math.radians(0.5)


def matrix(axis, angle):
    """Rodrigues' formula, applied to the three basis vectors."""
    cos, sin = math.cos(angle), math.sin(angle)
    columns = [v * cos + np.cross(axis, v) * sin + axis * (axis @ v) * (1 - cos) for v in np.eye(3)]
    return np.stack(columns, axis=1)


@pytest.mark.spec("RND-5", "RND-6")
def test_matrices_of_half_a_degree_are_those_of_the_program():
    axes, fractions, _ = mosaic_draws(CRandom(), -12345, 3, SPREAD)
    expected = [
        [
            [0.999994345127201, -0.00197653876630357, -0.00272084695000751],
            [0.00197410201847545, 0.999997648274893, -0.000897978788574118],
            [0.00272261544121037, 0.000892602481162288, 0.999995895304561],
        ],
        [
            [0.999978508136231, -0.00127895269618617, -0.00643020572292812],
            [0.00125417462557504, 0.99999177933826, -0.00385594371193753],
            [0.00643508443198868, 0.00384779623966563, 0.999971891681187],
        ],
    ]
    angles = fractions * SPREAD
    for i in (1, 2):
        np.testing.assert_allclose(matrix(axes[i], angles[i]), expected[i - 1], rtol=0, atol=2e-15)
    np.testing.assert_allclose(np.degrees(angles[1:]), [0.19939677, 0.43567826], rtol=0, atol=5e-9)


@pytest.mark.spec("RND-7")
def test_first_domain_is_not_rotated_but_uses_its_numbers():
    axes, fractions, seed = mosaic_draws(CRandom(), -12345, 1, SPREAD)
    assert fractions[0] == 0.0
    assert np.linalg.norm(axes[0]) == pytest.approx(1.0, abs=1e-15)
    rng, state = CRandom(), -12345
    for _ in range(3):
        _, state = rng.uniform(state)
    assert seed == state


@pytest.mark.spec("RND-6")
def test_angle_is_a_float32_value():
    _, fractions, _ = mosaic_draws(CRandom(), -3, 200, SPREAD)
    angles = fractions * SPREAD
    np.testing.assert_allclose(angles, angles.astype(np.float32).astype(np.float64), rtol=3e-16, atol=0)


@pytest.mark.spec("RND-6")
def test_zero_spread_still_has_finite_fractions():
    _, fractions, _ = mosaic_draws(CRandom(), -3, 50, 0.0)
    _, spread_out, _ = mosaic_draws(CRandom(), -3, 50, SPREAD)
    np.testing.assert_allclose(fractions, spread_out, rtol=2e-7, atol=0)


@pytest.mark.spec("RND-5", "RND-6")
def test_rotations_follow_their_distribution():
    axes, fractions, _ = mosaic_draws(CRandom(), -99, 20000, SPREAD)
    np.testing.assert_allclose(np.linalg.norm(axes, axis=1), 1.0, rtol=1e-15)
    np.testing.assert_allclose(axes.mean(0), 0.0, atol=4 / math.sqrt(3 * 20000))
    # standard deviation of t = (1 - r^2)^(1/3) with r uniform is 0.163: four standard errors of the mean
    assert fractions[1:].mean() == pytest.approx(0.8413, abs=4 * 0.163 / math.sqrt(20000))


@pytest.mark.spec("RND-6")
def test_float32_power_is_that_of_the_c_library_but_for_rare_last_digits():
    try:
        powf = ctypes.CDLL("libm.so.6").powf
    except OSError:
        pytest.skip("no GNU C library on this machine to compare with")
    powf.argtypes, powf.restype = [ctypes.c_float, ctypes.c_float], ctypes.c_float
    _, fractions, _ = mosaic_draws(CRandom(), -5, 3000, 0.0)
    rng, seed, theirs = CRandom(), -5, []
    for _ in range(3000):
        for _ in range(3):
            u, seed = rng.uniform(seed)
        r = 2.0 * float(u) - 1.0
        theirs.append(powf(1.0 - r * r, 1.0 / 3.0))
    # that library rounds wrongly when the power lies within 0.005 ulp of the middle of two float32 values
    wrong = fractions[1:] != np.array(theirs[1:])
    assert wrong.mean() < 0.005
    np.testing.assert_allclose(fractions[1:], theirs[1:], rtol=1.2e-7, atol=0)


@pytest.mark.spec("RND-8")
@pytest.mark.parametrize(
    ("seed", "angles"),
    [
        (-42, [-11.585887, 56.207689, -1.333374]),
        (-7, [22.076402, 19.703339, 8.204977]),
        (-1, [4.662957, -11.844979, 17.622548]),
    ],
)
def test_random_misset_is_what_the_program_prints(seed, angles):
    drawn, _ = random_misset(CRandom(), seed)
    np.testing.assert_allclose(drawn, angles, rtol=0, atol=5.1e-7)


@pytest.mark.spec("RND-8")
def test_random_misset_hands_its_table_to_the_mosaic_stream():
    rng = CRandom()
    random_misset(rng, -42)
    continued, _, _ = mosaic_draws(rng, 12345, 2, SPREAD)
    alone, _, _ = mosaic_draws(CRandom(), 12345, 2, SPREAD)
    assert not np.allclose(continued, alone)
