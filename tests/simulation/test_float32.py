"""The precision without float64: what its programs hold, and that they can be traced and derived."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.config.tree import replaced
from jaxbragg.precision import PRECISIONS
from jaxbragg.simulation.program import inputs
from jaxbragg.simulation.run import image_program
from tests.physics.experiments import crystal, still


def experiment():
    return still(crystal=crystal(n_cells=(300, 200, 100)))


def single(tree):
    """An experiment as a float32 program has it."""
    return jax.tree.map(lambda x: x.astype(np.float32) if x.dtype == np.float64 else x, tree)


def in_float32(tree):
    return jb.simulate(tree, precision="float32")


@pytest.mark.spec("PREC-1", "PREC-11")
def test_the_image_has_no_operation_on_64_bits():
    policy = PRECISIONS["float32"]
    given = inputs(experiment(), policy)
    compiled = jax.jit(lambda g: image_program.of(g, precision=policy)).lower(given).compile().as_text()
    assert "f32" in compiled
    assert not any(kind in compiled for kind in ("f64", "s64", "u64"))


@pytest.mark.spec("PREC-11", "PREC-13")
def test_a_traced_experiment_is_computed_in_pairs_from_its_cell_on():
    """Everything, the crystal's vectors too: as good as float64 from the same float32 numbers."""
    narrow = single(experiment())
    compiled = jax.jit(in_float32).lower(narrow).compile()
    assert not any(kind in compiled.as_text() for kind in ("f64", "s64", "u64"))
    expected = np.asarray(jb.simulate(narrow, precision="float64"))
    assert np.sum(np.abs(compiled(narrow) - expected)) <= 1e-6 * np.sum(expected)


@pytest.mark.spec("PREC-11", "PREC-13")
def test_derivatives_are_those_of_float64():
    """Of a weighted sum, with respect to the orientations of crystal and detector, and the pixel size."""
    start = single(experiment())
    weights = np.random.default_rng(0).normal(size=(10, 12)).astype(np.float32)

    def loss(numbers, precision):
        angles, pixel_size, rotations = numbers
        moved = replaced(
            start,
            crystal=replaced(start.crystal, misset=angles),
            detector=replaced(start.detector, rotations=rotations, pixel_size=pixel_size),
        )
        return jnp.sum(jb.simulate(moved, precision=precision).astype(jnp.float32) * weights)

    numbers = (start.crystal.misset, start.detector.pixel_size, start.detector.rotations)
    got = jax.jit(jax.grad(loss), static_argnums=1)(numbers, "float32")
    with jax.enable_x64(True):
        expected = jax.grad(loss)(numbers, "float64")
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-4 * np.max(np.abs(other)))


@pytest.mark.spec("PREC-13")
def test_constants_inside_a_program_of_the_caller_keep_their_digits():
    fixed = experiment()
    inside, alone = jax.jit(lambda: in_float32(fixed))(), in_float32(fixed)
    assert jnp.sum(jnp.abs(inside - alone)) <= 1e-6 * jnp.sum(alone)


@pytest.mark.spec("PREC-11")
def test_traces_and_single_pixels_are_those_of_the_image():
    chosen, slow, fast = experiment(), np.array([2, 7]), np.array([3, 9])
    image = np.asarray(in_float32(chosen))
    traced = jb.trace(chosen, slow, fast, precision="float32")
    assert all(leaf.dtype != np.float64 for leaf in jax.tree.leaves(traced))
    np.testing.assert_allclose(traced["accumulation"]["pixel"], image[slow, fast], rtol=1e-5)
    pixels = jb.simulate_pixels(chosen, slow, fast, precision="float32")
    np.testing.assert_allclose(pixels, image[slow, fast], rtol=1e-5)
