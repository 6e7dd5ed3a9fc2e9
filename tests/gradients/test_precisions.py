"""Gradients of a misfit in "mixed" and "float32" against float64, number by number of all fields (PREC-16).

The misfit is the sum of squares against the image of a slightly different experiment, as in a refinement. Its
derivative is a sum over pixels, which may cancel: every error is compared with the sum of the sizes of the
pixels' contributions, and where these do not cancel to less than a tenth (`NEAR_CANCELLATION`) also with the
derivative itself.
"""

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.config.experiment import Experiment
from tests.gradients import scenes
from tests.gradients.differences import fields, leaves, scale

DOMAINS = 5
NEAR_CANCELLATION = 10.0
"""Sizes of the contributions over the size of their sum."""
LEAST_CLEAR = {"square": 0.5, "round": 0.5, "gauss": 0.3}
"""Share of the numbers whose contributions do not cancel, so that both bounds are tested (measured in
float64: 23 of 76 for Gaussian spots)."""
EDGE = 100.0
"""Of the detector, mm."""
LARGEST_INDEX = 30.0
"""|a||q| on its rim."""
U32 = 2.0**-24
SUM = 16
"""Roundings of the sums over domains and pixels."""
CHAIN = {"mixed": 20, "float32": 100}
"""Roundings of the chain rule: in "mixed" from a pixel to its index, in "float32" all of them."""


def scene(cells: float, spread: float, pixels: int, shape: str = "square") -> Experiment:
    """One source off the axis, five domains, a sensor, a table; only numbers depend on cells and spread."""
    fractions = np.linspace(0.2, 1.0, DOMAINS)
    experiment = scenes.single(
        crystal=jb.CrystalConfig(
            cell=(40, 50, 60, 85, 95, 105),
            misset=(3, 4, 5),
            n_cells=(cells, cells - 1, cells - 2),
            shape=shape,
            fudge=1.2 if shape == "round" else 0.5 / cells**4,
            mosaic_spread=spread,
            mosaic_axes=scenes.axes(DOMAINS),
            mosaic_fractions=fractions,
        ),
        beam=jb.BeamConfig(
            wavelength=1.1,
            flux=1e18,
            exposure=0.1,
            beamsize=0.05,
            polarization=0.9,
            divergence=(0.3, 0.2),
            dispersion=0.1,
            source_grid=((0.4, -0.3, 0.5),),
        ),
        detector=scenes.custom(
            pixels=(pixels, pixels),
            pixel_size=EDGE / pixels,
            distance=100.0,
            beam_x=48.3,
            beam_y=51.7,
            sensor_thickness=320,
            attenuation_depth=234,
        ),
        sampling=jb.SamplingConfig(oversample=1),
        background=jb.BackgroundConfig(water=1.0),
    )
    # as a float32 program sees it
    return jax.tree.map(lambda x: np.asarray(x, np.float32).astype(np.float64), experiment)


def elsewhere(experiment: Experiment, step: float) -> Experiment:
    """The experiment with all numbers but those of the table moved by some `step` of their size."""
    rng = np.random.default_rng(4)
    names = fields(experiment)

    def move(path: Any, leaf: Any) -> Any:
        name = jax.tree_util.keystr(path, simple=True, separator=".")
        return leaf + step * scale(leaf) * rng.normal(size=leaf.shape) if name in names else leaf

    moved: Experiment = jax.tree_util.tree_map_with_path(move, experiment)
    return moved


def of_sizes(cells: float, spread: float, precision: str) -> float:
    """Largest error over the sizes of the contributions (PREC-16)."""
    fringe = 0.5 + 6 * cells * math.radians(spread) * LARGEST_INDEX
    return U32 * (2 * math.pi * fringe + SUM + CHAIN[precision])


class Sums(NamedTuple):
    """Over the pixels' contributions to a derivative: with signs, and of their sizes."""

    derivative: Any
    sizes: Any


@jax.jit
def along(experiment: Experiment, direction: Experiment, residual: Any) -> Sums:
    """The misfit's derivative along a direction in float64, by forward mode."""

    def image(experiment: Experiment) -> Any:
        return jb.simulate(experiment, precision="float64")

    tangent = jax.jvp(image, (experiment,), (direction,))[1]
    terms = 2.0 * residual * tangent
    return Sums(jnp.sum(terms), jnp.sum(jnp.abs(terms)))


