"""Kahn's factor against the textbook form with an azimuth, written with atan2 in NumPy.

Tolerance 1e-12: both forms are a dozen operations on numbers of size one; the azimuth's error enters times
sin² 2theta, by which its own rounding is divided; a factor of 1e3 allows for axes nearly along the ray.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxbragg.geometry.vectors import dot
from jaxbragg.terms.polarization import polarization_factor
from tests.doubles import float64, number, vec3

__all__ = ["float64"]

direction = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1)


def unit(v):
    return np.asarray(v) / np.linalg.norm(v)


def textbook(incident, diffracted, axis, fraction):
    magnetic = unit(np.cross(axis, incident))
    electric = unit(np.cross(incident, magnetic))
    cosine = incident @ diffracted
    azimuth = -np.arctan2(diffracted @ magnetic, diffracted @ electric)
    return 0.5 * (1 + cosine**2 - fraction * np.cos(2 * azimuth) * (1 - cosine**2))


def factor(incident, diffracted, axis, fraction):
    scattered = functools.partial(dot, vec3(diffracted))
    return polarization_factor(vec3(incident), scattered, vec3(axis), number(fraction))


@pytest.mark.spec("POL-1")
@settings(max_examples=100, deadline=None)
@given(incident=direction, diffracted=direction, axis=direction, fraction=st.floats(-1, 1))
def test_equals_the_form_with_an_azimuth(incident, diffracted, axis, fraction):
    i, d, p = unit(incident), unit(diffracted), unit(axis)
    if np.linalg.norm(np.cross(p, i)) < 1e-3:
        return
    got = float(factor(i, d, p, fraction))
    assert got == pytest.approx(textbook(i, d, p, fraction), abs=1e-12)
    assert -1e-15 <= got <= 1 + 1e-15


@pytest.mark.spec("POL-1")
def test_special_directions():
    x, y, z = np.eye(3)
    for fraction in (-1.0, 0.0, 0.7, 1.0):
        assert float(factor(x, x, z, fraction)) == 1.0  # forward
        assert float(factor(x, -x, z, fraction)) == 1.0  # backward
    assert float(factor(x, z, z, 1.0)) == 0.0  # along the field
    assert float(factor(x, y, z, 1.0)) == 1.0  # across the field
    assert float(factor(x, z, z, 0.0)) == 0.5


@pytest.mark.spec("POL-1")
def test_axis_may_have_any_length_and_be_oblique():
    i, d = unit([1, 0.1, 0]), unit([1, 0.5, 0.7])
    assert float(factor(i, d, [0.3, 0.2, 2.0], 0.9)) == pytest.approx(
        float(factor(i, d, unit([0.3, 0.2, 2.0]), 0.9)), rel=1e-14
    )


@pytest.mark.spec("POL-2")
def test_axis_along_the_ray():
    x = np.eye(3)[0]
    d = unit([1, 0.5, 0.7])
    cosine_sq = d[0] ** 2
    assert float(factor(x, d, x, 0.6)) == pytest.approx(
        0.5 * (1 + cosine_sq - 0.6 * (1 - cosine_sq)), rel=1e-14
    )


@pytest.mark.spec("POL-1", "POL-2", "SUM-9")
@pytest.mark.parametrize("axis", [(0.0, 0.0, 1.0), (1.0, 0.0, 0.0)])
def test_derivatives_are_finite_on_the_beam(axis):
    x = np.eye(3)[0]
    gradients = jax.grad(factor, argnums=(0, 1, 2, 3))(number(x), number(x), number(axis), number(0.8))
    for gradient in gradients:
        assert bool(jnp.all(jnp.isfinite(gradient)))
    assert float(gradients[3]) == 0.0
