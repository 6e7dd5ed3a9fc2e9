"""How long the kernels of a call keep a GPU busy, by its profiler: without what the host does beside."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax

CALLS = 5


def device_seconds(call: Callable[[], Any]) -> float | None:
    """Sum of the times of all kernels and copies of a call, the mean of some.

    Args:
      call: leaves nothing running.

    Returns:
      Seconds; None where there is no GPU, or no profiler of it.
    """
    if jax.default_backend() != "gpu":
        return None
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder):
            for _ in range(CALLS):
                call()
        files = list(Path(folder).rglob("*.xplane.pb"))
        times = [seconds for file in files for seconds in _kernels(file)]
    return sum(times) / CALLS if times else None


def _kernels(file: Path) -> Iterator[float]:
    """Seconds of everything that a stream of the GPU did."""
    for plane in jax.profiler.ProfileData.from_file(str(file)).planes:
        if not plane.name.startswith("/device:GPU"):
            continue
        for line in plane.lines:
            if line.name.startswith("Stream"):
                yield from (event.duration_ns * 1e-9 for event in line.events)
