"""For which kind of processor programs are made."""

import jax


def has_kernels_of_gpu() -> bool:
    """Whether JAX computes on a GPU unless told otherwise, and has what kernels for it are written with."""
    if jax.default_backend() != "gpu":
        return False
    try:
        from jax.experimental.pallas import triton  # noqa: F401
    except ImportError:  # JAX may drop it
        return False
    return True


def on_accelerator() -> bool:
    """Whether JAX computes on another processor than the host's unless told otherwise."""
    return jax.default_backend() != "cpu"
