"""The finite lattice against direct sums over its cells.

The truth is the sum of exp(2 pi i h n) over n = 0 .. N-1 in NumPy. Tolerance: N terms of size one, each with
a phase rounded to 2 pi N h · 1e-16; |error| below N² · 1e-14 for h up to 10.
"""

import math

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxbragg.shapes import Vec3
from jaxbragg.terms.lattice import (
    ReciprocalAxes,
    gauss_crystal,
    less_whole,
    round_crystal,
    square_axis_full,
    square_axis_sign,
    square_crystal,
    tophat_crystal,
)
from tests.doubles import float64, number, vec3

__all__ = ["float64"]

CUBE = ReciprocalAxes(*(vec3(v) for v in np.eye(3) / 50))  # a cube of 50 Å


def axis(distance, cells, dtype=jnp.float64):
    """Amplitude of a block with more than one cell along a only."""
    d, n = jnp.asarray(distance, dtype), jnp.asarray(cells, dtype)
    zero, one = jnp.zeros_like(d), jnp.ones_like(n)
    return block(Vec3(d, zero, zero), Vec3(n, one, one))


def block(distance, cells):
    """Amplitude of a block, the remainders formed as directly as can be."""
    return square_crystal(distance, Vec3(*map(remainder, distance, cells)), cells)


def remainder(distance, cells):
    return less_whole(distance * cells)


def direct_sum(h, cells):
    return abs(np.sum(np.exp(2j * np.pi * h * np.arange(cells))))


@pytest.mark.spec("LAT-1", "LAT-2")
@settings(max_examples=60, deadline=None)
@given(h=st.floats(-10, 10), cells=st.integers(1, 200))
def test_a_row_of_cells_is_a_geometric_sum(h, cells):
    distance = h - math.ceil(h - 0.5)
    assert abs(float(axis(distance, cells))) == pytest.approx(direct_sum(h, cells), abs=1e-14 * cells**2)


@pytest.mark.spec("LAT-1")
@pytest.mark.parametrize("cells", [1, 2, 5, 1000])
def test_a_peak_is_as_high_as_there_are_cells(cells):
    assert float(axis(0.0, cells)) == pytest.approx(cells, rel=1e-15)
    assert float(axis(1e-9, cells)) == pytest.approx(cells, rel=1e-10)
    if cells > 1:
        assert float(axis(1 / cells, cells)) == pytest.approx(0, abs=1e-12 * cells)


@pytest.mark.spec("LAT-1")
@pytest.mark.parametrize("cells", [1, 2, 7, 50])
def test_the_square_integrates_to_the_number_of_cells(cells):
    """The rectangle rule is exact for a trigonometric polynomial of degree N-1 with more than N-1 points."""
    distance = (np.arange(4 * cells) + 0.3) / (4 * cells) - 0.5
    assert float(jnp.mean(axis(distance, cells) ** 2)) == pytest.approx(cells, rel=1e-12)


@pytest.mark.spec("LAT-1")
def test_a_block_is_the_product_of_its_axes():
    expected = direct_sum(0.01, 5) * direct_sum(-0.2, 4) * 3
    got = float(block(vec3([0.01, -0.2, 0.0]), vec3([5, 4, 3])))
    assert abs(got) == pytest.approx(expected, rel=1e-12)


@pytest.mark.spec("LAT-2", "SUM-9")
def test_derivatives_on_a_reflection():
    """L = N (1 - (N²-1)(pi d)²/6): stationary at the reflection, and N as a function of N."""
    value, (d_distance, d_cells) = jax.value_and_grad(axis, argnums=(0, 1))(number(0.0), number(7.0))
    assert [float(value), float(d_distance), float(d_cells)] == pytest.approx([7.0, 0.0, 1.0], abs=1e-14)
    second = jax.grad(jax.grad(axis))(number(0.0), number(7.0))
    assert float(second) == pytest.approx(-7 * 48 * math.pi**2 / 3, rel=1e-12)


@pytest.mark.spec("LAT-2", "SUM-9")
@pytest.mark.parametrize("cells", [1.0, 3.0, 6.5, 40.0])
@pytest.mark.parametrize("distance", [0.003, 0.11, -0.26, 0.45])
def test_derivatives_elsewhere(cells, distance):
    """d/dd of sin(pi N d)/sin(pi d) by the quotient rule, d/dN by the chain rule."""
    x = math.pi * distance
    quotient = math.sin(cells * x) / math.sin(x)
    d_distance = math.pi * (cells * math.cos(cells * x) - quotient * math.cos(x)) / math.sin(x)
    got, got_slope = jax.value_and_grad(lambda d: axis(d, cells) ** 2)(number(distance))
    assert float(got) == pytest.approx(quotient**2, rel=1e-12)
    assert float(got_slope) == pytest.approx(2 * quotient * d_distance, rel=1e-10, abs=1e-10)
    got_cells = jax.grad(lambda n: axis(distance, n) ** 2)(number(cells))
    assert float(got_cells) == pytest.approx(
        2 * quotient * x * math.cos(cells * x) / math.sin(x), rel=1e-10, abs=1e-9
    )


