"""Derivatives at points where a formula may turn into 0/0, a root of zero or a dead branch.

Every field of every point: finite, equal to central differences, and exactly zero if and only if it is in
the point's `dead` set. Where a field may only move one way (a count of one cell is the end of a plateau), the
difference is one-sided, of second order.
"""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.config.experiment import Experiment
from tests.gradients import scenes
from tests.gradients.differences import (
    FEW_PIXELS,
    Comparison,
    Functions,
    Line,
    compare,
    compare_smooth,
    compare_upwards,
    fields,
    is_switch,
    scale,
    weighted_sum,
)
from tests.gradients.points import (
    ALONG_THE_BEAM,
    DEAD,
    OTHER_POINTS,
    POINTS,
    Point,
    experiment,
)

WEIGHTS = np.random.default_rng(0).normal(size=scenes.PIXELS[::-1])


@jax.jit
def scalar(experiment: Experiment, weights: Any) -> Any:
    return weighted_sum(experiment, weights)


gradient = jax.jit(jax.grad(weighted_sum, allow_int=True))
image = jax.jit(lambda experiment: jb.simulate(experiment, precision="float64"))


def check(point: Point) -> None:
    with jax.enable_x64(True):
        here = experiment(point)
        found = fields(gradient(here, WEIGHTS))
        assert all(np.isfinite(of_field).all() for of_field in found.values())
        expected = (DEAD[point.scene] | point.dead) - point.alive
        dead = {name for name, of_field in found.items() if not of_field.any()} - point.cancels
        assert sorted(dead ^ (expected & set(found) - point.cancels)) == []
        values, size = fields(here), float(scalar(here, np.abs(WEIGHTS)))
        for name in point.cancels & set(found):
            assert np.abs(found[name]).max() * scale(values[name]) <= 1e-12 * size
        wrong = [one for one in comparisons(point, here, found) if not one.error <= one.bound]
        assert not wrong


def comparisons(point: Point, here: Experiment, found: Mapping[str, Any]) -> list[Comparison]:
    size = float(scalar(here, np.abs(WEIGHTS)))
    rng = np.random.default_rng(1)
    compared = []
    for name, value in fields(here).items():
        line = Line(scalar, here, WEIGHTS, name, rng.normal(size=value.shape) * scale(value), size)
        if name not in point.undefined and not is_switch(name, value):
            if name in point.upwards:
                compared.append(compare_upwards(line, found[name], FEW_PIXELS))
            elif point.jumps:
                compared.append(compare_smooth(line, found[name], FEW_PIXELS, Functions(image, gradient)))
            else:
                compared.append(compare(line, found[name], FEW_PIXELS))
    return compared


@pytest.mark.spec("SUM-9", "LAT-2", "POL-1", "POL-2", "CRYST-1", "CRYST-5", "CRYST-6", "CRYST-8", "SCAT-2")
@pytest.mark.parametrize("name", POINTS)
def test_awkward_point(name: str) -> None:
    check(POINTS[name])


@pytest.mark.slow
@pytest.mark.spec("SUM-9", "LAT-4", "LAT-5", "LAT-6", "SF-3", "GEO-8", "BEAM-6")
@pytest.mark.parametrize("name", OTHER_POINTS)
def test_other_awkward_point(name: str) -> None:
    check(OTHER_POINTS[name])


@pytest.mark.spec("SCAT-3", "SCAT-4")
@pytest.mark.parametrize(("name", "distance"), [("peak", 0.0), ("half_way", 0.5), ("on_the_beam", 0.0)])
def test_the_points_are_what_they_are_called(name: str, distance: float) -> None:
    here = experiment(POINTS[name])
    samples = jb.trace(here, [3], [4], precision="float64")["samples"]
    along_a, *others = np.abs(np.asarray(samples["distance"]).reshape(3))
    # an index is the difference of two numbers of up to |a|/wavelength, of a few roundings each
    rounding = 4 * 2.0**-53 * np.max(here.crystal.cell[:3]) / float(here.beam.wavelength)
    assert along_a == pytest.approx(distance, abs=rounding)
    np.testing.assert_allclose(others, 0, atol=rounding)


@pytest.mark.slow
@pytest.mark.spec("POL-2", "SUM-9")
def test_axis_along_the_beam_has_the_derivatives_of_its_value() -> None:
    """Its factor is ½(1 + c²) − ½K(1 − c²), c = cos 2θ: from images without K and without polarization."""
    upright = Point("single", {"detector__beam_axis": (1, 0, 0), "beam__polarization": 0})
    without = Point("unpolarized", {"detector__beam_axis": (1, 0, 0)})
    with jax.enable_x64(True):
        found, of_half, of_one = (
            fields(gradient(experiment(point), WEIGHTS))
            for point in (Point("single", ALONG_THE_BEAM), upright, without)
        )
    fraction = 0.9
    for name in set(found) - {"beam.polarization"}:
        expected = (1 + fraction) * of_half[name] - fraction * of_one[name]
        np.testing.assert_allclose(found[name], expected, rtol=0, atol=1e-11 * np.abs(of_one[name]).max())
