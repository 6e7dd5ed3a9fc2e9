"""The expected photons of pixels, and their derivatives."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.config.experiment import Experiment
from jaxbragg.refine.problem import Problem
from jaxbragg.refine.shot import Pixels, Shot
from jaxbragg.refine.surface import monomials
from jaxbragg.shapes import Array, HostArray
from jaxbragg.simulation.derivative_images import holding
from jaxbragg.simulation.simulate_pixels import simulate_pixels


class Expected(NamedTuple):
    """Expected photons of pixels, float64, (n,).

    Attributes:
      spots: scale times the simulated ones.
      background: the polynomial of the region.
    """

    spots: Array
    background: Array

    @property
    def total(self) -> Array:
        """What a detector should count."""
        return self.spots + self.background


def expected(shot: Shot, pixels: Pixels, precision: str) -> Expected:
    """Expected photons of a shot's pixels.

    Source: specs/refinement.md REF-8.
    """
    simulated = simulate_pixels(shot.experiment, pixels.slow, pixels.fast, precision=precision)
    return _measured(shot, simulated.astype(jnp.float64), pixels)


def _measured(shot: Shot, simulated: Array, pixels: Pixels) -> Expected:
    background = jnp.sum(_terms(shot, pixels) * shot.surface[pixels.region].T, axis=0)
    return Expected(shot.scale * simulated, background)


def _terms(shot: Shot, pixels: Pixels) -> Array:
    """Monomials of the background, (terms, n)."""
    return monomials(pixels.x, pixels.y, shot.surface.shape[1])


def expected_and_derivatives(
    problem: Problem, vector: Array, shot: Shot, pixels: Pixels
) -> tuple[Expected, Array]:
    """Expected photons and their derivatives with respect to the free numbers, (parameters, n).

    Scale and background enter linearly and need no simulation.
    """

    def experiment_of(vector: Array) -> Experiment:
        return problem.put(shot, vector).experiment

    def outer(vector: Array) -> tuple[Array, Array]:
        now = problem.put(shot, vector)
        return jnp.asarray(now.scale), jnp.asarray(now.surface)

    simulated, images = derivatives(
        experiment_of,
        vector,
        problem.moves_experiment & ~problem.needs_a_pass,
        problem.moves_experiment & problem.needs_a_pass,
        pixels,
        precision=problem.precision,
    )
    now = problem.put(shot, vector)
    d_scale, d_surface = jax.jacfwd(outer)(vector)
    columns = d_scale[:, None] * simulated[None] + now.scale * images
    for number, term in enumerate(_terms(now, pixels)):
        columns = columns + d_surface[:, number].T[:, pixels.region] * term[None]
    return _measured(now, simulated, pixels), columns


def derivatives(
    experiment_of: Callable[[Array], Experiment],
    vector: Array,
    together: HostArray,
    alone: HostArray,
    pixels: Pixels,
    *,
    precision: str,
) -> tuple[Array, Array]:
    """Simulated photons, (n,), and their derivatives, (parameters, n); float64.

    Args:
      experiment_of: the experiment at a vector of free numbers.
      vector: free numbers, (parameters,).
      together: which of them share a pass over the samples (SUM-11); bool, (parameters,).
      alone: which of them need a pass each. Derivatives by the rest are zero.
      pixels: where.
      precision: of the simulation.
    """

    def photons(experiment: Experiment) -> Array:
        return simulate_pixels(experiment, pixels.slow, pixels.fast, precision=precision)

    def along(direction: Array) -> Array:
        change: Array = jax.jvp(lambda v: photons(experiment_of(v)), (vector,), (direction,))[1]
        return change.astype(jnp.float64)

    def along_while_holding(direction: Array) -> Array:
        change: Array = jax.jvp(lambda v: photons(holding(experiment_of(v))), (vector,), (direction,))[1]
        return change.astype(jnp.float64)

    units = jnp.eye(len(vector))
    images = jnp.zeros((len(vector), len(pixels.slow)))
    if together.any():
        images = images.at[together.nonzero()[0]].set(jax.vmap(along_while_holding)(units[together]))
    if alone.any():
        images = images.at[alone.nonzero()[0]].set(jax.lax.map(along, units[alone]))
    return photons(experiment_of(vector)).astype(jnp.float64), images
