"""The derivative with respect to a table of structure factors, a million numbers at once.

Nearest reflection: each sample gives 2/F of its photons to the entry it used, so the trace adds up to the
gradient. Interpolation: the image is a quadratic form of the table, so central differences have no
truncation, whatever the step; a step of 1 electron in 100 costs rounding only.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.config.experiment import Experiment
from tests.gradients import scenes

SIZE = 100
START = (-50, -50, -50)
TABLE = np.random.default_rng(5).uniform(50.0, 150.0, size=(SIZE,) * 3)
SLOW, FAST = np.meshgrid(np.arange(7), np.arange(9), indexing="ij")
WEIGHTS = np.random.default_rng(6).normal(size=SLOW.shape)


def experiment(interpolate: bool) -> Experiment:
    """Cells so large that 63 pixels see a hundred reflections; three domains, two spindle angles."""
    factors = jb.StructureFactorConfig(table=TABLE, index_min=START, default_f=3.0, interpolate=interpolate)
    return scenes.single(
        crystal=jb.CrystalConfig(
            cell=(140, 150, 160, 85, 95, 105),
            misset=(3, 4, 5),
            n_cells=(5, 4, 3),
            mosaic_spread=0.7,
            mosaic_axes=scenes.axes(3),
            mosaic_fractions=(0.2, 0.7, 1.0),
        ),
        rotation=jb.RotationConfig(osc=2.0, steps=2),
        structure_factors=factors,
        background=jb.BackgroundConfig(),
    )


def of_table(table: Any, rest: Experiment, precision: str) -> Any:
    changed = rest.with_fields(structure_factors__table=table)
    image = jb.simulate(changed, precision=precision)
    return jnp.sum(image * jnp.asarray(WEIGHTS, image.dtype))


gradient = jax.jit(jax.grad(of_table), static_argnums=2)


def from_trace(rest: Experiment) -> Any:
    """The gradient, and the sum of the sizes of its terms, from what every sample contributes."""
    traced = jb.trace(rest, SLOW.ravel(), FAST.ravel(), precision="float64")["samples"]
    samples = {name: np.asarray(value) for name, value in traced.items()}
    inside = samples["rule"] == 1
    shape = (-1, *(1,) * (inside.ndim - 1))
    terms = 2 * WEIGHTS.reshape(shape) * samples["contribution"] / samples["amplitude"]
    entries = (samples["nearest"] - START)[inside].T
    sums, sizes = np.zeros_like(TABLE), np.zeros_like(TABLE)
    np.add.at(sums, tuple(entries), terms[inside])
    np.add.at(sizes, tuple(entries), np.abs(terms[inside]))
    return sums, sizes


@pytest.mark.spec("SF-1", "SUM-9")
@pytest.mark.parametrize(
    ("precision", "tolerance"), [("float64", 1e-11), pytest.param("mixed", 1e-5, marks=pytest.mark.slow)]
)
def test_nearest_reflections_get_what_their_samples_contribute(precision: str, tolerance: float) -> None:
    """To 1e-13 of each sample's size times the fringes' slope in float64; 100 roundings of float32."""
    rest = experiment(interpolate=False)
    with jax.enable_x64(True):
        found = np.asarray(gradient(TABLE, rest, precision))
    sums, sizes = from_trace(rest)
    assert np.count_nonzero(sizes) > 50
    assert (np.abs(found - sums) <= tolerance * sizes.max()).all()
    assert not found[sizes == 0].any()


@pytest.mark.slow
@pytest.mark.spec("SF-3", "SUM-9")
def test_interpolated_entries_against_differences() -> None:
    """The twenty largest entries, and a few that no index is near."""
    rest = experiment(interpolate=True)
    value = jax.jit(of_table, static_argnums=2)
    with jax.enable_x64(True):
        found = np.asarray(gradient(TABLE, rest, "float64"))
        size = float(jnp.sum(jb.simulate(rest, precision="float64") * np.abs(WEIGHTS)))
        largest = np.argsort(-np.abs(found), axis=None)[:20]
        for entry in [*largest, 0, found.size - 1]:
            up, down = TABLE.copy(), TABLE.copy()
            up.flat[entry] += 1.0
            down.flat[entry] -= 1.0
            difference = float(value(up, rest, "float64") - value(down, rest, "float64")) / 2
            assert abs(difference - found.flat[entry]) <= 1e-9 * abs(found.flat[entry]) + 1e-14 * size
    assert 64 < np.count_nonzero(found) < 0.1 * found.size
