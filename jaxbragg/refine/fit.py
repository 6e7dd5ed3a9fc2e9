"""The objective of a refinement as the methods see it: data and priors, on the host, in float64."""

import copy
import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg.errors import ConfigError
from jaxbragg.precision import QUICK_OPTIONS, in_double, jit_for_this_processor
from jaxbragg.refine import sums as compiled
from jaxbragg.refine.arrow import Arrow, Vector
from jaxbragg.refine.priors import Priors, PriorTerms, Reported, prior_curvature
from jaxbragg.refine.problem import Problem
from jaxbragg.refine.restraint import Restraint
from jaxbragg.refine.shells import at_low_resolution
from jaxbragg.refine.shot import Shot, with_leaf
from jaxbragg.refine.sums import Batch, Fits, Layout
from jaxbragg.shapes import Array, HostArray
from jaxbragg.simulation.program import compiles_on_host


class Value(NamedTuple):
    """How well everything fits.

    Attributes:
      objective: data and priors.
      shots: of the data of each shot, (shots,).
      chi_square: sum over all pixels.
    """

    objective: float
    shots: HostArray
    chi_square: float


class Local(NamedTuple):
    """Second-order picture of the objective around a point: value, gradient, expected curvature."""

    value: Value
    slope: Vector
    curvature: Arrow


