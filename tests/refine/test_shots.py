"""Several shots of one crystal, together."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg
from jaxbragg.precision import jit_for_this_processor
from jaxbragg.refine import sums
from jaxbragg.refine.shot import Pixels, Shot
from jaxbragg.shapes import Array
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
    return refined(N)


def refined(shots: int) -> jaxbragg.Refinement:
    """Refinement of so many of them, from the first on."""
    groups = [jaxbragg.Scale(), "background", "misset", DISTANCE, jaxbragg.Reflections(hkl=reflections())]
    return jaxbragg.refine_shots(starts()[:shots], images()[:shots], groups)


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
    one, four = refined(1), together()
    ratio = one["detector.distance"].sigma / four["detector.distance"].sigma
    assert ratio == pytest.approx(np.sqrt(N), rel=0.35)
    assert [m.shape for m in four.correlations] == [(6 + REFLECTIONS,) * 2] * N


PIXELS = 4096


def temporary_bytes(shots: int, at_once: int) -> int:
    """Memory, besides its arguments, of a program that sums something over so many shots."""

    def of_shot(vector: Array, shot: Shot, pixels: Pixels, given: tuple[()]) -> tuple[Array, Array]:
        residual = (pixels.photons - shot.surface[0, 0] * vector[0]) * pixels.x
        return jnp.sum(residual**2, where=pixels.used), jnp.sum(residual)

    def summed(batch: sums.Batch, local: Array, shared: Array) -> tuple[Array, Array]:
        layout = sums.Layout(None, (False, False, True), at_once)
        return sums.over_shots(of_shot, layout, batch, local, shared)

    real, whole = np.float64, np.int32
    kinds = (whole, whole, real, bool, real, whole, real, real)
    with jax.enable_x64(True):
        pixels = Pixels(*(jax.ShapeDtypeStruct((shots, 1, PIXELS), kind) for kind in kinds))
        number, own, surface, local = (
            jax.ShapeDtypeStruct(shape, real) for shape in ((), (3,), (shots, 1, 1), (shots, 3))
        )
        batch = sums.Batch(Shot(number, number, surface), pixels)
        # as users compile it; the quick compilation of these tests copies less
        program = jit_for_this_processor(summed, {"xla_cpu_use_fusion_emitters": True})
        return int(program.compiled(batch, local, own).memory_analysis().temp_size_in_bytes)


@pytest.mark.spec("REF-20")
def test_memory_follows_the_shots_side_by_side_and_not_all_shots():
    few, many, wide = temporary_bytes(4, 2), temporary_bytes(12, 2), temporary_bytes(12, 4)
    image = PIXELS * 8
    assert many < few + 0.1 * image
    assert wide > many + image


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
            lambda: jaxbragg.refine_shots(experiments()[:2], [images()[0], images()[1][1:]], ["background"]),
            r"shot 1: the image must have the detector's shape",
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
