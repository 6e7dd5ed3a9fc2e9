"""What the stages of a refinement compare, and what that is good for."""

import numpy as np
import numpy.typing as npt
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


SEEDS = 4


def sharp() -> tuple[jaxbragg.Experiment, npt.NDArray[np.float64]]:
    """A crystal of larger blocks, whose spots a wrong orientation moves by their width, and its photons."""
    truth = scenes.crystal().with_fields(
        crystal__n_cells=(16.0, 14.0, 12.0), crystal__mosaic_spread=0.2, detector__pixel_size=0.25
    )
    return truth, 20.0 * (scenes.photons(truth) - scenes.LEVEL) + scenes.LEVEL


def ends(schedule: str, degrees: float, seeds: int = SEEDS) -> list[float]:
    """Reduced chi-squares of refinements that start turned by so much, each about another axis."""
    truth, expected = sharp()
    found = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed + 100)
        axis = rng.normal(size=3)
        misset = np.asarray(truth.crystal.misset) + degrees * axis / np.linalg.norm(axis)
        start = truth.with_fields(
            crystal__misset=misset, detector__distance=25.0 * (1 + 0.002 * rng.choice([-1, 1]))
        )
        result = jaxbragg.refine_image(start, rng.poisson(expected), SMALL, schedule=schedule)
        found.append(result.reduced_chi_square)
    return found


@pytest.mark.spec("REF-16")
def test_low_resolution_first_finds_what_all_pixels_at_once_do_not():
    # a fit of 64² pixels scatters by √(2.3/4096) = 0.024
    right = {name: np.count_nonzero(np.array(ends(name, 1.0)) < 1.1) for name in ("all", "shells")}
    assert right["all"] <= SEEDS / 2 < SEEDS == right["shells"]


@pytest.mark.slow
@pytest.mark.spec("REF-16")
@pytest.mark.parametrize("degrees", [0.3, 0.5, 0.7, 1.0])
def test_low_resolution_first_is_never_worse(degrees):
    right = {name: np.count_nonzero(np.array(ends(name, degrees, 24)) < 1.1) for name in ("all", "shells")}
    assert right["shells"] >= max(right["all"], 23)


@pytest.mark.spec("REF-16")
def test_nothing_of_the_first_stages_is_left_at_the_end():
    truth = scenes.crystal()
    data = scenes.counted(truth)
    found, whole = (jaxbragg.refine_image(near(truth), data, SMALL, schedule=s) for s in ("shells", "all"))
    assert found.converged and len(found.reasons) == len(PARTS) + 2
    for value in found.parameters:
        assert abs(value.after - whole[value.name].after) < 0.1 * value.sigma
        assert value.sigma == pytest.approx(whole[value.name].sigma, rel=1e-3)


@pytest.mark.spec("REF-16")
@pytest.mark.parametrize(("begins", "expected"), [("before", 2), ("start", 0), ("best", 1)])
def test_a_stage_begins_where_it_is_told(begins, expected):
    fit = make_fit()
    far = fit.start._replace(local=fit.start.local + 0.3)
    places = [near_start(fit), fit.start, far]
    assert jaxbragg.Stage(begins=begins).place(fit, places) is places[expected]


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
        ({"begins": "here"}, "'before', 'start', 'best', got 'here'"),
        ({"most_steps": 0}, "at least one step"),
        ({"method": "newton"}, "'marquardt', 'lbfgs', 'adam', got 'newton'"),
    ],
)
def test_impossible_stages_are_refused(fields, text):
    with pytest.raises(jaxbragg.ConfigError, match=text):
        jaxbragg.Stage(**fields)
