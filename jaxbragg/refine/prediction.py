"""The expected photons of pixels, and their derivatives."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.config.experiment import Experiment
from jaxbragg.refine.problem import Problem
from jaxbragg.refine.shot import Pixels, Shot
from jaxbragg.refine.surface import monomials
from jaxbragg.shapes import Array
from jaxbragg.simulation.derivative_images import holding
from jaxbragg.simulation.program import inputs
from jaxbragg.simulation.run import named_precision
from jaxbragg.simulation.simulate_pixels import simulate_pixels_of_setup
from jaxbragg.tangents import derivatives_that_move, tangent_of


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


class Prepared(NamedTuple):
    """What no pixel of a shot changes, and how free numbers change that.

    Attributes:
      setup: of the experiment, in the types of the precision.
      together: changes of its leaves with every number that shares a pass over the samples (SUM-11),
        (numbers, ...) each; None for leaves that do not change.
      alone: likewise with every number that takes a pass of its own.
    """

    setup: Any
    together: list[Array | None]
    alone: list[Array | None]


def prepared(problem: Problem, vector: Array, shot: Shot) -> Prepared:
    """What `expected_and_derivatives` needs of a shot besides its pixels."""
    together, alone, _ = problem.passes

    def leaves(vector: Array) -> list[Array]:
        return jax.tree.leaves(setup_of(problem.put(shot, vector).experiment, problem.precision))

    def held_leaves(vector: Array) -> list[Array]:
        held = holding(problem.put(shot, vector).experiment)
        return jax.tree.leaves(setup_of(held, problem.precision))

    return Prepared(
        setup_of(problem.put(shot, vector).experiment, problem.precision),
        derivatives_that_move(held_leaves, vector, together),
        derivatives_that_move(leaves, vector, alone),
    )


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
      given: `prepared` of these.
      pixels: where.
    """

    def outer(vector: Array) -> tuple[Array, Array]:
        now = problem.put(shot, vector)
        return jnp.asarray(now.scale), jnp.asarray(now.surface)

    images = _derivatives(problem, vector, shot, given, pixels)
    now = problem.put(shot, vector)
    simulated = _simulated(now.experiment, given.setup, pixels, problem.precision)
    d_scale, d_surface = jax.jacfwd(outer)(vector)
    columns = d_scale[:, None] * simulated[None] + now.scale * images
    for number, term in enumerate(_terms(now, pixels)):
        columns = columns + d_surface[:, number].T[:, pixels.region] * term[None]
    return _measured(now, simulated, pixels), columns


def _derivatives(problem: Problem, vector: Array, shot: Shot, given: Prepared, pixels: Pixels) -> Array:
    """Derivatives of the simulated photons by the free numbers, (parameters, n), float64."""
    leaves, structure = jax.tree.flatten(given.setup)

    def photons(vector: Array, leaves: list[Array]) -> Array:
        experiment = problem.put(shot, vector).experiment
        return _simulated(experiment, jax.tree.unflatten(structure, leaves), pixels, problem.precision)

    def photons_while_holding(vector: Array, leaves: list[Array]) -> Array:
        experiment = holding(problem.put(shot, vector).experiment)
        return _simulated(experiment, jax.tree.unflatten(structure, leaves), pixels, problem.precision)

    def along(change: Any) -> Array:
        tangent: Array = tangent_of(photons, (vector, leaves), change)
        return tangent

    def along_while_holding(change: Any) -> Array:
        tangent: Array = tangent_of(photons_while_holding, (vector, leaves), change)
        return tangent

    units, none = jnp.eye(len(vector)), [None] * len(leaves)
    images = jnp.zeros((len(vector), len(pixels.slow)))
    together, alone, of_table = problem.passes
    if together.any():
        found = jax.vmap(along_while_holding)((units[together], given.together))
        images = images.at[together.nonzero()[0]].set(found)
    for chosen, changes in ((alone, given.alone), (of_table, none)):
        if chosen.any():
            images = images.at[chosen.nonzero()[0]].set(jax.lax.map(along, (units[chosen], changes)))
    return images
