"""Photon-counting noise, statistically exact, by JAX.

This is the noise to use unless a run of the C program must be repeated pixel for pixel, which is the
matter of ``c_noise.py``.
"""

import jax
import jax.numpy as jnp

LARGE_MEAN = 1.0e4
"""Mean, photons, above which the quantile expansion is used: closer there than float32 rejection."""


def add_poisson_noise(key: jax.Array, image: jax.Array) -> jax.Array:
    """Replace each expected number of photons by a Poisson-distributed one.

    Works under jit and vmap. For `jax.grad` the result is a constant: differentiate the expected image.

    Args:
      key: random key, from `jax.random.key`; the same key gives the same noise.
      image: expected photons per pixel, float32 or float64, any shape. Negative counts as 0, NaN stays NaN.

    Returns:
      Photons, whole numbers in the dtype and shape of the image; float32 rounds those above 1.6e7.

    Raises:
      TypeError: if the image does not hold floating-point numbers.

    Source: specs/noise.md NOISE-7.
    """
    image = jax.lax.stop_gradient(jnp.asarray(image))
    if not jnp.issubdtype(image.dtype, jnp.floating):
        raise TypeError(
            f"`image` must hold floating-point photons, got {image.dtype}; convert it with `.astype(float)`"
        )
    mean = jnp.where(image > 0.0, image, jnp.zeros_like(image))
    few_key, many_key = jax.random.split(key)
    few = jax.random.poisson(few_key, jnp.minimum(mean, LARGE_MEAN), dtype=jnp.int32).astype(image.dtype)
    drawn = jax.lax.cond(
        jnp.any(mean > LARGE_MEAN),
        lambda: jnp.where(mean > LARGE_MEAN, _many_photons(many_key, mean), few),
        lambda: few,
    )
    return jnp.where(jnp.isnan(image), image, drawn)


def _many_photons(key: jax.Array, mean: jax.Array) -> jax.Array:
    """Poisson numbers of large mean, from the expansion of their quantiles about the normal ones.

    Giles (2016) ACM Trans. Math. Softw. 42, 7, equation for Q_N2. Off by one in three of a million draws.
    """
    w = jax.random.normal(key, mean.shape, mean.dtype)
    root = jnp.sqrt(jnp.maximum(mean, LARGE_MEAN))
    shift = root * w + (1.0 / 3.0 + w * w / 6.0) - (w / 36.0 + w**3 / 72.0) / root
    whole = jnp.floor(mean)  # kept apart, so that the shift loses no digits in float32
    return whole + jnp.floor(shift + (mean - whole))
