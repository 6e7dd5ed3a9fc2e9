"""Whole refinements of small images with known truth."""

import functools

import numpy as np
import pytest

import jaxbragg
from jaxbragg.refine.crystal_systems import CELL, RULES
from tests.compilations import compilations
from tests.refine import scenes
from tests.refine.test_crystal_systems import CELLS, equalities

SMALL = ("scale", "background", "misset", "distance")

PARAMETERS = ("scale", "background", "misset", "cell", "distance", "mosaic_spread")


STUDENT_T = jaxbragg.StudentT(3.0)


def near(truth: jaxbragg.Experiment, degrees: float = 0.1) -> jaxbragg.Experiment:
    """A rough experiment whose mosaic spread is right."""
    return scenes.rough(truth, degrees).with_fields(crystal__mosaic_spread=truth.crystal.mosaic_spread)


@functools.cache
def refined(seed: int = 0, **options) -> jaxbragg.Refinement:
    truth = scenes.crystal()
    return jaxbragg.refine_image(near(truth), scenes.counted(truth, seed), SMALL, **options)


def truth_of(name: str) -> float:
    truth = scenes.crystal()
    cell = dict(zip(("a", "b", "c", "alpha", "beta", "gamma"), truth.crystal.cell, strict=True))
    misset = dict(zip("xyz", truth.crystal.misset, strict=True))
    known = {
        "scale": scenes.scale_of(truth),
        "background.1": scenes.LEVEL,
        "detector.distance": float(truth.detector.distance),
        "crystal.mosaic_spread": float(truth.crystal.mosaic_spread),
    }
    known |= {f"crystal.cell.{key}": value for key, value in cell.items()}
    return (known | {f"crystal.misset.{key}": value for key, value in misset.items()})[name]


def pulls(result) -> np.ndarray:
    """Errors over their own standard deviations."""
    return np.array([(value.after - truth_of(value.name)) / value.sigma for value in result.parameters])


@pytest.mark.spec("REF-13", "REF-18")
def test_a_rough_experiment_finds_the_truth():
    truth = scenes.crystal()
    result = jaxbragg.refine_image(
        scenes.rough(truth), scenes.counted(truth), PARAMETERS, system="monoclinic"
    )
    assert result.converged
    assert len(result.parameters) == 11
    assert np.all(np.abs(pulls(result)) < 4)
    assert result.reduced_chi_square == pytest.approx(1.0, abs=5 * np.sqrt(2 / result.n_pixels))
    for stage in range(len(result.reasons)):
        objectives = [step.objective for step in result.history if step.stage == stage]
        assert objectives == sorted(objectives, reverse=True)
    assert result.history[-1].distance < 0.03


@pytest.mark.spec("REF-15", "REF-16")
def test_scatter_of_repeated_fits_is_their_own_sigma():
    truth = scenes.crystal()
    refined()
    counted = [scenes.counted(truth, seed) for seed in range(20)]
    with compilations() as count:
        results = [jaxbragg.refine_image(truth, image, SMALL) for image in counted]
    assert count == [0]  # other numbers, no new compilation
    errors = np.array([pulls(result) for result in results])
    # with their correlations, 120 numbers of a chi-square distribution: 1 ± √(2/120), and far more without
    inverses = [np.linalg.inv(result.correlations[0]) for result in results]
    assert np.einsum("fi,fij,fj->f", errors, inverses, errors).mean() / errors.shape[1] == pytest.approx(
        1.0, abs=4 * np.sqrt(2 / errors.size)
    )
    # 120 numbers of width 1, of which correlation leaves some 60, have a width of 1 ± 0.09
    assert np.std(errors) == pytest.approx(1.0, abs=0.25)
    assert np.abs(np.mean(errors, axis=0)).max() < 4 / np.sqrt(len(results))


@pytest.mark.spec("REF-16")
def test_stages_come_to_the_same_end():
    staged = refined(schedule="staged")
    assert len(staged.reasons) == 3
    ends = np.array([[v.after for v in result.parameters] for result in (refined(), staged)])
    sigmas = np.array([v.sigma for v in staged.parameters])
    assert np.all(np.abs(ends[0] - ends[1]) < 0.1 * sigmas)


@pytest.mark.spec("REF-16")
def test_a_stage_moves_only_its_parameters():
    only = refined(schedule=(jaxbragg.Stage(("scale", "background")),))
    moved = {value.name for value in only.parameters if value.before != value.after}
    assert moved == {"scale", "background.1"}


