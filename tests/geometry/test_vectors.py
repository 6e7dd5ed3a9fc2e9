"""Rotations against matrices built in NumPy; every rotation keeps lengths and handedness."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxbragg.geometry.vectors import (
    apply,
    cross,
    multiply,
    rotate_about,
    rotate_xyz,
    transpose,
    unit_or_zero,
)
from jaxbragg.shapes import Mat33
from tests.doubles import float64, number, plain, vec3

__all__ = ["float64"]

angles = st.floats(-7, 7)
triples = st.tuples(angles, angles, angles)
vectors = st.tuples(*[st.floats(-3, 3)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1)


def axis_matrix(axis, angle):
    """Rotation about laboratory axis 0, 1 or 2."""
    c, s = math.cos(angle), math.sin(angle)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = c
    matrix[i, j], matrix[j, i] = -s, s
    return matrix


@pytest.mark.spec("GEO-1")
@settings(max_examples=30, deadline=None)
@given(turns=triples)
def test_rotation_about_fixed_axes_is_x_then_y_then_z(turns):
    expected = axis_matrix(2, turns[2]) @ axis_matrix(1, turns[1]) @ axis_matrix(0, turns[0])
    turned = plain(rotate_xyz(vec3(np.eye(3)), vec3(turns))).T
    np.testing.assert_allclose(turned, expected, atol=1e-14)


@pytest.mark.spec("GEO-1")
def test_rotations_are_right_handed():
    quarter = math.pi / 2
    for turns, start, end in [
        ((quarter, 0, 0), [0, 1, 0], [0, 0, 1]),
        ((0, quarter, 0), [0, 0, 1], [1, 0, 0]),
        ((0, 0, quarter), [1, 0, 0], [0, 1, 0]),
    ]:
        np.testing.assert_allclose(plain(rotate_xyz(vec3(start), vec3(turns))), end, atol=1e-15)
        axis = np.asarray(turns) / quarter
        np.testing.assert_allclose(
            plain(rotate_about(vec3(start), vec3(axis), number(quarter))), end, atol=1e-15
        )


@pytest.mark.spec("GEO-2")
@settings(max_examples=30, deadline=None)
@given(axis=vectors, angle=angles)
def test_rotation_about_a_unit_vector_is_a_rotation(axis, angle):
    axis = np.asarray(axis) / np.linalg.norm(axis)
    matrix = plain(rotate_about(vec3(np.eye(3)), vec3(axis), number(angle))).T
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-14)
    assert np.linalg.det(matrix) == pytest.approx(1.0, abs=1e-14)
    np.testing.assert_allclose(matrix @ axis, axis, atol=1e-14)
    assert np.trace(matrix) == pytest.approx(1 + 2 * math.cos(angle), abs=1e-14)


@pytest.mark.spec("GEO-2")
def test_a_longer_axis_also_scales():
    turned = plain(rotate_about(vec3([1.0, 0, 0]), vec3([0, 0, 2.0]), number(math.pi / 2)))
    np.testing.assert_allclose(turned, [0, 2, 0], atol=1e-15)


def test_matrix_products():
    rng = np.random.default_rng(0)
    left, right, v = rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)
    a, b = Mat33(*map(vec3, left)), Mat33(*map(vec3, right))
    np.testing.assert_allclose(plain(multiply(a, b)), left @ right, rtol=1e-14)
    np.testing.assert_allclose(plain(apply(a, vec3(v))), left @ v, rtol=1e-14)
    np.testing.assert_allclose(plain(transpose(a)), left.T)
    np.testing.assert_allclose(plain(cross(vec3(v), vec3(left[0]))), np.cross(v, left[0]), rtol=1e-14)


def test_a_vector_without_length_stays_zero():
    np.testing.assert_array_equal(plain(unit_or_zero(vec3([0, 0, 0]))), 0.0)
    np.testing.assert_allclose(plain(unit_or_zero(vec3([0, 3, 4]))), [0, 0.6, 0.8])
