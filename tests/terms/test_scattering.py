"""Scattering vectors and the resolution limit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxbragg.geometry.vectors import dot
from jaxbragg.simulation.sample import nearest_integer
from jaxbragg.terms.scattering import passes_resolution, scattering_along, scattering_vector
from tests.doubles import float64, number, plain, vec3

__all__ = ["float64"]

MM = 1e-3


def q(position, incident=(1, 0, 0), wavelength=1e-10):
    path = number(np.linalg.norm(position))
    return scattering_vector(vec3(position), path, 1 / path, vec3(incident), number(wavelength))


@pytest.mark.spec("SCAT-1")
@settings(max_examples=30, deadline=None)
@given(y=st.floats(-300, 300), z=st.floats(-300, 300), wavelength=st.floats(0.2, 5))
def test_length_is_twice_the_sine_over_the_wavelength(y, z, wavelength):
    position = np.array([100, y, z]) * MM
    expected = (position / np.linalg.norm(position) - [1, 0, 0]) / (wavelength * 1e-10)
    found = plain(q(position, wavelength=wavelength * 1e-10))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-5)
    theta = np.arctan2(np.hypot(y, z), 100) / 2
    assert np.linalg.norm(found) == pytest.approx(
        2 * np.sin(theta) / (wavelength * 1e-10), rel=1e-9, abs=1e-5
    )


@pytest.mark.spec("SCAT-1")
def test_on_the_beam_it_is_exactly_zero():
    """On an oblique beam, but for the last bit of the position, of the path and of their product."""
    incident = np.array([1.0, 2.0, 3.0]) / np.sqrt(14)
    last_bits = 3 * 2.0**-53 * 0.1 / (0.1 * 1e-10)
    np.testing.assert_allclose(plain(q(incident * 0.1, incident)), 0, atol=last_bits)
    np.testing.assert_array_equal(plain(q((0.1, 0, 0))), 0)


@pytest.mark.spec("SCAT-3")
@settings(max_examples=30, deadline=None)
@given(y=st.floats(-300, 300), z=st.floats(-300, 300), wavelength=st.floats(0.2, 5))
def test_an_index_is_the_product_with_q(y, z, wavelength):
    """Ten roundings of |a|/wavelength at most on either side: 2e-15 of it."""
    position, axis = np.array([100, y, z]) * MM, np.array([30.0, -50.0, 80.0]) * 1e-10
    direction = position / np.linalg.norm(position)
    found = scattering_along(
        vec3(axis), lambda v: dot(vec3(direction), v), vec3((1, 0, 0)), number(wavelength * 1e-10)
    )
    expected = plain(q(position, wavelength=wavelength * 1e-10)) @ axis
    assert float(found) == pytest.approx(expected, rel=0, abs=2e-15 * 100 / wavelength)


@pytest.mark.spec("SCAT-2")
def test_resolution_limit():
    # 45 degrees of 2 theta at 1 Å: d = 1/(2 sin 22.5°) = 1.3066 Å
    ray = q(np.array([100, 100, 0]) * MM)
    for dmin, passes in [(0.0, True), (1.30, True), (1.31, False), (-1.0, True)]:
        assert bool(passes_resolution(ray, number(dmin * 1e-10))) is passes
    assert bool(passes_resolution(q((0.1, 0, 0)), number(1e3)))


@pytest.mark.spec("SCAT-4")
def test_halves_are_rounded_downwards():
    halves = number([-1.5, -0.5, 0.5, 1.5, 2.5, 0.49, 0.51, -0.51, 3.0])
    assert nearest_integer(halves).tolist() == [-2, -1, 0, 1, 2, 0, 1, -1, 3]
