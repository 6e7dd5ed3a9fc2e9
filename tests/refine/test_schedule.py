"""What the stages of a refinement compare, and what that is good for."""

import numpy as np
import pytest

import jaxbragg
from jaxbragg.refine.schedule import PARTS, shells
from tests.refine import scenes
from tests.refine.test_run import SMALL, near
from tests.refine.test_sums import make_fit, near_start, used_pixels


@pytest.mark.spec("REF-16")
def test_a_part_of_the_pixels_is_the_one_nearest_to_the_beam():
    fit = make_fit()
    low = fit.at_low_resolution(0.3)
    middle = 16.5  # where the beam meets this detector, at a right angle (CONV-5)
    for few, every in zip(used_pixels(low), used_pixels(fit), strict=True):
        radius, all_radii = (np.hypot(p.slow - middle, p.fast - middle) for p in (few, every))
        assert len(radius) == pytest.approx(0.3 * len(all_radii), abs=8)  # pixels of one radius go together
        assert np.count_nonzero(all_radii <= radius.max()) == len(radius)
    assert low.n_pixels == sum(len(pixels.slow) for pixels in used_pixels(low))


@pytest.mark.spec("REF-16")
def test_a_restraint_adds_a_parabola_in_typical_changes():
    fit, changes = make_fit(), 2.0
    at, began = near_start(fit), fit.start
    alone, held = fit.around(at), fit.restrained(began, changes).around(at)
    sigma = changes * np.concatenate(
        [np.tile(fit.problem.typical[: fit.problem.n_local], 2), fit.problem.typical[fit.problem.n_local :]]
    )
    away = (at.flat() - began.flat()) / sigma
    assert held.value.objective - alone.value.objective == pytest.approx(0.5 * away @ away, rel=1e-6)
    np.testing.assert_allclose(held.slope.flat() - alone.slope.flat(), away / sigma, rtol=1e-6, atol=1e-6)
    extra = held.curvature.diagonal().flat() - alone.curvature.diagonal().flat()
    np.testing.assert_allclose(
        extra, sigma**-2, rtol=1e-6, atol=1e-6 * alone.curvature.diagonal().flat().max()
    )
    assert fit.restrained(at, changes).value(at).objective == fit.value(at).objective


@pytest.mark.spec("REF-16")
def test_low_resolution_first_brings_spots_to_overlap():
    truth = scenes.crystal()
    far, data = near(truth, degrees=FAR), scenes.counted(truth)
    alone, found = (jaxbragg.refine_image(far, data, SMALL, schedule=s) for s in ("all", "shells"))
    assert found.converged and found.reduced_chi_square < 1.1 < 2.0 < alone.reduced_chi_square
    assert len(found.reasons) == len(PARTS) + 1
    whole = jaxbragg.refine_image(truth, data, SMALL, schedule="all")
    for value in found.parameters:
        # neither the part nor the restraint is left at the end
        assert abs(value.after - whole[value.name].after) < 0.1 * value.sigma
        assert value.sigma == pytest.approx(whole[value.name].sigma, rel=1e-3)


FAR = 2.0
"""Degrees that displace the outer spots by more than their width."""


@pytest.mark.spec("REF-16")
def test_gradient_methods_take_all_pixels_at_once():
    last = jaxbragg.Stage(method="lbfgs")
    assert shells(last) == [last]


@pytest.mark.spec("REF-15", "REF-16")
def test_uncertainties_are_those_of_all_pixels():
    truth = scenes.crystal()
    stage = jaxbragg.Stage(part=0.5, restraint=1.0)
    results = [
        jaxbragg.refine_image(truth, scenes.counted(truth), SMALL, schedule=s) for s in ("all", [stage])
    ]
    sigmas = [[value.sigma for value in result.parameters] for result in results]
    np.testing.assert_allclose(*sigmas, rtol=0.02)
    assert results[0].n_pixels == results[1].n_pixels


@pytest.mark.spec("REF-16")
@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"part": 0.0}, "above 0 and at most 1, got 0"),
        ({"part": 1.5}, "got 1.5"),
        ({"restraint": 0.0}, "must be positive, got 0; None"),
        ({"most_steps": 0}, "at least one step"),
        ({"method": "newton"}, "'marquardt', 'lbfgs', 'adam', got 'newton'"),
    ],
)
def test_impossible_stages_are_refused(fields, text):
    with pytest.raises(jaxbragg.ConfigError, match=text):
        jaxbragg.Stage(**fields)
