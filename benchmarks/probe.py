"""How fast this machine can calculate: multiply-adds on numbers that stay in the cache, on all cores.

The program is compiled by XLA like jaxbragg itself and does nothing but polynomials; it is the limit for any
elementwise program, not the peak of the data sheet. One fused multiply-add counts as one operation.
"""

import json
import sys
import time
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.turns import timed

CHAINS = 10
"""Polynomials of one number: independent work that hides the latency of the multiply-adds."""

DEGREE = 16
ROUNDS = 64
SHAPES = {"cpu": (64, 2**11), "gpu": (2**11, 2**13)}
"""Numbers at once: on a CPU they fit the second-level cache; rows, because XLA gives rows to threads."""


def operations_per_second(dtype: Any, seconds: float) -> float:
    """Best rate of multiply-adds seen within some seconds."""
    backend = jax.default_backend()
    rows, columns = SHAPES.get(backend, (2**10, 2**10))
    numbers = rows * columns
    options = {"xla_cpu_prefer_vector_width": 512} if backend == "cpu" else None
    program = jax.jit(_rounds, compiler_options=options)
    x = jnp.linspace(0.1, 0.2, numbers, dtype=dtype).reshape(rows, columns)
    program(x).block_until_ready()
    end = time.perf_counter() + seconds
    best = timed(lambda: program(x).block_until_ready())
    while time.perf_counter() < end:
        best = min(best, timed(lambda: program(x).block_until_ready()))
    return numbers * CHAINS * DEGREE * ROUNDS / best


def _rounds(x: Any) -> Any:
    return jax.lax.fori_loop(0, ROUNDS, lambda _, y: _polynomials(y), x)


def _polynomials(x: Any) -> Any:
    """Sum of polynomials in Horner's form; coefficients differ, or the compiler would share the work."""
    total = x
    values = [x + chain for chain in range(CHAINS)]
    for power in range(DEGREE):
        values = [value * x + 1.0 / (2 + power + chain) for chain, value in enumerate(values)]
    for value in values:
        total = total + value
    return total * (0.15 / (1 + CHAINS))


def main(seconds: float) -> dict[str, float]:
    """Rates by dtype, operations/s."""
    with jax.enable_x64(True):
        return {
            str(jnp.dtype(dtype)): operations_per_second(dtype, seconds)
            for dtype in (jnp.float32, jnp.float64)
        }


if __name__ == "__main__":
    print(json.dumps(main(float(sys.argv[1]))))