@pytest.mark.spec("REF-14")
@pytest.mark.parametrize(("method", "steps", "left"), [("lbfgs", 200, 0.05), ("adam", 250, 50.0)])
def test_gradient_methods_come_near_the_same_end(method, steps, left):
    result, best = refined(last=jaxbragg.Stage(method=method, most_steps=steps)), refined(schedule="all")
    assert len(result.history) <= steps + 1
    assert (
        -1e-3 < result.objective - best.objective < left < 0.1 * (best.history[0].objective - best.objective)
    )
    assert method in result.reasons[0].lower().replace("-", "")


@pytest.mark.spec("REF-17")
def test_starts_find_an_orientation_that_is_far_off():
    truth = scenes.crystal()
    far, data = near(truth, degrees=5.0), scenes.counted(truth)
    starts = jaxbragg.Starts(radius=6.0, tries=400, kept=3)
    alone, found = (jaxbragg.refine_image(far, data, SMALL, starts=s) for s in (None, starts))
    assert found.reduced_chi_square < 1.2 < 2.0 < alone.reduced_chi_square
    for axis, true in zip("xyz", truth.crystal.misset, strict=True):
        assert found[f"crystal.misset.{axis}"].after == pytest.approx(true, abs=0.05)


@pytest.mark.spec("REF-10", "REF-11")
@pytest.mark.parametrize("objective", [jaxbragg.Gaussian(), STUDENT_T])
def test_detector_units_with_readout_noise(objective):
    truth, rng = scenes.crystal(), np.random.default_rng(2)
    units = scenes.counted(truth) * 4.0 + 100.0 + rng.normal(0.0, 12.0, (64, 64))
    data = jaxbragg.Measurement(units, gain=4.0, offset=100.0, readout_noise=12.0)
    result = jaxbragg.refine_image(near(truth), data, SMALL, objective=objective)
    assert np.all(np.abs(pulls(result)) < 4)
    assert result.reduced_chi_square == pytest.approx(1.0, abs=0.12)


@pytest.mark.spec("REF-11")
def test_outliers_pull_a_student_t_little():
    truth, data = scenes.crystal(), scenes.counted(scenes.crystal())
    data[::7, ::5] += 200.0
    results = [
        jaxbragg.refine_image(near(truth), data, SMALL, objective=o) for o in (STUDENT_T, jaxbragg.Gaussian())
    ]
    levels = [result["background.1"].after - scenes.LEVEL for result in results]
    assert abs(levels[0]) < 0.3 < 3.0 < levels[1]


@pytest.mark.spec("REF-7", "REF-8")
def test_shoeboxes_with_planes_refine_without_the_rest_of_the_image():
    truth = scenes.crystal()
    slope = np.add.outer(np.linspace(0.0, 2.0, 64), np.linspace(0.0, 4.0, 64))
    data = np.random.default_rng(4).poisson(scenes.photons(truth) + slope)
    boxes = jaxbragg.shoeboxes(
        np.asarray(jaxbragg.simulate(truth)) * scenes.scale_of(truth), 50.0, half_width=4
    )
    groups = ["scale", jaxbragg.Background(order=1), "misset", "distance"]
    rough = scenes.rough(truth).with_fields(crystal__mosaic_spread=0.5)
    result = jaxbragg.refine_image(rough, data, groups, regions=boxes)
    assert result.converged and result.n_pixels < 0.7 * data.size
    assert result.reduced_chi_square == pytest.approx(1.0, abs=0.12)
    for name in ("scale", "crystal.misset.x", "detector.distance"):
        assert abs(result[name].after - truth_of(name)) < 4 * result[name].sigma


@pytest.mark.spec("REF-5")
def test_a_prior_holds_what_the_data_do_not_determine():
    truth = scenes.crystal()
    both = [jaxbragg.Scale(), "background", jaxbragg.Parameter("flux", prior=jaxbragg.Prior(sigma=1e10))]
    result = jaxbragg.refine_image(truth, scenes.counted(truth), both)
    assert result["beam.flux"].after == pytest.approx(1e12, rel=1e-3)
    assert result["beam.flux"].sigma == pytest.approx(1e10, rel=1e-3)


@pytest.mark.spec("REF-15")
def test_what_the_data_do_not_determine_has_no_sigma():
    truth = scenes.crystal()
    with pytest.warns(jaxbragg.JaxbraggWarning, match=r"do not determine scale, beam.flux, so"):
        result = jaxbragg.refine_image(truth, scenes.counted(truth), ["scale", "background", "flux"])
    assert np.isnan(result["beam.flux"].sigma)
    assert np.isfinite(result.reduced_chi_square)


