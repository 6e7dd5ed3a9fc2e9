"""simulate_batch(experiments) -> images: as many experiments at a time as are fast and fit the memory."""

import contextlib
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import numpy as np

from jaxbragg.config.alike import check_alike
from jaxbragg.config.experiment import Experiment
from jaxbragg.config.tree import is_concrete
from jaxbragg.errors import ConfigError
from jaxbragg.precision import Precision
from jaxbragg.shapes import HostArray
from jaxbragg.simulation.run import image_program, named_precision

PIXELS_AT_ONCE = {"cpu": 2**21}
"""Pixels of the images that one call of the program computes, by backend.

On a CPU (measured) images share what starting a program costs. Twice as many in float64 are 32 MB, which are
fresh memory in every call, cleared by the operating system (allocator.py).
"""

PIXELS_ON_ACCELERATORS = 2**24
"""The same for every other backend, which needs millions of pixels to be busy."""

Take = Callable[[int, int], Experiment]
"""(first, count) -> experiments stacked leaf by leaf."""

Program = Callable[[Experiment], Any]
"""Stacked experiments -> images."""


def simulate_batch(
    experiments: Sequence[Experiment] | Experiment,
    *,
    precision: str = "mixed",
    memory: float | None = None,
    progress: bool = False,
) -> HostArray:
    """Expected images of many experiments that differ in numbers only.

    Computes a few images, then the next ones, with one compiled program. Not for use inside a
    program of the caller, nor for derivatives: there it is `jax.vmap(simulate)`, or
    `jax.lax.map(simulate, stacked, batch_size=...)`.

    Args:
      experiments: a list of experiments, or one whose leaves are stacked along a first axis.
      precision: as in `simulate`.
      memory: bytes that the compiled program may hold at a time: its inputs, temporary arrays and images, and
        those images that are being copied into what is returned; the latter is not counted. None: no limit.
      progress: whether to show on stderr how many images are done.

    Returns:
      Expected photons per pixel, (n, slow, fast), float32 or float64 as from `simulate`.

    Raises:
      ConfigError: no experiment; experiments of which one program cannot compute all, or that a
        transformation of JAX traces; less memory than one image takes; unknown precision.

    Source: specs/summation.md SUM-12.
    """
    policy = named_precision(precision)
    take, total = _stack(experiments)
    program, size = _program(take, total, policy, memory)
    fast, slow = take(0, 1).detector.pixels
    images = np.empty((total, slow, fast), policy.narrow)
    with _image_line(progress, total) as done:
        # the last images are computed with the same program, hence some of them twice
        firsts = [*range(0, total - size, size), total - size]
        running = _one_ahead(program(take(first, size)) for first in firsts)
        for first, computed in zip(firsts, running, strict=True):
            images[first : first + size] = computed
            done(first + size)
    return images


def _one_ahead(results: Iterator[Any]) -> Iterator[Any]:
    """The same results, each after the next one has begun: it is computed while this one is copied."""
    before = next(results)
    for result in results:
        yield before
        before = result
    yield before


def _stack(experiments: Sequence[Experiment] | Experiment) -> tuple[Take, int]:
    """How to take some of the experiments, and how many there are."""
    leaves = jax.tree.leaves(experiments)
    if not all(map(is_concrete, leaves)):
        raise ConfigError(
            "`experiments` must hold numbers, got some that a transformation of JAX traces; "
            "inside it, use jax.vmap(jaxbragg.simulate), or jax.lax.map with a batch_size"
        )
    if isinstance(experiments, Experiment):
        host = jax.tree.map(np.asarray, experiments)
        return lambda first, count: jax.tree.map(lambda x: x[first : first + count], host), _length(leaves)
    if not experiments:
        raise ConfigError("`experiments` must hold at least one experiment, got none")
    check_alike(experiments)

    def take(first: int, count: int) -> Experiment:
        chosen = experiments[first : first + count]
        stacked: Experiment = jax.tree.map(
            lambda *x: np.asarray(x[0])[None] if count == 1 else np.stack(x), *chosen
        )
        return stacked

    return take, len(experiments)


def _length(leaves: list[Any]) -> int:
    """Number of experiments in a stack."""
    lengths = {np.shape(leaf)[:1] for leaf in leaves}
    if len(lengths) != 1 or not all(lengths) or (0,) in lengths:
        found = ", ".join(sorted(str(length[0]) if length else "none" for length in lengths))
        raise ConfigError(
            "`experiments` must be a list, or one experiment with a first axis of the same length in every "
            f"leaf, got lengths {found}; stack whole experiments with jax.tree.map"
        )
    return int(lengths.pop()[0])


def _program(take: Take, total: int, precision: Precision, memory: float | None) -> tuple[Program, int]:
    """The compiled program of as many experiments as are fast and fit the memory, and their number."""
    fast, slow = take(0, 1).detector.pixels
    at_once = PIXELS_AT_ONCE.get(jax.default_backend(), PIXELS_ON_ACCELERATORS)
    size = _even(total, max(1, at_once // (fast * slow)))
    while True:
        program, used = image_program.compiled_batch(take(0, size), precision=precision)
        if memory is None or used <= memory:
            return program, size
        if math.isnan(used):
            raise ConfigError(
                "`memory` must be None on this backend, which does not tell what a program needs"
            )
        if size == 1:
            raise ConfigError(
                f"`memory` must be at least {used} bytes, which one image takes, got {memory:g}; "
                "give more, or simulate a region of interest"
            )
        size = _even(total, max(1, min(size - 1, int(size * memory / used))))


def _even(total: int, most: int) -> int:
    """Experiments at a time, so that as few as possible are computed twice."""
    turns = -(-total // most)
    return -(-total // turns)


@contextlib.contextmanager
def _image_line(wanted: bool, total: int) -> Iterator[Callable[[int], None]]:
    """Show on one line of stderr how many images are done; yields a function to call with their number."""
    from tqdm import tqdm

    with tqdm(total=total, unit=" images", file=sys.stderr, disable=not wanted) as bar:
        yield lambda done: bar.update(done - bar.n)
