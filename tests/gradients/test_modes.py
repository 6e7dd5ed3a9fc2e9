"""Every way of taking derivatives, of one small scalar: they agree with each other and with differences.

The parameters are a vector of 8 numbers: misset, a and alpha of the cell, distance, wavelength and cells
along a, each in units of a thousandth of its size, so that second derivatives are of one magnitude. All modes
evaluate the same float64 terms and differ in the order of operations: 1e-10 of the largest number.
Differences of gradients: a step of 1e-3 of these units moves a phase by 1e-4, and Richardson's combination
leaves its fourth power; the rounding of a gradient, 1e-13, costs 1e-10 in the quotient.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb
from tests.doubles import float64
from tests.gradients import scenes

__all__ = ["float64"]

WEIGHTS = np.random.default_rng(8).normal(size=scenes.PIXELS[::-1])
START = scenes.single()
ORIGIN = np.concatenate(
    [
        START.crystal.misset,
        START.crystal.cell[[0, 3]],
        [START.detector.distance, START.beam.wavelength, START.crystal.n_cells[0]],
    ]
)
DIRECTION = np.random.default_rng(9).normal(size=ORIGIN.shape)


def image(numbers: Any) -> Any:
    values = ORIGIN * (1 + 1e-3 * numbers)
    cell = jnp.asarray(START.crystal.cell).at[jnp.array([0, 3])].set(values[3:5])
    moved = START.with_fields(
        crystal__misset=values[:3],
        crystal__cell=cell,
        crystal__n_cells=jnp.asarray(START.crystal.n_cells).at[0].set(values[7]),
        detector__distance=values[5],
        beam__wavelength=values[6],
    )
    return jb.simulate(moved, precision="float64")


def loss(numbers: Any) -> Any:
    return jnp.sum(WEIGHTS * image(numbers))


def hvp(numbers: Any, direction: Any) -> Any:
    return jax.jvp(jax.grad(loss), (numbers,), (direction,))[1]


def reverse_hvp(numbers: Any, direction: Any) -> Any:
    return jax.grad(lambda x: jnp.vdot(jax.grad(loss)(x), direction))(numbers)


ZERO = np.zeros_like(ORIGIN)
gradient = jax.jit(jax.grad(loss))


def close(found: Any, expected: Any, tolerance: float = 1e-10) -> None:
    expected = np.asarray(expected)
    assert np.all(np.isfinite(expected)) and np.any(expected)
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * np.max(np.abs(expected)))


def difference(function: Callable[[Any], Any], step: float) -> Any:
    """Along `DIRECTION`, by Richardson's combination."""

    def central(h: float) -> Any:
        return (np.asarray(function(h * DIRECTION)) - np.asarray(function(-h * DIRECTION))) / (2 * h)

    return (4 * central(step / 2) - central(step)) / 3


@pytest.mark.spec("SUM-9")
def test_forward_and_reverse_mode() -> None:
    expected = gradient(ZERO)
    close(jax.jit(jax.jacfwd(loss))(ZERO), expected)
    close(difference(jax.jit(loss), 1e-3), expected @ DIRECTION, 1e-8)


@pytest.mark.spec("SUM-9")
def test_product_with_the_second_derivatives() -> None:
    close(jax.jit(hvp)(ZERO, DIRECTION), difference(gradient, 1e-3), 1e-7)


@pytest.mark.slow
@pytest.mark.spec("SUM-9")
def test_other_first_derivatives() -> None:
    expected = gradient(ZERO)
    value, together = jax.jit(jax.value_and_grad(loss))(ZERO)
    close(value, loss(ZERO))
    close(together, expected)
    close(jax.jit(lambda x, v: jax.jvp(loss, (x,), (v,))[1])(ZERO, DIRECTION), expected @ DIRECTION)
    images = jax.jit(jax.jacfwd(image))(ZERO)
    assert images.shape == (*WEIGHTS.shape, len(ZERO))
    close(np.einsum("ij,ijk->k", WEIGHTS, images), expected)


@pytest.mark.slow
@pytest.mark.spec("SUM-9")
def test_matrix_of_second_derivatives() -> None:
    matrix = jax.jit(jax.hessian(loss))(ZERO)
    close(matrix, matrix.T)
    close(matrix @ DIRECTION, jax.jit(hvp)(ZERO, DIRECTION))


SECOND = {
    "reverse over reverse": reverse_hvp,
    "forward over forward": lambda x, v: jax.jacfwd(jax.jacfwd(loss))(x) @ v,
    "all rows of reverse over reverse": lambda x, v: jax.jacrev(jax.jacrev(loss))(x) @ v,
}


@pytest.mark.slow
@pytest.mark.spec("SUM-9")
@pytest.mark.parametrize("name", SECOND)
def test_other_second_derivatives(name: str) -> None:
    close(jax.jit(SECOND[name])(ZERO, DIRECTION), jax.jit(hvp)(ZERO, DIRECTION))


@pytest.mark.slow
@pytest.mark.spec("SUM-9", "CFG-10")
def test_batches_of_gradients() -> None:
    """vmap of a gradient, inside and outside of jit, is the gradient of each."""
    places = np.stack([ZERO, DIRECTION, -2 * DIRECTION])
    expected = np.stack([gradient(x) for x in places])
    close(jax.jit(jax.vmap(jax.grad(loss)))(places), expected)
    close(jax.vmap(gradient)(places), expected)


@pytest.mark.slow
@pytest.mark.spec("SUM-9", "CFG-10")
def test_batches_of_second_derivatives() -> None:
    places = np.stack([ZERO, DIRECTION])
    single = jax.jit(hvp)
    expected = np.stack([single(x, DIRECTION) for x in places])
    close(jax.jit(jax.vmap(hvp, in_axes=(0, None)))(places, DIRECTION), expected)
