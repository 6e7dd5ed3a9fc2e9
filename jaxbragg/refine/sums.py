"""Sums over pixels: the objective of every shot, its gradient and its expected curvature.

Only sums leave this file, and what no pixel changes. Derivative images exist for `PIXELS_PER_SUM` pixels of
one shot (or of as many as are computed at once), so memory follows neither the number of shots nor the size
of the detector.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp

from jaxbragg.precision import QUICK_OPTIONS, jit_for_this_processor
from jaxbragg.products import matrix_product
from jaxbragg.refine.prediction import (
    Expected,
    expected,
    expected_and_derivatives,
    prepared_shot,
    setup_of,
)
from jaxbragg.refine.problem import Problem
from jaxbragg.refine.shot import Pixels, Shot
from jaxbragg.shapes import Array
from jaxbragg.simulation.derivatives import Prepared

Kept = TypeVar("Kept")
Added = TypeVar("Added")

PIXELS_PER_SUM = 2**15
"""Pixels whose derivative images exist at a time, and which are left out together where none is used."""


class Fits(NamedTuple):
    """How well shots fit.

    Attributes:
      objective: negative logarithm of the likelihood, (shots,); infinite where the model is not positive.
      chi_square: sum of (d - M)²/(M + σ²), (shots,).
      simulated: sum of the scaled simulated photons, without background, (shots,).
    """

    objective: Array
    chi_square: Array
    simulated: Array


class Sums(NamedTuple):
    """What a step of refinement needs.

    Attributes:
      fits: of every shot.
      slope_local: gradient with respect to each shot's own numbers, (shots, local).
      slope_shared: with respect to the shared ones, (shared,).
      local: expected curvature in each shot's own numbers, (shots, local, local).
      cross: between own and shared numbers, (shots, local, shared).
      shared: in the shared numbers, (shared, shared).
    """

    fits: Fits
    slope_local: Array
    slope_shared: Array
    local: Array
    cross: Array
    shared: Array


class Batch(NamedTuple):
    """All shots.

    Attributes:
      shots: start of the shots; leaves that all have in common are held once, others are (shots, ...).
      pixels: (shots, tiles, n) each.
    """

    shots: Shot
    pixels: Pixels


@dataclass(frozen=True)
class Layout:
    """What is compiled, with how the shots are stored.

    Attributes:
      problem: groups of parameters and objective.
      differs: for every leaf of the shots, whether it has an axis of shots.
      at_once: shots computed side by side; divides their number.
    """

    problem: Problem
    differs: tuple[bool, ...]
    at_once: int = 1


_traced_once = functools.partial(jax.jit, static_argnames="problem")
"""For functions whose results' types are asked for before they are evaluated."""


@_traced_once
def _tile_fits(problem: Problem, vector: Array, shot: Shot, setup: Any, pixels: Pixels) -> Fits:
    now = problem.put(shot, vector)
    return _fits_of(problem, expected(now, setup, pixels, problem.precision), pixels)


def _fits_of(problem: Problem, model: Expected, pixels: Pixels) -> Fits:
    photons, total, possible = _harmless(model.total, pixels)
    loss = problem.objective.loss(photons, total, pixels.variance)
    square = (photons - total) ** 2 / (total + pixels.variance)
    objective, chi_square, spots = (jnp.sum(x, where=pixels.used) for x in (loss, square, model.spots))
    return Fits(jnp.where(possible, objective, jnp.inf), chi_square, spots)


def _harmless(model: Array, pixels: Pixels) -> tuple[Array, Array, Array]:
    """Photons and model, ones where there is nothing to compare, and whether all used pixels are possible."""
    possible = (model > 0) & jnp.isfinite(model)
    comparable = possible & pixels.used
    photons, model = (jnp.where(comparable, x, 1.0) for x in (pixels.photons, model))
    return photons, model, jnp.all(possible | ~pixels.used)


class _TileSums(NamedTuple):
    fits: Fits
    slope: Array
    curvature: Array


@_traced_once
def _tile_sums(problem: Problem, vector: Array, shot: Shot, given: Prepared, pixels: Pixels) -> _TileSums:
    model, columns = expected_and_derivatives(problem, vector, shot, given, pixels)
    photons, total, _ = _harmless(model.total, pixels)
    slope = jnp.where(pixels.used, problem.objective.slope(photons, total, pixels.variance), 0.0)
    weight = jnp.where(pixels.used, problem.objective.curvature(total, pixels.variance), 0.0)
    return _TileSums(
        _fits_of(problem, model, pixels),
        matrix_product(columns, slope),
        matrix_product(columns * weight[None], columns.T),
    )


def _over_tiles(tile: Callable[[Pixels], Any], pixels: Pixels) -> Any:
    """Add up a function of a tile over those tiles of a shot that have used pixels."""

    def tile_if_used(pixels: Pixels) -> Any:
        nothing = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), jax.eval_shape(tile, pixels))
        return jax.lax.cond(jnp.any(pixels.used), tile, lambda _: nothing, pixels)

    if pixels.slow.shape[0] == 1:
        return tile(jax.tree.map(lambda x: x[0], pixels))
    again = jax.checkpoint(tile_if_used, prevent_cse=False)
    return jax.tree.map(lambda x: jnp.sum(x, axis=0), jax.lax.map(again, pixels))


