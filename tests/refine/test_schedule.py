"""What the stages of a refinement compare, and what that is good for."""

import numpy as np
import numpy.typing as npt
import pytest

import jaxbragg
from jaxbragg.refine.arrow import Vector
from jaxbragg.refine.measurement import Measurement
from jaxbragg.refine.pixels import chosen_pixels
from jaxbragg.refine.restraint import Restraint
from jaxbragg.refine.schedule import PARTS, shells
from jaxbragg.refine.shells import at_low_resolution, by_resolution
from jaxbragg.refine.shot import Pixels, Shot
from tests.refine import scenes
from tests.refine.test_marquardt import Stepped
from tests.refine.test_run import SMALL, near


def listed(experiment: jaxbragg.Experiment) -> tuple[Shot, Pixels]:
    """A shot and all its pixels, as they are compared."""
    shot = Shot(experiment, 1.0, np.zeros((1, 1)))
    return shot, chosen_pixels(experiment, Measurement(scenes.counted(experiment)))


def radii(pixels: Pixels) -> npt.NDArray[np.float64]:
    """Distances from where the beam meets the detector, at a right angle (CONV-5), in pixels."""
    return np.hypot(pixels.slow - 16.5, pixels.fast - 16.5)


@pytest.mark.spec("REF-16")
def test_a_part_of_the_pixels_is_the_one_nearest_to_the_beam():
    shot, pixels = listed(scenes.crystal(32))
    tiles = Pixels(*(x.reshape(1, 2, -1) for x in pixels))
    used = at_low_resolution([shot], tiles, 0.3).used.ravel()
    radius = radii(pixels)
    assert np.count_nonzero(used) == pytest.approx(0.3 * 32**2, abs=8)  # pixels of one radius go together
    assert radius[used].max() < radius[~used].min()


@pytest.mark.spec("REF-16")
def test_pixels_are_kept_from_low_to_high_resolution():
    shot, pixels = listed(scenes.crystal(32))
    ordered = by_resolution(shot, pixels)
    assert np.all(np.diff(radii(ordered)) > -1e-9)
    image = np.zeros((32, 32))
    image[ordered.slow, ordered.fast] = ordered.photons
    np.testing.assert_array_equal(image, scenes.counted(scenes.crystal(32)))


@pytest.mark.spec("REF-16")
def test_a_restraint_is_a_parabola():
    rng = np.random.default_rng(1)
    center, at = (Vector(rng.normal(size=(2, 3)), rng.normal(size=2)) for _ in range(2))
    sigma = Vector(np.array([0.1, 1.0, 2.0]), np.array([3.0, 0.5]))
    found = Restraint(center, sigma).terms(at)
    away = ((at.local - center.local) / sigma.local).ravel()
    common = (at.shared - center.shared) / sigma.shared
    assert found.loss == pytest.approx(0.5 * (away @ away + common @ common))
    np.testing.assert_allclose(found.slope.local, away.reshape(2, 3) / sigma.local)
    np.testing.assert_allclose(found.slope.shared, common / sigma.shared)
    np.testing.assert_allclose(found.local, [np.diag(sigma.local**-2)] * 2)
    np.testing.assert_allclose(found.shared, np.diag(sigma.shared**-2))


@pytest.mark.spec("REF-16")
def test_a_strong_restraint_holds_everything():
    truth = scenes.crystal()
    stage = jaxbragg.Stage(restraint=1e-6)
    result = jaxbragg.refine_image(near(truth), scenes.counted(truth), SMALL, schedule=[stage])
    for value in result.parameters:
        assert abs(value.after - value.before) < 0.1 * value.sigma


SEEDS = 3


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
        last = jaxbragg.Stage(most_steps=20)
        result = jaxbragg.refine_image(start, rng.poisson(expected), SMALL, schedule=schedule, last=last)
        found.append(result.reduced_chi_square)
    return found


@pytest.mark.spec("REF-16")
def test_low_resolution_first_finds_what_all_pixels_at_once_do_not():
    # a fit of 64² pixels scatters by √(2.3/4096) = 0.024
    right = {name: np.count_nonzero(np.array(ends(name, 1.0)) < 1.1) for name in ("all", "shells")}
    assert right["all"] < SEEDS / 2 < SEEDS == right["shells"]


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
    parabola = Stepped(edge=-9.0, height=0.0)
    places = [Vector(np.array([[x]]), np.zeros(0)) for x in (2.0, 1.0, 3.0)]
    assert jaxbragg.Stage(begins=begins).place(parabola, places) is places[expected]


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