@pytest.mark.spec("LAT-2")
def test_single_precision_keeps_its_digits_near_a_peak():
    """Near a peak only the rounding of d·N counts: some ulp, even for a thousand cells."""
    distance = np.linspace(-3e-4, 3e-4, 101, dtype=np.float32)
    single = np.asarray(axis(distance, 1000, jnp.float32))
    np.testing.assert_allclose(single, axis(distance, 1000), rtol=1e-6)


@pytest.mark.spec("LAT-2", "PREC-5")
def test_a_good_remainder_keeps_single_precision_good_between_peaks():
    """N times a rounded distance is off by up to N 2⁻²⁶ of a fringe, so the envelope by pi times that."""
    distance = np.random.default_rng(1).uniform(0.3, 0.5, 1000)
    n, one = 1000.0, jnp.ones((), jnp.float32)
    exact = np.sin(np.pi * n * distance) / np.sin(np.pi * distance)
    d = jnp.asarray(distance, jnp.float32)
    turns = jnp.asarray(n * distance - np.round(n * distance), jnp.float32)
    zero, cells = jnp.zeros_like(d), jnp.asarray(n, jnp.float32)
    good = square_crystal(Vec3(d, zero, zero), Vec3(turns, zero, zero), Vec3(cells, one, one))
    assert np.max(np.abs(np.abs(good) - np.abs(exact))) < 1e-6
    assert np.max(np.abs(np.abs(axis(distance, n, jnp.float32)) - np.abs(exact))) > 2e-5


@pytest.mark.spec("LAT-2", "SUM-9")
def test_derivatives_take_the_remainder_for_the_function_that_it_is():
    """First and second derivative with a remainder that is given as a number."""

    def square(d, n, u):
        zero, one = jnp.zeros_like(d), jnp.ones_like(n)
        return square_crystal(Vec3(d, zero, zero), Vec3(u, zero, zero), Vec3(n, one, one)) ** 2

    d, n = number(0.13), number(7.0)
    u = remainder(d, n)
    for order in (jax.grad, jax.hessian):
        given = order(square, argnums=(0, 1))(d, n, u)
        followed = order(lambda d, n: axis(d, n) ** 2, argnums=(0, 1))(d, n)
        chex.assert_trees_all_close(given, followed, rtol=1e-12)
    step = 1e-5
    slopes = [jax.grad(square)(x, n, remainder(x, n)) for x in (d + step, d - step)]
    assert float(jax.hessian(square)(d, n, u)) == pytest.approx(
        float((slopes[0] - slopes[1]) / (2 * step)), rel=1e-6
    )


@pytest.mark.spec("LAT-7")
@settings(max_examples=40, deadline=None)
@given(h=st.floats(-6, 6), cells=st.integers(1, 9))
def test_sign_of_the_quotient(h, cells):
    nearest = math.ceil(h - 0.5)
    distance = h - nearest
    u = remainder(number(distance), number(cells))
    signed = axis(distance, cells) * square_axis_sign(number(distance), u, number(cells), number(nearest))
    if abs(distance) > 1e-9 and 0.5 - abs(distance) > 1e-9:
        expected = math.sin(math.pi * cells * h) / math.sin(math.pi * h)
        assert abs(float(signed)) == pytest.approx(abs(expected), abs=1e-6)
        assert float(signed) == pytest.approx(expected, abs=1e-6)


@pytest.mark.spec("LAT-7", "MOD-2")
@pytest.mark.parametrize(("h", "cells", "value"), [(3, 5, 14.67), (1, 25, -4.01), (5, 5, -0.80), (0, 5, 5.0)])
def test_the_programs_quotient_is_garbage_at_whole_indices(h, cells, value):
    assert float(square_axis_full(number(h), number(cells))) == pytest.approx(value, abs=0.005)
    assert float(square_axis_full(number(h + 0.1), number(cells))) ** 2 == pytest.approx(
        direct_sum(0.1, cells) ** 2, rel=1e-9
    )


slopes_of_the_quotient = jax.jit(jax.grad(square_axis_full, argnums=(0, 1)))


@pytest.mark.spec("LAT-7")
@pytest.mark.parametrize("cells", [1, 2, 5, 8])
@pytest.mark.parametrize("nearest", [0, 1, 4, -3])
@pytest.mark.parametrize("distance", [0.0, 1e-17, -3e-16, 1e-12, 1e-7, 0.01, 0.09, 0.31, -0.47])
def test_slope_of_the_programs_quotient(cells, nearest, distance):
    """That of a sum of waves, N of them about the middle of the row."""
    h = nearest + distance
    exact = h - nearest  # what is left of the distance
    places = np.arange(cells) - (cells - 1) / 2
    waves = 2 * math.pi * places * exact
    sign = (-1.0) ** (nearest * (cells - 1))
    slope = -sign * np.sum(2 * math.pi * places * np.sin(waves))
    found, _ = slopes_of_the_quotient(number(h), number(cells))
    largest = np.sum(np.abs(2 * math.pi * places))
    assert float(found) == pytest.approx(slope, rel=1e-9, abs=1e-12 * largest)


