"""What a shot is while it is refined: an experiment, and what stands between its photons and the data."""

from typing import NamedTuple

import jax
import numpy as np

from jaxbragg.config.experiment import Experiment
from jaxbragg.config.tree import replaced
from jaxbragg.shapes import Leaf


class Shot(NamedTuple):
    """Everything that decides the expected photons of a measured image.

    Attributes:
      experiment: crystal, beam, detector.
      scale: factor on the simulated photons, dimensionless, ().
      surface: coefficients of the background, photons per pixel, (regions, terms).
    """

    experiment: Experiment
    scale: Leaf
    surface: Leaf


class Pixels(NamedTuple):
    """The pixels of a shot that are compared, in one list; n may include unused ones that fill it up.

    Attributes:
      slow, fast: indices, int32, (n,).
      photons: measured, float64, (n,).
      used: False for pixels that only fill the list, bool, (n,).
      variance: of the readout noise, photons², float64, (n,).
      region: number of the region that the pixel is in, int32, (n,).
      x, y: place in its region, -1 to 1 along fast and slow, float64, (n,).
    """

    slow: Leaf
    fast: Leaf
    photons: Leaf
    used: Leaf
    variance: Leaf
    region: Leaf
    x: Leaf
    y: Leaf


def leaf_of(experiment: Experiment, path: str) -> Leaf:
    """The leaf at a path such as "crystal.misset"."""
    part, name = path.split(".")
    return getattr(getattr(experiment, part), name)


def with_leaf(experiment: Experiment, path: str, value: Leaf) -> Experiment:
    """The experiment with another value at a path; nothing is checked again."""
    part, name = path.split(".")
    return replaced(experiment, **{part: replaced(getattr(experiment, part), **{name: value})})


def stacked(shots: list[Shot]) -> tuple[Shot, tuple[bool, ...]]:
    """Shots of one structure as one pytree; what all have in common, such as a table, is held once.

    Scales never are: they may be estimated later, and what is compiled must not change then.

    Returns:
      The shots, and for every leaf whether it differs and so has an axis of shots.
    """
    leaves = [jax.tree.leaves(shot) for shot in shots]
    scale = len(jax.tree.leaves(shots[0].experiment))
    together, differs = [], []
    for number, (first, *others) in enumerate(zip(*leaves, strict=True)):
        same = all(number != scale and (other is first or np.array_equal(other, first)) for other in others)
        differs.append(not same)
        together.append(first if same else np.stack([np.asarray(leaf) for leaf in (first, *others)]))
    return jax.tree.unflatten(jax.tree.structure(shots[0]), together), tuple(differs)


def with_leaves_of(other: Shot, shot: Shot) -> Shot:
    """The shot, holding the leaves of another one in place of its own where they are equal."""
    if len({jax.tree.structure(one) for one in (other, shot)}) > 1:
        return shot
    held: Shot = jax.tree.map(lambda theirs, own: theirs if np.array_equal(theirs, own) else own, other, shot)
    return held
