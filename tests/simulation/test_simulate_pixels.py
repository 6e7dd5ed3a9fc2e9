"""Chosen pixels are those of the image; tolerances are SUM-10's."""

import jax
import numpy as np
import pytest

import jaxbragg
from tests.reference import cases

TOLERANCE = {"mixed": 1e-6, "float64": 1e-13}


def experiment(name: str, model: str = "corrected") -> jaxbragg.Experiment:
    return cases.experiment(cases.load_cases()[name], model)


def some_pixels(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A list in no order, with a pixel twice."""
    chosen = np.random.default_rng(1).permutation(shape[0] * shape[1])[:300]
    return np.divmod(np.append(chosen, chosen[0]), shape[1])


@pytest.mark.spec("SUM-10")
@pytest.mark.parametrize("precision", TOLERANCE)
@pytest.mark.parametrize(
    ("name", "model"),
    [("mosaic3", "corrected"), ("ov_all", "corrected"), ("triq_mid_dmin", "nanobragg")],
)
def test_pixels_are_those_of_the_image(name, model, precision):
    one = experiment(name, model)
    image = np.asarray(jaxbragg.simulate(one, precision=precision))
    slow, fast = some_pixels(image.shape)
    pixels = np.asarray(jaxbragg.simulate_pixels(one, slow, fast, precision=precision))
    assert pixels.dtype == image.dtype
    tolerance = TOLERANCE[precision] * np.abs(image).max()
    np.testing.assert_allclose(pixels, image[slow, fast], rtol=0, atol=tolerance)


@pytest.mark.spec("SUM-10")
def test_several_tiles_are_like_one(monkeypatch):
    one = experiment("mosaic3")
    image = np.asarray(jaxbragg.simulate(one, precision="float64"))
    slow, fast = (x[:-1] for x in some_pixels(image.shape))  # as many as no other test compiles for
    monkeypatch.setattr("jaxbragg.simulation.tiles.PIXELS_PER_TILE", 64)
    pixels = np.asarray(jaxbragg.simulate_pixels(one, slow, fast, precision="float64"))
    np.testing.assert_allclose(pixels, image[slow, fast], rtol=0, atol=1e-13 * image.max())


@pytest.mark.spec("SUM-10")
def test_masked_pixels_and_those_outside_the_region_are_zero():
    one = experiment("mosaic3")
    mask = np.ones((32, 32))
    mask[5, 6] = 0
    one = one.with_fields(sampling__mask=mask, sampling__roi=(0, 31, 3, 31))
    slow, fast = np.array([[2, 5], [5, 31]]), np.array([6, 7])
    pixels = np.asarray(jaxbragg.simulate_pixels(one, slow, fast))
    assert pixels.shape == (2, 2)
    expected = np.asarray(jaxbragg.simulate(one))[slow, fast]
    np.testing.assert_array_equal(pixels == 0, expected == 0)
    assert np.count_nonzero(pixels) == 2


@pytest.mark.spec("SUM-10")
def test_derivatives_are_those_of_the_image():
    one = experiment("mosaic3")
    weights = np.random.default_rng(2).random((32, 32))
    slow, fast = np.mgrid[:32, :32]

    def from_image(e):
        return (jaxbragg.simulate(e, precision="float64") * weights).sum()

    def from_pixels(e):
        return (jaxbragg.simulate_pixels(e, slow, fast, precision="float64") * weights).sum()

    with jax.enable_x64(True):
        expected, found = (jax.jit(jax.grad(f))(one) for f in (from_image, from_pixels))
    for leaf, other in ((e.crystal.cell, e.crystal.misset) for e in (expected, found)):
        assert np.all(np.isfinite(leaf)) and np.all(np.isfinite(other))
    np.testing.assert_allclose(found.crystal.cell, expected.crystal.cell, rtol=1e-9)
    np.testing.assert_allclose(found.crystal.misset, expected.crystal.misset, rtol=1e-9)


@pytest.mark.spec("SUM-10")
def test_no_pixels_are_an_empty_list():
    nothing = np.zeros(0, np.int32)
    assert jaxbragg.simulate_pixels(experiment("mosaic3"), nothing, nothing).shape == (0,)


@pytest.mark.parametrize(("slow", "fast", "text"), [(32, 0, "0 to 31, got 32"), (0, 1.5, "integers")])
def test_a_pixel_that_is_not_there_is_refused(slow, fast, text):
    with pytest.raises(jaxbragg.ConfigError, match=text):
        jaxbragg.simulate_pixels(experiment("mosaic3"), slow, fast)