@pytest.mark.spec("LAT-7")
@pytest.mark.parametrize("cells", [1.0, 4.5, 5.0])
@pytest.mark.parametrize("h", [0.0, 1e-16, 1e-9, 0.03, 2.3])
def test_slopes_by_the_number_of_cells_and_next_to_zero(cells, h):
    by_index, by_cells = slopes_of_the_quotient(number(h), number(cells))
    x = math.pi * h
    assert float(by_cells) == pytest.approx(x * math.cos(cells * x) / math.sin(x) if h else 1.0, rel=1e-9)
    if h < 0.01:
        assert float(by_index) == pytest.approx(-(math.pi**2) * cells * (cells**2 - 1) * h / 3, rel=1e-9)


def sphere_transform(x):
    """Mean of exp(i x z) over a ball of radius 1, by Gauss quadrature of 3/4 ∫ (1 - z²) cos(xz) dz."""
    z, weight = np.polynomial.legendre.leggauss(60)
    return 0.75 * np.sum(weight * (1 - z**2) * np.cos(np.multiply.outer(x, z)), axis=-1)


@pytest.mark.spec("LAT-4", "UNIT-3")
@pytest.mark.parametrize("fudge", [1.0, 2.3])
def test_round_is_the_transform_of_an_ellipsoid(fudge):
    distance = np.linspace(-0.5, 0.5, 41)
    got = round_crystal(
        vec3(np.stack([distance, 0 * distance, 0 * distance], -1)), vec3([6, 4, 3]), number(fudge)
    )
    expected = (
        72 * math.sqrt(math.pi / 6) * sphere_transform(math.pi * math.sqrt(fudge) * 6 * np.abs(distance))
    )
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12 * 72)


@pytest.mark.spec("LAT-4")
def test_round_depends_on_the_scaled_distance_alone():
    a = round_crystal(vec3([0.1, 0, 0]), vec3([6, 4, 3]), number(1))
    b = round_crystal(vec3([0, 0.15, 0]), vec3([6, 4, 3]), number(1))
    c = round_crystal(vec3([0.06, 0.12, 0]), vec3([6, 4, 3]), number(1))  # 0.36² + 0.48² = 0.6²
    np.testing.assert_allclose([a, b], [c, c], rtol=1e-13)


@pytest.mark.spec("LAT-4", "SUM-9")
def test_round_on_a_reflection_is_a_removable_singularity():
    def amplitude(d):
        return round_crystal(vec3([0, 0, 0])._replace(x=d), vec3([6, 4, 3]), number(1))

    value, slope = jax.value_and_grad(amplitude)(number(0.0))
    assert (float(value), float(slope)) == (pytest.approx(72 * math.sqrt(math.pi / 6), rel=1e-14), 0.0)
    # 3(sin x - x cos x)/x³ = 1 - x²/10 + ...
    curvature = float(jax.grad(jax.grad(amplitude))(number(0.0)))
    assert curvature == pytest.approx(-float(value) * (6 * math.pi) ** 2 / 5, rel=1e-12)
    for near in (0.9999, 1.0001):  # where the series takes over
        x = near / (6 * math.pi)
        step = 1e-6
        difference = (amplitude(number(x + step)) - amplitude(number(x - step))) / (2 * step)
        assert float(jax.grad(amplitude)(number(x))) == pytest.approx(float(difference), rel=1e-7)


@pytest.mark.spec("LAT-5")
def test_gauss_falls_as_a_gaussian_of_the_product_of_counts():
    cells, fudge = [2.0, 3.0, 4.0], 1.7
    rho = (0.1**2 + 0.2**2) / 50**2 * 24**2
    got = gauss_crystal(vec3([0.1, -0.2, 0]), vec3(cells), number(fudge), CUBE)
    assert float(got) == pytest.approx(24 * math.exp(-fudge * rho / 0.63), rel=1e-13)
    permuted = gauss_crystal(vec3([0.1, -0.2, 0]), vec3(cells[::-1]), number(fudge), CUBE)
    assert float(permuted) == pytest.approx(float(got), rel=1e-15)


@pytest.mark.spec("LAT-6", "SUM-9")
def test_tophat_is_all_or_nothing():
    edge = math.sqrt(0.3969) * 50 / 24

    def amplitude(d):
        return tophat_crystal(vec3([0, 0, 0])._replace(x=d), vec3([2, 3, 4]), number(1), CUBE)

    assert [float(amplitude(number(edge * s))) for s in (0, 0.999, 1.001)] == [24, 24, 0]
    assert float(jax.grad(amplitude)(number(0.3 * edge))) == 0.0
