"""The expected photons of pixels, and their derivatives."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.config.experiment import Experiment
from jaxbragg.refine.problem import Problem
from jaxbragg.refine.shot import Pixels, Shot
from jaxbragg.refine.surface import monomials
from jaxbragg.shapes import Array
from jaxbragg.simulation.derivatives import ExperimentOf, Prepared, derivatives, prepared
from jaxbragg.simulation.program import inputs
from jaxbragg.simulation.run import named_precision
from jaxbragg.simulation.simulate_pixels import simulate_pixels_of_setup


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


def prepared_shot(problem: Problem, vector: Array, shot: Shot) -> Prepared:
    """What `expected_and_derivatives` needs of a shot besides its pixels."""
    experiment_of = _experiment_of(problem, shot)
    return prepared(experiment_of, vector, problem.passes, named_precision(problem.precision))


def _experiment_of(problem: Problem, shot: Shot) -> ExperimentOf:
    return lambda vector: problem.put(shot, vector).experiment


def setup_of(experiment: Experiment, precision: str) -> Any:
    """What no pixel changes, in the types of the precision."""
    return inputs(experiment, named_precision(precision)).setup


def expected(shot: Shot, setup: Any, pixels: Pixels, precision: str) -> Expected:
    """Expected photons of a shot's pixels.

    Args:
      shot: experiment, scale, background.
      setup: `setup_of` its experiment.
      pixels: where.
      precision: of the simulation.

    Source: specs/refinement.md REF-8.
    """
    return _measured(shot, _simulated(shot.experiment, setup, pixels, precision), pixels)


def _simulated(experiment: Experiment, setup: Any, pixels: Pixels, precision: str) -> Array:
    """Simulated photons, (n,), float64."""
    simulated = simulate_pixels_of_setup(
        experiment, setup, pixels.slow, pixels.fast, precision=named_precision(precision)
    )
    return simulated.astype(jnp.float64)


def _measured(shot: Shot, simulated: Array, pixels: Pixels) -> Expected:
    background = jnp.sum(_terms(shot, pixels) * shot.surface[pixels.region].T, axis=0)
    return Expected(shot.scale * simulated, background)


def _terms(shot: Shot, pixels: Pixels) -> Array:
    """Monomials of the background, (terms, n)."""
    return monomials(pixels.x, pixels.y, shot.surface.shape[1])


def expected_and_derivatives(
    problem: Problem, vector: Array, shot: Shot, given: Prepared, pixels: Pixels
) -> tuple[Expected, Array]:
    """Expected photons and their derivatives with respect to the free numbers, (parameters, n).

    Scale and background enter linearly and need no simulation.

    Args:
      problem: which numbers are free.
      vector: these, (parameters,).
      shot: all others.
      given: `prepared_shot` of these.
      pixels: where.
    """

    def outer(vector: Array) -> tuple[Array, Array]:
        now = problem.put(shot, vector)
        return jnp.asarray(now.scale), jnp.asarray(now.surface)

    now = problem.put(shot, vector)
    simulated = _simulated(now.experiment, given.setup, pixels, problem.precision)
    images = _derivatives(problem, vector, shot, given, pixels)
    d_scale, d_surface = jax.jacfwd(outer)(vector)
    columns = d_scale[:, None] * simulated[None] + now.scale * images
    for number, term in enumerate(_terms(now, pixels)):
        columns = columns + d_surface[:, number].T[:, pixels.region] * term[None]
    return _measured(now, simulated, pixels), columns


def _derivatives(problem: Problem, vector: Array, shot: Shot, given: Prepared, pixels: Pixels) -> Array:
    """Derivatives of the simulated photons by the free numbers, (parameters, n), float64."""

    def photons(experiment: Experiment, setup: Any) -> Array:
        return _simulated(experiment, setup, pixels, problem.precision)

    images = jnp.zeros((len(vector), len(pixels.slow)))
    found = derivatives(photons, _experiment_of(problem, shot), vector, problem.passes, given)
    for chosen, some in found:
        images = images.at[chosen.nonzero()[0]].set(some)
    return images