def over_shots(
    function: Callable[..., tuple[Kept, Added]],
    layout: Layout,
    batch: Batch,
    local: Array,
    shared: Array,
    given: Any = (),
) -> tuple[Kept, Added]:
    """Evaluate a function of every shot, `layout.at_once` side by side.

    Args:
      function: of the numbers, (local + shared,), shot and pixels, (tiles, n), of one shot, and what is given
        of it.
      layout: how the shots are stored.
      batch: shots and pixels.
      local: free numbers of each shot, (shots, local).
      shared: those of all, (shared,).
      given: more of every shot, a pytree of (shots, ...).

    Returns:
      The first results, stacked, and the sum of the second.
    """
    leaves, treedef = jax.tree.flatten(batch.shots)
    own = [leaf for leaf, differs in zip(leaves, layout.differs, strict=True) if differs]

    def of_shot(mine: list[Array], numbers: Array, pixels: Pixels, given: Any) -> tuple[Kept, Added]:
        rest = iter(mine)
        mixed = [
            next(rest) if differs else leaf for leaf, differs in zip(leaves, layout.differs, strict=True)
        ]
        vector, shot = jnp.concatenate([numbers, shared]), jax.tree.unflatten(treedef, mixed)
        return function(vector, shot, pixels, given)

    def some_shots(number: Array) -> tuple[Kept, Added]:
        # sliced where they are: XLA copies arrays of all pixels that are reshaped for the loop
        items = jax.tree.map(
            lambda x: jax.lax.dynamic_slice_in_dim(x, number * layout.at_once, layout.at_once),
            (own, local, batch.pixels, given),
        )
        kept, added = jax.vmap(of_shot)(*items) if layout.at_once > 1 else _one_of_one(of_shot, items)
        return kept, jax.tree.map(lambda x: jnp.sum(x, axis=0), added)

    def step(total: Added, number: Array) -> tuple[Added, Kept]:
        kept, added = some_shots(number)
        return jax.tree.map(jnp.add, total, added), kept

    again = jax.checkpoint(step, prevent_cse=False)
    numbers = jnp.arange(len(local) // layout.at_once)
    first = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), jax.eval_shape(some_shots, numbers[0])[1])
    added, kept = jax.lax.scan(again, first, numbers)
    return jax.tree.map(lambda x: x.reshape(len(x) * layout.at_once, *x.shape[2:]), kept), added


def _one_of_one(of_shot: Callable[..., Any], items: Any) -> Any:
    """A single shot without an axis of shots in its loops, and with one in its results."""
    result = of_shot(*jax.tree.map(lambda x: x[0], items))
    return jax.tree.map(lambda x: x[None], result)


@functools.partial(jit_for_this_processor, options=QUICK_OPTIONS, static_argnames="layout")
def preparations(layout: Layout, batch: Batch, local: Array, shared: Array) -> Prepared:
    """What no pixel of any shot changes, and its derivatives, for `fits` and `sums`.

    A program of its own, because it has most of the operations and they are cheap: compiled with the sums
    over pixels, it takes half of their time. One for both: `fits` needs no derivatives, but a second program
    takes longer to compile than they ever take.

    Args:
      layout: what is compiled.
      batch: the shots and their pixels.
      local: free numbers of each shot, (shots, local).
      shared: those of all, (shared,).
    """

    def of_shot(vector: Array, shot: Shot, pixels: Pixels, given: Any) -> tuple[Prepared, tuple[()]]:
        return prepared_shot(layout.problem, vector, shot), ()

    return over_shots(of_shot, layout, batch, local, shared)[0]


@functools.partial(jit_for_this_processor, static_argnames="layout")
def fits(layout: Layout, batch: Batch, local: Array, shared: Array, given: Prepared) -> Fits:
    """How well every shot fits; arguments as for `preparations`, with what that returns."""

    def of_shot(vector: Array, shot: Shot, pixels: Pixels, given: Prepared) -> tuple[Fits, tuple[()]]:
        return _shot_fits(layout.problem, vector, shot, given.setup, pixels), ()

    return over_shots(of_shot, layout, batch, local, shared, given)[0]


def _shot_fits(problem: Problem, vector: Array, shot: Shot, setup: Any, pixels: Pixels) -> Fits:
    found: Fits = _over_tiles(functools.partial(_tile_fits, problem, vector, shot, setup), pixels)
    return found


@functools.partial(jit_for_this_processor, static_argnames="layout")
def sums(layout: Layout, batch: Batch, local: Array, shared: Array, given: Prepared) -> Sums:
    """Objective, gradient and expected curvature; arguments as for `fits`."""
    n = layout.problem.n_local

    def of_shot(vector: Array, shot: Shot, pixels: Pixels, given: Prepared) -> tuple[Any, Any]:
        tile = functools.partial(_tile_sums, layout.problem, vector, shot, given)
        fits, slope, curvature = _over_tiles(tile, pixels)
        kept = (fits, slope[:n], curvature[:n, :n], curvature[:n, n:])
        return kept, (slope[n:], curvature[n:, n:])

    kept, added = over_shots(of_shot, layout, batch, local, shared, given)
    return Sums(kept[0], kept[1], added[0], kept[2], kept[3], added[1])


@functools.partial(jit_for_this_processor, static_argnames="layout")
def slopes(layout: Layout, batch: Batch, local: Array, shared: Array) -> tuple[Fits, Array, Array]:
    """The fits and, by reverse mode, the gradient of their sum in own and shared numbers."""

    def of_shot(vector: Array, shot: Shot, pixels: Pixels, given: Any) -> tuple[Fits, tuple[()]]:
        problem = layout.problem
        setup = setup_of(problem.put(shot, vector).experiment, problem.precision)
        return _shot_fits(problem, vector, shot, setup, pixels), ()

    def total(local: Array, shared: Array) -> tuple[Array, Fits]:
        found, _ = over_shots(of_shot, layout, batch, local, shared)
        return jnp.sum(found.objective), found

    (_, found), (own, common) = jax.value_and_grad(total, argnums=(0, 1), has_aux=True)(local, shared)
    return found, own, common
