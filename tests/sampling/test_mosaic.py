"""Mosaic rotations as changes. The truth is Rodrigues' formula in NumPy long doubles, less the identity."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jaxbragg as jb
from jaxbragg.sampling.mosaic import mosaic_turns, rotation_minus_identity
from tests.doubles import float64, number, plain, vec3

__all__ = ["float64"]

direction = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1)


def change(axis, angle):
    x, y, z = np.asarray(axis, np.longdouble) / np.linalg.norm(np.asarray(axis, np.longdouble))
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.sin(np.longdouble(angle)) * cross + 2 * np.sin(np.longdouble(angle) / 2) ** 2 * cross @ cross


@pytest.mark.spec("CRYST-6")
@settings(max_examples=40, deadline=None)
@given(axis=direction, angle=st.floats(-7, 7))
def test_it_is_a_rotation_less_the_identity(axis, angle):
    axis = np.asarray(axis) / np.linalg.norm(axis)
    found = plain(rotation_minus_identity(vec3(axis), number(angle)))
    np.testing.assert_allclose(found, change(axis, angle).astype(float), rtol=0, atol=1e-14)
    rotation = found + np.eye(3)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-14)
    assert np.linalg.det(rotation) == pytest.approx(1, abs=1e-14)


@pytest.mark.spec("CRYST-6", "PREC-4")
@pytest.mark.parametrize("angle", [1e-3, 1e-6, 1e-12])
def test_small_angles_keep_their_digits(angle):
    axis = np.array([0.36, 0.48, 0.8])
    found = plain(rotation_minus_identity(vec3(axis), number(angle)))
    expected = change(axis, angle).astype(float)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15 * angle)


def unturned(axis):
    return axis


@pytest.mark.spec("CRYST-6", "RND-7", "SUM-9")
def test_domains_turn_by_their_share_of_the_spread():
    crystal = jax.tree.map(
        number,
        jb.CrystalConfig(
            cell=(9, 9, 9, 90, 90, 90),
            mosaic_spread=2,
            mosaic_axes=[[0, 0, 1], [1, 0, 0]],
            mosaic_fractions=[0, 0.5],
        ),
    )
    first, second = np.moveaxis(plain(mosaic_turns(crystal, unturned)), 0, 0)
    np.testing.assert_array_equal(first, 0)
    np.testing.assert_allclose(second, change([1, 0, 0], np.radians(1)).astype(float), rtol=1e-14, atol=1e-18)

    def lifted(spread):  # the z component that a vector along y gets
        turned = mosaic_turns(
            jb.CrystalConfig(cell=crystal.cell, mosaic_spread=spread, **draws(crystal)), unturned
        )
        return turned.row_2.y[1]

    assert float(jax.grad(lifted)(number(0.0))) == pytest.approx(np.radians(0.5), rel=1e-14)
    assert float(jax.grad(lifted)(number(2.0))) == pytest.approx(
        np.radians(0.5) * np.cos(np.radians(1)), rel=1e-14
    )


def draws(crystal):
    return {
        "mosaic_axes": jnp.asarray(crystal.mosaic_axes),
        "mosaic_fractions": jnp.asarray(crystal.mosaic_fractions),
    }
