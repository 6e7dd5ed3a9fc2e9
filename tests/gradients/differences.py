"""Derivatives of a scalar of the image along single fields: by reverse mode, and by central differences.

The scalar is the image times fixed weights. A field moves along a direction by h and h/2 of its size. With h
= 1e-6 an index moves by some 1e-4, and the phase by some 1e-3: the truncation of Richardson's combination of
the two differences is its fourth power, 1e-12. The bound is 1e-6 of the derivative (of its terms' sizes) plus
the rounding of a sum of weighted pixels over h. An index is rounded by 5e-15 (PREC-3) or more, so a pixel
with five cells by 1e-13.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

import jaxbragg
from jaxbragg.config.experiment import Experiment

Array = npt.NDArray[np.float64]
Scalar = Callable[[Experiment, Array], Any]

SWITCHES = ("crystal.sample_size", "beam.flux", "beam.beamsize", "beam.exposure")
"""Fields that mean "not given" where they are exactly 0: no differences there, and the derivative is 0."""


class Step(NamedTuple):
    """How far fields move.

    Attributes:
      length: h.
      rounding: of a sum of weighted pixels, relative to the sum of their sizes.
    """

    length: float
    rounding: float


FEW_PIXELS = Step(8e-6, 2e-13)
"""Values scatter by up to 9e-14 (measured: an index is rounded as |a|/wavelength is), differences by more."""
NO_PARAMETER = ("sampling.mask", "structure_factors.table")
"""Leaves with a number per pixel or reflection, which have tests of their own."""


class Comparison(NamedTuple):
    """The derivative along a direction by reverse mode and by differences.

    Attributes:
      field: what moves.
      gradient: by reverse mode.
      difference: by differences.
      bound: largest deviation of the two.
    """

    field: str
    gradient: float
    difference: float
    bound: float

    @property
    def error(self) -> float:
        return abs(self.gradient - self.difference)


def weighted_sum(experiment: Experiment, weights: Any) -> jax.Array:
    return jnp.sum(weights * jaxbragg.simulate(experiment, precision="float64"))


def leaves(experiment: Any) -> dict[str, Any]:
    """Leaves by dotted name."""
    found, _ = jax.tree_util.tree_flatten_with_path(experiment)
    return {jax.tree_util.keystr(path, simple=True, separator="."): leaf for path, leaf in found}


def fields(experiment: Any) -> dict[str, Array]:
    """Continuous parameters by dotted name."""
    named = {name: np.asarray(leaf) for name, leaf in leaves(experiment).items()}
    return {
        name: leaf for name, leaf in named.items() if leaf.dtype == np.float64 and name not in NO_PARAMETER
    }


def is_switch(name: str, value: Array) -> bool:
    """Whether a field of this value is at the jump of a switch."""
    return name in SWITCHES and bool((value == 0).any())


def moved(experiment: Experiment, name: str, value: Any) -> Experiment:
    """The experiment with one leaf changed, unchecked: constructors would resolve defaults again."""
    found, structure = jax.tree_util.tree_flatten_with_path(experiment)
    names = [jax.tree_util.keystr(path, simple=True, separator=".") for path, _ in found]
    changed: Experiment = structure.unflatten(
        [value if known == name else leaf for known, (_, leaf) in zip(names, found, strict=True)]
    )
    return changed


class Line(NamedTuple):
    """A scalar along a direction of one field.

    Attributes:
      scalar: (experiment, weights) -> sum.
      experiment, weights: where.
      field: what moves.
      direction: of the move, shape of the field.
      size: sum of the sizes of the weighted pixels.
    """

    scalar: Scalar
    experiment: Experiment
    weights: Array
    field: str
    direction: Array
    size: float

    def at(self, h: float) -> float:
        value = fields(self.experiment)[self.field] + h * self.direction
        return float(self.scalar(moved(self.experiment, self.field, value), self.weights))


SCATTER = 1.1e-13
"""Standard deviation of a pixel's rounding, relative to it: the worst of four runs along five fields."""

DEVIATIONS = 5 * 1.9
"""Five standard deviations of Richardson's combination, whose weights of the four values are 4/3 and 1/6."""


def step_of(weighted: Array) -> Step:
    """The step for pixels of these weighted values: their rounding errors add up as squares do."""
    size = float(np.abs(weighted).sum()) or 1.0  # an empty image
    relative = float(np.linalg.norm(weighted)) / size
    return Step(1e-6, DEVIATIONS * SCATTER * relative)


