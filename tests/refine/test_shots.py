"""Several shots of one crystal, together."""

import functools

import numpy as np
import pytest

import jaxbragg
from tests.refine import scenes

N = 4
REFLECTIONS = 3
DISTANCE = jaxbragg.Parameter("distance", shared=True)


def experiments() -> list[jaxbragg.Experiment]:
    """Stills in orientations a little apart, so that they have reflections in common."""
    return [
        scenes.crystal().with_fields(crystal__misset=(10.0, 20.0 + 0.3 * i, 30.0 - 0.2 * i)) for i in range(N)
    ]


@functools.cache
def images() -> list[np.ndarray]:
    scale = scenes.scale_of(scenes.crystal())
    rng = np.random.default_rng(9)
    return [rng.poisson(np.asarray(jaxbragg.simulate(e)) * scale + scenes.LEVEL) for e in experiments()]


def starts() -> list[jaxbragg.Experiment]:
    """Each turned by something else, all at the same wrong distance, with wrong amplitudes."""
    rng, rough = np.random.default_rng(3), []
    for experiment in experiments():
        turn = rng.uniform(-0.1, 0.1, 3)
        rough.append(
            experiment.with_fields(
                crystal__misset=np.asarray(experiment.crystal.misset) + turn,
                detector__distance=25.05,
                structure_factors__table=wrong_table(),
            )
        )
    return rough


@functools.cache
def reflections() -> tuple[tuple[int, int, int], ...]:
    return scenes.brightest_reflections(scenes.crystal(), REFLECTIONS)


@functools.cache
def wrong_table() -> np.ndarray:
    """The amplitudes of the chosen reflections are 20 % off."""
    table = np.array(scenes.crystal().structure_factors.table)
    for h, k, l in reflections():
        table[h + 20, k + 20, l + 20] *= 1.2
    return table


@functools.cache
def together() -> jaxbragg.Refinement:
    groups = [jaxbragg.Scale(), "background", "misset", DISTANCE, jaxbragg.Reflections(hkl=reflections())]
    return jaxbragg.refine_shots(starts(), images(), groups)


@pytest.mark.spec("REF-20")
def test_shared_and_own_parameters_find_the_truth():
    result = together()
    assert result.converged
    for shot, experiment in enumerate(experiments()):
        own = {value.name: value for value in result.parameters if value.shot == shot}
        for axis, true in zip("xyz", experiment.crystal.misset, strict=True):
            value = own[f"crystal.misset.{axis}"]
            assert abs(value.after - true) < 4 * value.sigma
    distance = result["detector.distance"]
    assert distance.shot is None and abs(distance.after - 25.0) < 4 * distance.sigma
    table = np.asarray(scenes.crystal().structure_factors.table)
    for h, k, l in reflections():
        value = result[f"F({h},{k},{l})"]
        assert abs(value.after - table[h + 20, k + 20, l + 20]) < 4 * value.sigma
        assert abs(value.after - value.before) > 5 * value.sigma


@pytest.mark.spec("REF-20")
def test_shared_values_are_the_same_in_all_refined_experiments():
    distances = {float(experiment.detector.distance) for experiment in together().experiments}
    assert len(distances) == 1
    tables = [np.asarray(experiment.structure_factors.table) for experiment in together().experiments]
    assert all(np.array_equal(table, tables[0]) for table in tables)


@pytest.mark.spec("REF-15", "REF-20")
def test_many_shots_determine_shared_parameters_better():
    groups = [jaxbragg.Scale(), "background", "misset", DISTANCE]
    one, four = (jaxbragg.refine_shots(experiments()[:n], images()[:n], groups) for n in (1, N))
    ratio = one["detector.distance"].sigma / four["detector.distance"].sigma
    assert ratio == pytest.approx(np.sqrt(N), rel=0.35)
    assert [m.shape for m in four.correlations] == [(6, 6)] * N


@pytest.mark.spec("REF-20")
@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: jaxbragg.refine_shots(experiments(), images()[:2], ["scale"]), "got 4 and 2"),
        (lambda: jaxbragg.refine_shots([], [], ["scale"]), "got 0 and 0"),
        (
            lambda: jaxbragg.refine_shots(
                [experiments()[0], scenes.crystal(mosaic_domains=3)], images()[:2], ["background"]
            ),
            "may differ in numbers only",
        ),
        (
            lambda: jaxbragg.refine_shots(
                [experiments()[0], scenes.rough(experiments()[1])], images()[:2], ["background", DISTANCE]
            ),
            "`detector.distance` is shared but starts differently",
        ),
    ],
)
def test_shots_that_do_not_belong_together_are_refused(make, text):
    with pytest.raises(jaxbragg.ConfigError, match=text):
        make()