@jax.jit
def residual(experiment: Experiment, target: Experiment) -> Any:
    images = (jb.simulate(e, precision="float64") for e in (experiment, target))
    return next(images) - next(images)


def misfit(experiment: Experiment, difference: Any, precision: str) -> Any:
    """A scalar with the misfit's derivative where the residual is `difference`."""
    image = jb.simulate(experiment, precision=precision)
    return jnp.sum(image * (2.0 * difference).astype(image.dtype))


gradient = jax.jit(jax.grad(misfit), static_argnums=2)


class Error(NamedTuple):
    """Of the derivative by one number.

    Attributes:
      name: field and index.
      of_sizes: relative to the sizes of the contributions.
      relative: to the derivative.
      cancellation: sizes over derivative.
    """

    name: str
    of_sizes: float
    relative: float
    cancellation: float


def errors(experiment: Experiment, step: float, precision: str) -> list[Error]:
    """Errors of all derivatives that are not exactly zero."""
    with jax.enable_x64(True):
        difference = residual(experiment, elsewhere(experiment, step))
        still = jax.tree.map(np.zeros_like, experiment)
    if precision == "float32":
        narrow = jax.tree.map(lambda x: np.asarray(x, np.float32), experiment)
        found = leaves(gradient(narrow, np.asarray(difference, np.float32), precision))
    else:
        with jax.enable_x64(True):
            found = leaves(gradient(experiment, difference, precision))
    collected = []
    for name, values in fields(experiment).items():
        assert np.all(np.isfinite(found[name]))
        for index in np.ndindex(values.shape):
            with jax.enable_x64(True):
                sums = along(experiment, _unit(still, name, index), difference)
            error = float(np.asarray(found[name])[index]) - float(sums.derivative)
            if float(sums.sizes) == 0.0:
                assert error == 0.0
                continue
            size, sizes = abs(float(sums.derivative)), float(sums.sizes)
            collected.append(
                Error(f"{name}{list(index)}", abs(error) / sizes, abs(error) / size, sizes / size)
            )
    return collected


def _unit(still: Experiment, name: str, index: tuple[int, ...]) -> Experiment:
    def one(path: Any, leaf: Any) -> Any:
        if jax.tree_util.keystr(path, simple=True, separator=".") != name:
            return leaf
        unit = leaf.copy()
        unit[index] = 1.0
        return unit

    unit: Experiment = jax.tree_util.tree_map_with_path(one, still)
    return unit


def check(cells: float, spread: float, pixels: int, precision: str, shape: str = "square") -> None:
    found = errors(scene(cells, spread, pixels, shape), 3e-3 / cells, precision)
    clear = [one for one in found if one.cancellation <= NEAR_CANCELLATION]
    worst = max(found, key=lambda one: one.of_sizes)
    print(
        f"\n{precision} {shape} N={cells} {spread}° {pixels}²: {len(found)} numbers, {len(clear)} clear, "
        f"worst of sizes {worst.of_sizes:.1e} ({worst.name}), "
        f"worst relative {max(one.relative for one in clear):.1e}"
    )
    assert not [one for one in found if one.of_sizes > of_sizes(cells, spread, precision)]
    assert not [one for one in clear if one.relative > 1e-4]
    assert len(clear) >= LEAST_CLEAR[shape] * len(found)


@pytest.mark.spec("PREC-16")
def test_mixed_gradients_of_a_small_detector() -> None:
    check(100, 0.5, 64, "mixed")


@pytest.mark.slow
@pytest.mark.spec("PREC-16")
@pytest.mark.parametrize("spread", [0.0, 0.05, 0.5])
@pytest.mark.parametrize("cells", [10, 50, 100])
@pytest.mark.parametrize("precision", ["mixed", "float32"])
def test_gradients_of_a_large_detector(cells: int, spread: float, precision: str) -> None:
    check(cells, spread, 1024, precision)


@pytest.mark.slow
@pytest.mark.spec("PREC-16")
@pytest.mark.parametrize("shape", ["round", "gauss"])
def test_mixed_gradients_of_other_shapes(shape: str) -> None:
    check(100, 0.5, 1024, "mixed", shape)