FEW_CELLS = 250
"""Cells along an edge up to which the step of `step_of` moves the phase by less than 0.05."""

TINY = np.linspace(-1e-3, 1e-3, 9)
"""Moves, in steps, that show nothing but rounding once what is straight is taken away."""


def step_measured(line: Line, step: Step, cells: float) -> Step:
    """The step for a crystal of that many cells, with the rounding that the line itself shows.

    Where indices are rounded with their whole part (Q29), or are multiplied by many cells, pixels near a
    reflection scatter by more than `SCATTER`. Second differences of values scatter by the root of 6 times
    as much; their median does not see a jump.
    """
    length = step.length * min(1.0, FEW_CELLS / cells)
    values = [line.at(x * length) for x in TINY]
    scatter = np.median(np.abs(np.diff(values, 2))) / 0.6745 / np.sqrt(6.0)
    return Step(length, max(step.rounding, DEVIATIONS * float(scatter) / (line.size or 1.0)))


JUMP = 3e-11
"""Relative to a pixel and the mean: a smooth pixel leaves the fourth power of its phase over 16, 6e-12 for a
phase of 3e-3, and 16 roundings, 1.4e-12."""


def where_smooth(line: Line, image: Callable[[Experiment], Any], h: float) -> Line:
    """A line along whose move no pixel of any weight has a jump or a kink.

    Args:
      line: direction of one field.
      image: experiment -> image.
      h: how far it moves.
    """
    start = fields(line.experiment)[line.field]
    images = [
        np.asarray(image(moved(line.experiment, line.field, start + x * line.direction)))
        for x in (-h, -h / 2, 0.0, h / 2, h)
    ]
    far, near = (images[0] - 2 * images[2] + images[4], images[1] - 2 * images[2] + images[3])
    sizes = np.abs(images).max(axis=0)
    jumps = np.abs(far - 4 * near) > JUMP * (sizes + sizes.mean())
    return line._replace(weights=np.where(jumps, 0.0, line.weights))


FEWEST_SMOOTH = 0.9
"""Pixels that must not jump along any one field."""


class Functions(NamedTuple):
    """What pixels are compared by, compiled.

    Attributes:
      image: experiment -> image in float64.
      gradient: (experiment, weights) -> gradient of the weighted sum.
    """

    image: Callable[[Experiment], Any]
    gradient: Callable[[Experiment, Array], Any]


def compare_smooth(line: Line, gradient: Array, step: Step, functions: Functions) -> Comparison:
    """Compare as `compare` does; if that fails, by the pixels that have no jump or kink along the move."""
    found = compare(line, gradient, step)
    if found.error <= found.bound:
        return found
    smooth = where_smooth(line, functions.image, step.length)
    assert np.count_nonzero(smooth.weights) >= FEWEST_SMOOTH * smooth.weights.size, line.field
    by_smooth = fields(functions.gradient(line.experiment, smooth.weights))[line.field]
    return compare(smooth, by_smooth, step)


def compare(line: Line, gradient: Array, step: Step) -> Comparison:
    """Compare the derivative with central differences.

    Args:
      line: direction of one field.
      gradient: of the scalar with respect to the field.
      step: how far it moves.
    """
    h = step.length
    coarse = (line.at(h) - line.at(-h)) / (2 * h)
    fine = (line.at(h / 2) - line.at(-h / 2)) / h
    return _comparison(line, gradient, step, (4 * fine - coarse) / 3)


def compare_upwards(line: Line, gradient: Array, step: Step) -> Comparison:
    """Compare the derivative for growing values with one-sided differences; arguments as in `compare`.

    The truncation is the square of the change of phase, in which a number of cells moves for h only.
    """
    h = step.length
    up = line._replace(direction=np.abs(line.direction))
    here, half, full = (up.at(x) for x in (0.0, h / 2, h))
    difference = (4 * half - full - 3 * here) / h
    return _comparison(up, gradient, step, difference)


def _comparison(line: Line, gradient: Array, step: Step, difference: float) -> Comparison:
    terms = gradient * line.direction
    return Comparison(
        field=line.field,
        gradient=float(np.sum(terms)),
        difference=difference,
        bound=1e-6 * float(np.sum(np.abs(terms))) + step.rounding * line.size / step.length,
    )


def scale(value: Array) -> float:
    """Size of a field, by which its steps are measured; 1 where it is zero."""
    return float(np.abs(value).max()) or 1.0