@pytest.mark.spec("REF-1")
def test_fixed_groups_keep_their_start():
    truth = scenes.crystal()
    groups = [jaxbragg.Scale(initial=7.0, fixed=True), jaxbragg.Background(initial=2.0, fixed=True), "misset"]
    result = jaxbragg.refine_image(truth, scenes.counted(truth), groups)
    assert result.scales == [7.0]
    np.testing.assert_array_equal(result.surfaces[0], [[2.0]])
    assert [value.name for value in result.parameters] == [f"crystal.misset.{axis}" for axis in "xyz"]


@pytest.mark.parametrize(
    ("parameters", "options", "text"),
    [
        pytest.param(["misset"], {}, "without any expected photon", marks=pytest.mark.spec("REF-6")),
        pytest.param(
            ["scale", "background", "beam.exposure", "detector.pix0"],
            {},
            "`detector.pix0` has no value",
            marks=pytest.mark.spec("REF-2"),
        ),
        pytest.param(
            ["background", "crystal.fudge"],  # which acts in the pixels only
            {},
            "crystal.fudge changes nothing",
            marks=pytest.mark.spec("REF-2"),
        ),
        pytest.param(
            ["background", "rotation.osc"],
            {},
            "rotation.osc changes nothing",
            marks=pytest.mark.spec("REF-2"),
        ),
        pytest.param(["scale", "scale"], {}, "named once, got scale", marks=pytest.mark.spec("REF-1")),
        pytest.param([jaxbragg.Scale(fixed=True)], {}, "nothing to refine", marks=pytest.mark.spec("REF-1")),
        pytest.param(
            SMALL, {"schedule": "slow"}, "'shells', 'all', 'staged'", marks=pytest.mark.spec("REF-16")
        ),
        pytest.param(SMALL, {"schedule": ()}, "at least one stage", marks=pytest.mark.spec("REF-16")),
        pytest.param(
            SMALL,
            {"schedule": (jaxbragg.Stage(("cell",)),)},
            "only what is refined, scale, background, .*; got cell",
            marks=pytest.mark.spec("REF-16"),
        ),
        pytest.param(
            ["scale", "background"],
            {"starts": jaxbragg.Starts(1.0)},
            "need `misset`",
            marks=pytest.mark.spec("REF-17"),
        ),
    ],
)
def test_requests_that_make_no_sense_are_refused(parameters, options, text):
    truth = scenes.crystal()
    if parameters == ["misset"]:
        truth = truth.with_fields(structure_factors__table=np.zeros((41, 41, 41)))
    with pytest.raises(jaxbragg.ConfigError, match=text):
        jaxbragg.refine_image(
            truth, scenes.counted(scenes.crystal()), parameters, system="monoclinic", **options
        )


@pytest.mark.slow
@pytest.mark.spec("REF-4")
@pytest.mark.parametrize("system", CELLS)
def test_every_crystal_system_refines_and_keeps_its_constraint(system):
    truth = scenes.crystal(cell=CELLS[system])
    group = jaxbragg.UnitCell(system)
    cell = np.array(truth.crystal.cell) + np.array([0.05] * 3 + [0.0] * 3)
    start = truth.with_fields(crystal__cell=cell, crystal__mosaic_spread=0.6)
    result = jaxbragg.refine_image(
        start, scenes.counted(truth), ["scale", "background", "misset", "mosaic_spread", group]
    )
    assert result.converged
    found = np.asarray(result.experiment.crystal.cell)
    for i, j in equalities(system):
        assert found[i] == found[j]
    fixed = [n for n, rule in enumerate(RULES[system]) if not isinstance(rule, str)]
    assert found[fixed].tolist() == [CELLS[system][n] for n in fixed]
    for name in group.map.free:
        value = result[f"crystal.cell.{name}"]
        assert value.before != value.after
        assert abs(value.after - CELLS[system][CELL.index(name)]) < 4 * value.sigma


@pytest.mark.spec("REF-6")
def test_no_scale_fits_an_image_without_photons():
    dark = scenes.crystal().with_fields(structure_factors__table=np.zeros((41, 41, 41)))
    with pytest.raises(jaxbragg.ConfigError, match="simulated image of shot 0 is zero"):
        jaxbragg.refine_image(dark, scenes.counted(scenes.crystal()), ["scale", "background"])
