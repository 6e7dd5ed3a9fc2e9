"""Photon noise by JAX: counting statistics at every mean, and good manners under transformations.

Tolerances are four standard errors: of a sample mean sqrt(mean/n), of a variance sqrt(mean/n + 2 mean²/n).
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg.images.noise import LARGE_MEAN, add_poisson_noise

KEY = jax.random.key(2)
N = 100_000


@pytest.mark.spec("NOISE-7")
@pytest.mark.parametrize("mean", [0.01, 1.0, 9.9, 10.1, 300.0, 9.9e3, 1.01e4, 12345.5, 1e6, 1e9, 1e12])
def test_mean_and_variance_equal_the_expected_photons(mean):
    image = jnp.full(N, mean, jnp.float32)
    mean = float(image[0])
    drawn = np.asarray(add_poisson_noise(KEY, image)).astype(np.float64)
    assert drawn.mean() == pytest.approx(mean, abs=4 * math.sqrt(mean / N))
    assert drawn.var() == pytest.approx(mean, abs=4 * math.sqrt(mean / N + 2 * mean**2 / N))
    np.testing.assert_array_equal(drawn, np.floor(drawn))


@pytest.mark.spec("NOISE-7")
def test_large_counts_are_as_skew_as_poisson():
    mean = 1.2 * LARGE_MEAN
    drawn = np.asarray(add_poisson_noise(KEY, jnp.full(4_000_000, mean, jnp.float32))).astype(np.float64)
    skewness = (((drawn - mean) / math.sqrt(mean)) ** 3).mean()
    # standard error sqrt(15/n): a normal distribution (0) would be 4.7 of them away
    assert skewness == pytest.approx(1 / math.sqrt(mean), abs=4 * math.sqrt(15 / 4e6))


@pytest.mark.spec("NOISE-7")
def test_negative_counts_as_zero_and_nan_stays():
    drawn = add_poisson_noise(KEY, jnp.array([-5.0, 0.0, jnp.nan, -jnp.inf]))
    np.testing.assert_array_equal(drawn, [0.0, 0.0, np.nan, 0.0])


@pytest.mark.spec("NOISE-7")
def test_dtype_and_shape_are_kept():
    for x64, dtype in [(False, jnp.float32), (True, jnp.float32), (True, jnp.float64)]:
        with jax.enable_x64(x64):
            drawn = jax.jit(add_poisson_noise)(KEY, jnp.full((2, 3), 1e5, dtype))
            assert (drawn.dtype, drawn.shape) == (dtype, (2, 3))


@pytest.mark.spec("NOISE-7")
def test_same_key_same_noise_and_pixels_independent():
    image = jnp.full((40, 50), 20.0)
    first, again = add_poisson_noise(KEY, image), add_poisson_noise(KEY, image)
    other = add_poisson_noise(jax.random.key(3), image)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(np.unique(first[0])) > 5


@pytest.mark.spec("NOISE-7")
def test_vmap_equals_a_loop_over_keys():
    keys = jax.random.split(KEY, 3)
    images = jnp.array([[1.0, 50.0, 3e4], [2.0, 70.0, 5e6], [0.0, 1.0, 2.0]])
    batched = jax.vmap(add_poisson_noise)(keys, images)
    looped = jnp.stack([add_poisson_noise(k, i) for k, i in zip(keys, images, strict=True)])
    np.testing.assert_array_equal(batched, looped)


@pytest.mark.spec("NOISE-7")
def test_gradient_is_zero():
    gradient = jax.grad(lambda image: add_poisson_noise(KEY, image).sum())(jnp.array([1.0, 3e5]))
    np.testing.assert_array_equal(gradient, 0.0)


@pytest.mark.spec("NOISE-7")
def test_whole_number_image_is_refused_with_a_remedy():
    with pytest.raises(TypeError, match=r"floating-point photons, got int32; convert it with"):
        add_poisson_noise(KEY, jnp.array([1, 2], jnp.int32))
