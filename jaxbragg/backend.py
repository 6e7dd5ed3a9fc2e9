"""For which kind of processor programs are made."""

import jax


def on_gpu() -> bool:
    """Whether JAX computes on a GPU unless told otherwise."""
    return jax.default_backend() == "gpu"


def on_accelerator() -> bool:
    """Whether JAX computes on another processor than the host's unless told otherwise."""
    return jax.default_backend() != "cpu"
