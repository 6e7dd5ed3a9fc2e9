"""Spindle angles: left edges of equal steps."""

import jax
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.sampling.phi import phi_angles
from tests.doubles import float64, number

__all__ = ["float64"]


def degrees(**rotation):
    return np.degrees(phi_angles(jax.tree.map(number, jb.RotationConfig(**rotation))))


@pytest.mark.spec("CRYST-8", "UNIT-1")
def test_steps_start_at_their_left_edges():
    np.testing.assert_allclose(degrees(phi=10, osc=3, steps=3), [10, 11, 12], rtol=1e-15)
    np.testing.assert_allclose(degrees(phi=-1, osc=1, steps=4, phi_step=0.5), [-1, -0.5, 0, 0.5], atol=1e-15)
    assert degrees().tolist() == [0.0]


@pytest.mark.spec("CRYST-8")
def test_the_last_step_moves_with_the_range():
    def last(osc):
        return phi_angles(jax.tree.map(number, jb.RotationConfig(osc=osc, steps=4)))[-1]

    assert float(jax.grad(last)(number(2.0))) == pytest.approx(np.radians(0.75), rel=1e-14)