class Fit:
    """Shots, data and priors of one refinement.

    Attributes:
      layout: what is compiled.
      batch: shots and pixels, on the device.
      shots: start of each shot, on the host.
      start: free numbers that leave the shots as they are.
      n_pixels: pixels compared, over all shots.
    """

    def __init__(self, layout: Layout, batch: Batch, shots: list[Shot], start: Vector) -> None:
        self.layout, self.shots, self.start = layout, shots, start
        self.n_pixels = int(np.count_nonzero(batch.pixels.used))
        with jax.enable_x64(True):
            self.batch: Batch = jax.tree.map(jnp.asarray, batch)
        self._priors = Priors.of(self.problem, self.reported(start).values)
        self._has_priors = any(group.prior is not None for group in self.problem.groups)
        self._restraint: Restraint | None = None

    @property
    def problem(self) -> Problem:
        """Groups of parameters and objective."""
        return self.layout.problem

    @property
    def degrees_of_freedom(self) -> int:
        """Pixels less parameters."""
        return max(self.n_pixels - self.start.local.size - self.start.shared.size, 1)

    def restrained(self, to: Vector, changes: float) -> "Fit":
        """The same fit with a restraint of so many typical changes to a point."""
        n, sigma = self.problem.n_local, changes * self.problem.typical
        fit = copy.copy(self)
        fit._restraint = Restraint(to, Vector(sigma[:n], sigma[n:]))
        return fit

    def at_low_resolution(self, part: float) -> "Fit":
        """The same fit of a part of each shot's pixels, those at the lowest resolution."""
        fit = copy.copy(self)
        pixels = at_low_resolution(self.shots, self.batch.pixels, part)
        fit.n_pixels = int(np.count_nonzero(pixels.used))
        with jax.enable_x64(True):
            fit.batch = self.batch._replace(pixels=jax.tree.map(jnp.asarray, pixels))
        return fit

    def _known(self, at: Vector) -> PriorTerms | None:
        """What is known without the data of this fit."""
        terms = [] if self._restraint is None else [self._restraint.terms(at)]
        if self._has_priors:
            terms.append(self._priors.terms(self.reported(at)))
        return functools.reduce(PriorTerms.plus, terms) if terms else None

    def compile_for(self, method: str) -> None:
        """Compile what steps of a method need, where a later call finds it."""
        if not compiles_on_host():
            return
        with jax.enable_x64(True):
            arguments = (self.layout, self.batch, *self.start)
            if method == "marquardt":
                compiled.sums.compiled(*arguments, compiled.preparations.types(*arguments))
            else:
                compiled.slopes.compiled(*arguments)

    def value(self, at: Vector) -> Value:
        """Objective and chi-square."""
        known = self._known(at)
        return _value(self._fits(at), 0.0 if known is None else known.loss)

    def simulated(self, at: Vector) -> HostArray:
        """Sum of the scaled simulated photons of each shot, without background, (shots,)."""
        return np.asarray(self._fits(at).simulated)

    def _fits(self, at: Vector) -> Fits:
        with jax.enable_x64(True):
            arguments = (self.layout, self.batch, *at)
            return compiled.fits(*arguments, compiled.preparations(*arguments))

    def around(self, at: Vector) -> Local:
        """Value, gradient and expected curvature, by derivative images."""
        with jax.enable_x64(True):
            arguments = (self.layout, self.batch, *at)
            sums = compiled.sums(*arguments, compiled.preparations(*arguments))
        found = jax.tree.map(np.asarray, sums)
        slope = Vector(found.slope_local, found.slope_shared)
        curvature = Arrow(found.local, found.cross, found.shared)
        known = self._known(at)
        if known is None:
            return Local(_value(found.fits), slope, curvature)
        return Local(
            _value(found.fits, known.loss), slope.plus(known.slope), prior_curvature(curvature, known)
        )

    def slope(self, at: Vector) -> tuple[Value, Vector]:
        """Value and gradient, by reverse mode: its cost does not grow with the number of parameters."""
        with jax.enable_x64(True):
            fits, *slopes = compiled.slopes(self.layout, self.batch, *at)
        slope = Vector(*(np.asarray(x) for x in slopes))
        known = self._known(at)
        if known is None:
            return _value(fits), slope
        return _value(fits, known.loss), slope.plus(known.slope)

    def reported(self, at: Vector) -> Reported:
        """Values in user units and their derivatives with the free numbers."""
        n = self.problem.n_local
        found = [
            _values_and_slopes(_without_table(shot), np.concatenate([own, at.shared]), problem=self.problem)
            for shot, own in zip(self.shots, at.local, strict=True)
        ]
        values, slopes = (np.stack([np.asarray(x) for x in parts]) for parts in zip(*found, strict=True))
        return Reported(Vector(values[:, :n], values[0, n:]), slopes)

    def shots_at(self, at: Vector) -> list[Shot]:
        """All shots with these free numbers, on the host."""
        vectors = [np.concatenate([own, at.shared]) for own in at.local]
        moved = [_put(*pair, problem=self.problem) for pair in zip(self.shots, vectors, strict=True)]
        return [jax.tree.map(np.asarray, shot) for shot in moved]

    def check_effect(self, curvature: Arrow) -> None:
        """Refuse parameters that change nothing in the pixels that are compared.

        Raises:
          ConfigError: the text names them.

        Source: specs/refinement.md REF-2.
        """
        diagonal = curvature.diagonal()
        labels = np.array(self.problem.labels(self.shots[0]))
        moves = np.concatenate([np.all(diagonal.local > 0, axis=0), diagonal.shared > 0])
        if not np.all(moves):
            raise ConfigError(
                f"{', '.join(labels[~moves])} changes nothing in the pixels that are compared, of one shot "
                "at least; leave it out, or choose pixels that depend on it"
            )


def _value(fits: Fits, prior: float = 0.0) -> Value:
    shots = np.asarray(fits.objective)
    return Value(float(np.sum(shots)) + prior, shots, float(np.sum(np.asarray(fits.chi_square))))


def _without_table(shot: Shot) -> Shot:
    """The shot without what no value depends on and what would be copied at every call."""
    if shot.experiment.structure_factors.table is None:
        return shot
    nothing = np.zeros((1, 1, 1))
    return shot._replace(experiment=with_leaf(shot.experiment, "structure_factors.table", nothing))


_quick = functools.partial(jit_for_this_processor, options=QUICK_OPTIONS, static_argnames="problem")


@in_double
@_quick
def _values_and_slopes(shot: Shot, vector: Array, *, problem: Problem) -> tuple[Array, Array]:
    """Values in user units and their derivatives with the free numbers, (n,) and (n, n)."""
    return problem.values(shot, vector), jax.jacfwd(lambda v: problem.values(shot, v))(vector)


@in_double
@_quick
def _put(shot: Shot, vector: Array, *, problem: Problem) -> Shot:
    """The shot with free numbers, (n,)."""
    return problem.put(shot, vector)
