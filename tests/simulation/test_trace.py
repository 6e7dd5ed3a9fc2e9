"""A trace is the image's own numbers.

Tolerance of the final value: TRACE-1. Of sums of samples: they are added in another order than in the image
and evaluated outside its blocks, so a pixel near a zero of the lattice factor may lose some digits; 1e-11 in
float64 and 1e-5 in mixed precision.
"""

import functools
import inspect
import re
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
import numpy.typing as npt
import pytest
from jax.extend.core import Jaxpr, subjaxprs

import jaxbragg
from jaxbragg.config.tree import replaced
from jaxbragg.simulation import trace_keys
from tests.compilations import compilations
from tests.reference import cases

CASES = sorted(cases.load_cases())
SERIAL = ("triq_mid_dmin", "nanobragg")
"""Stale spindle angles, a resolution limit and a table that interpolation leaves after the first pixels."""

REPRESENTATIVE = (("everything", "nanobragg"), ("ov_all", "nanobragg"), SERIAL)
"""Every group of terms and every defect that depends on the order, in few compilations."""


def several_pixels(image: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The brightest, the weakest and some others, always as many."""
    order = np.argsort(np.abs(image), axis=None, kind="stable")
    chosen = [*order[-3:], order[0], order[len(order) // 2], 0, image.size - 1, image.size // 3, 40]
    slow, fast = np.divmod(np.array(chosen), image.shape[1])
    return slow, fast


@functools.cache
def traced_case(name: str, model: str, precision: str) -> tuple[npt.NDArray[Any], Any]:
    """Several pixels of a case's image, and their trace."""
    experiment = cases.experiment(cases.load_cases()[name], model)
    image = np.asarray(jaxbragg.simulate(experiment, precision=precision))
    slow, fast = several_pixels(image)
    return image[slow, fast], jaxbragg.trace(experiment, slow, fast, precision=precision)


def check_case(name: str, model: str, precision: str) -> None:
    image, trace = traced_case(name, model, precision)
    pixel = np.asarray(trace["accumulation"]["pixel"])
    assert pixel.dtype == image.dtype
    np.testing.assert_allclose(pixel, image, rtol={"float64": 1e-13, "mixed": 1e-6}[precision], atol=0)


def check_sums(name: str, model: str, precision: str) -> None:
    _, trace = traced_case(name, model, precision)
    contributions = np.asarray(trace["samples"]["contribution"], np.float64)
    total = contributions.sum(axis=(1, 2, 3, 4, 5)) + np.asarray(trace["accumulation"]["diffuse"])
    bound = {"float64": 1e-11, "mixed": 1e-5}[precision]
    np.testing.assert_allclose(total, trace["accumulation"]["photons"], rtol=bound, atol=0)


@pytest.mark.spec("TRACE-1")
@pytest.mark.parametrize(("name", "model"), REPRESENTATIVE)
def test_the_final_value_is_the_pixel_of_the_image(name: str, model: str) -> None:
    check_case(name, model, "float64")


@pytest.mark.spec("TRACE-5")
@pytest.mark.parametrize(("name", "model"), REPRESENTATIVE)
def test_contributions_add_up_to_the_photons(name: str, model: str) -> None:
    check_sums(name, model, "float64")


@pytest.mark.slow
@pytest.mark.spec("TRACE-1", "TRACE-5")
@pytest.mark.parametrize("precision", ["float64", "mixed"])
@pytest.mark.parametrize("model", cases.MODELS)
@pytest.mark.parametrize("name", CASES)
def test_all_cases(name: str, model: str, precision: str) -> None:
    check_case(name, model, precision)
    check_sums(name, model, precision)
    traced_case.cache_clear()
    jax.clear_caches()  # hundreds of compiled programs do not fit the memory


def small(**changes: Any) -> jaxbragg.Experiment:
    """Two sub-pixels an edge, three sources, two spindle steps, two domains, on 9 x 6 pixels."""
    experiment = jaxbragg.Experiment(
        crystal=jaxbragg.CrystalConfig(
            cell=(40, 50, 60, 85, 95, 105),
            n_cells=(5, 4, 3),
            misset=(3, 4, 5),
            mosaic_spread=0.3,
            mosaic_domains=2,
        ),
        beam=jaxbragg.BeamConfig(
            sources=jaxbragg.SourceList(
                positions=[(-1, 0, 0), (-1, 0.01, 0), (-1, 0, 0.02)],
                wavelengths=[1.0, 1.01, 0.99],
                weights=[1, 2, 3],
            ),
            flux=1e12,
            beamsize=0.03,
        ),
        detector=jaxbragg.DetectorConfig(pixels=(9, 6), pixel_size=1.0, distance=60, rotations=(1, -2, 3)),
        rotation=jaxbragg.RotationConfig(phi=1, osc=1, steps=2),
        structure_factors=jaxbragg.StructureFactorConfig(default_f=100),
        sampling=jaxbragg.SamplingConfig(oversample=2),
    )
    return experiment.with_fields(**changes) if changes else experiment


def pixel_of(experiment: jaxbragg.Experiment, slow: Any, fast: Any) -> jax.Array:
    return jaxbragg.trace(experiment, slow, fast, precision="float64")["accumulation"]["pixel"]


@functools.cache
def small_trace() -> Any:
    return jaxbragg.trace(small(), 2, 3, precision="float64")


@pytest.mark.spec("TRACE-1")
@pytest.mark.parametrize("precision", ["float64", "mixed"])
def test_the_final_value_is_the_pixel_of_the_image_in_the_corrected_model(precision: str) -> None:
    image = np.asarray(jaxbragg.simulate(small(), precision=precision))[2, 3]
    sums = jaxbragg.trace(small(), 2, 3, precision=precision)["accumulation"]
    bound = {"float64": 1e-13, "mixed": 1e-6}[precision]
    assert sums["pixel"].dtype == image.dtype
    np.testing.assert_allclose(sums["pixel"], image, rtol=bound, atol=0)


@pytest.mark.spec("TRACE-3")
def test_keys_are_those_that_are_described_with_a_unit() -> None:
    kinds = trace_keys.Trace.__annotations__
    assert list(small_trace()) == list(kinds)
    unit = re.compile(
        r"\b(1?/?m²?|mm|s|sr|photons|electrons²?|dimensionless|unit vector|radians|pixels|bool|likewise)\b|Å"
    )
    for group, values in small_trace().items():
        kind = getattr(trace_keys, f"{group.capitalize()}Trace")
        assert list(values) == list(kind.__annotations__)
        for key in values:
            described = re.search(rf"^  {key}: (.*(?:\n    .*)*)", inspect.getdoc(kind) or "", re.MULTILINE)
            assert described and unit.search(described[1]), f"{group}.{key}"


@pytest.mark.spec("TRACE-3")
def test_samples_have_five_axes_that_broadcast() -> None:
    crystal, samples = small_trace()["crystal"], small_trace()["samples"]
    shape = (4, 1, 3, 2, 2)
    assert samples["contribution"].shape == shape and samples["q"].shape == (4, 1, 3, 1, 1, 3)
    assert crystal["a"].shape == (1, 1, 1, 2, 2, 3)
    axes = [np.asarray(crystal[name]) for name in "abc"]
    index = np.stack([(axis * np.asarray(samples["q"])).sum(-1) for axis in axes], -1)
    np.testing.assert_allclose(index, samples["hkl"], rtol=0, atol=1e-13)
    np.testing.assert_array_equal(np.abs(samples["distance"]) <= 0.5, True)
    for group in small_trace().values():
        for value in group.values():
            np.broadcast_shapes(value.shape[:5], shape) if value.ndim >= 5 else None


@pytest.mark.spec("TRACE-3")
def test_every_factor_of_a_sample_is_there() -> None:
    """The image from the trace's own numbers: F² L² times weight, capture, polarization, solid angle."""
    trace = jax.tree.map(np.asarray, small_trace())
    geometry, samples, sums = trace["geometry"], trace["samples"], trace["accumulation"]
    own = geometry["capture"] * samples["polarization"] * geometry["solid_angle"]
    intensity = (samples["amplitude"] * samples["lattice_axes"].prod(-1)) ** 2
    total = (trace["beam"]["weight"] * own * intensity).sum()
    total *= sums["r_e_sq"] * trace["beam"]["fluence"] / sums["steps"]
    np.testing.assert_allclose(total, sums["pixel"], rtol=1e-12)


@pytest.mark.spec("TRACE-4")
def test_lattice_factors_carry_their_sign() -> None:
    samples, n_cells = small_trace()["samples"], np.array([5.0, 4.0, 3.0])
    h = np.pi * np.asarray(samples["hkl"])
    np.testing.assert_allclose(samples["lattice_axes"], np.sin(n_cells * h) / np.sin(h), rtol=1e-9)
    np.testing.assert_allclose(samples["lattice"], np.asarray(samples["lattice_axes"]).prod(-1), rtol=1e-12)


@pytest.mark.spec("TRACE-4")
def test_shapes_that_do_not_factor_have_no_factors() -> None:
    trace = jax.eval_shape(lambda: jaxbragg.trace(small(crystal__shape="gauss"), 2, 3))
    assert "lattice_axes" not in trace["samples"] and "lattice" in trace["samples"]


@pytest.mark.spec("TRACE-4")
def test_the_rule_says_where_a_structure_factor_comes_from() -> None:
    factors = cases.experiment(cases.load_cases()[SERIAL[0]], SERIAL[1]).structure_factors
    _, trace = traced_case(*SERIAL, "float64")
    samples = jax.tree.map(np.asarray, trace["samples"])
    rule, amplitude, nearest = samples["rule"], samples["amplitude"], samples["nearest"]
    assert set(np.unique(rule)) == {0, 1, 2}
    np.testing.assert_array_equal(amplitude[rule == 0], factors.default_f)
    h, k, l = (nearest[rule == 1] - np.array(factors.index_min)).T
    np.testing.assert_array_equal(amplitude[rule == 1], factors.table[h, k, l])
    assert (amplitude[rule == 2] != samples["table_amplitude"][rule == 2]).all()


@pytest.mark.spec("TRACE-4")
def test_a_stale_spindle_angle_shows() -> None:
    """Angles 0 and 5 degrees: the first visit of the run is at both, every other one twice at 5 (SUM-6)."""
    _, trace = traced_case(*SERIAL, "float64")
    phi = np.degrees(np.asarray(trace["crystal"]["phi"])).reshape(-1, 2)
    first = (np.asarray(trace["pixel"]["slow"]) == 0) & (np.asarray(trace["pixel"]["fast"]) == 0)
    assert first.any() and not first.all()
    np.testing.assert_allclose(phi[first], [[0, 5]] * int(first.sum()), atol=1e-14)
    np.testing.assert_allclose(phi[~first], 5)


@pytest.mark.spec("TRACE-6")
def test_fluence_is_read_and_what_it_was_derived_from_stands_beside_it() -> None:
    beam = small_trace()["beam"]
    assert float(beam["fluence"]) == pytest.approx(1e12 * 1.0 / 3e-5**2, rel=1e-14)
    assert [float(beam[key]) for key in ("flux", "exposure", "beamsize")] == [1e12, 1.0, 0.03]


@pytest.mark.spec("TRACE-6")
def test_a_changed_fluence_rule_moves_image_and_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    before, fluence = pixel_of(small(), 2, 3), float(small_trace()["beam"]["fluence"])
    original = jaxbragg.BeamConfig.fluence
    changed = property(lambda beam: 10.0 * original.fget(beam))  # type: ignore[attr-defined]
    monkeypatch.setattr(jaxbragg.BeamConfig, "fluence", changed)
    trace = jaxbragg.trace(small(), 2, 3, precision="float64")
    image = jaxbragg.simulate(small(), precision="float64")
    assert float(trace["beam"]["fluence"]) == pytest.approx(10 * fluence)
    assert float(trace["accumulation"]["pixel"]) == pytest.approx(10 * float(before), rel=1e-13)
    assert float(image[2, 3]) == pytest.approx(10 * float(before), rel=1e-13)


@pytest.mark.spec("TRACE-6")
def test_a_changed_clipping_moves_image_and_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    from jaxbragg.geometry import crystal_size

    experiment = small(crystal__sample_size=(4.2e-5, 4.2e-5, 4.2e-5))
    before = jaxbragg.trace(experiment, 2, 3, precision="float64")
    np.testing.assert_array_equal(before["crystal"]["cells"], [11, 9, 7])
    clipped = crystal_size.clipped_sample_size
    monkeypatch.setattr(crystal_size, "clipped_sample_size", lambda *args: 0.5 * clipped(*args))
    after = jaxbragg.trace(experiment, 2, 3, precision="float64")
    image = jaxbragg.simulate(experiment, precision="float64")
    np.testing.assert_array_equal(after["crystal"]["cells"], [6, 5, 4])
    np.testing.assert_allclose(after["crystal"]["sample_size"], 2.1e-8)
    assert float(after["accumulation"]["pixel"]) != float(before["accumulation"]["pixel"])
    assert float(image[2, 3]) == pytest.approx(float(after["accumulation"]["pixel"]), rel=1e-13)


@pytest.mark.spec("TRACE-7")
def test_several_pixels_are_traced_like_one() -> None:
    slow, fast = np.array([[2], [4]]), np.array([3, 0, 8])
    together = jaxbragg.trace(small(), slow, fast, precision="float64")
    assert together["accumulation"]["pixel"].shape == (2, 3)
    assert together["samples"]["hkl"].shape == (2, 3, 4, 1, 3, 2, 2, 3)
    assert together["crystal"]["a"].shape == (1, 1, 1, 2, 2, 3)
    one = small_trace()
    for group in ("geometry", "samples", "accumulation"):
        for key, value in one[group].items():
            array = together[group][key]
            array = array[0, 0] if array.ndim > value.ndim else array
            np.testing.assert_allclose(array, value, rtol=1e-12, atol=1e-30, err_msg=f"{group}.{key}")


@pytest.mark.spec("TRACE-7")
def test_works_under_jit_vmap_and_derivatives() -> None:
    """Gradients of a batch with traced pixel numbers, against central differences."""
    still = jaxbragg.Experiment(
        crystal=jaxbragg.CrystalConfig(cell=(40, 50, 60, 85, 95, 105), n_cells=(5, 4, 3)),
        detector=jaxbragg.DetectorConfig(pixels=(9, 6), pixel_size=1.0, distance=60),
        structure_factors=jaxbragg.StructureFactorConfig(default_f=100),
    )

    def turned(misset: Any, slow: Any, fast: Any) -> jax.Array:
        return pixel_of(replaced(still, crystal=replaced(still.crystal, misset=misset)), slow, fast)

    with jax.enable_x64(True):
        misset = np.array([[3.0, 4.0, 5.0], [3.1, 4.1, 5.1]])
        batch = jax.jit(jax.vmap(jax.value_and_grad(turned), (0, None, None)))
        values, gradients = batch(misset, 2, 3)
    for row, value, gradient in zip(misset, values, gradients, strict=True):
        assert float(value) == pytest.approx(float(turned(row, 2, 3)), rel=1e-11)
        for step, slope in zip(1e-5 * np.eye(3), gradient, strict=True):
            ahead, behind = (float(turned(row + s, 2, 3)) for s in (step, -step))
            assert float(slope) == pytest.approx((ahead - behind) / 2e-5, rel=1e-6)


@pytest.mark.spec("TRACE-7")
def test_one_compilation_serves_all_pixels_and_regions() -> None:
    pixel_of(small(), 2, 3)
    with compilations() as count:
        pixel_of(small(), 5, 8)
        pixel_of(small(sampling__roi=(0, 3, 0, 3)), 1, 1)
        pixel_of(small(sampling__mask=np.ones((6, 9))), 1, 1)
    assert count == [0]


@pytest.mark.spec("TRACE-7")
@pytest.mark.parametrize(
    ("slow", "fast", "text"),
    [
        (6, 0, "`slow` must be a pixel index from 0 to 5, got 6; the order is slow, fast"),
        (0, -1, "`fast` must be a pixel index from 0 to 8, got -1"),
        (1.0, 2, "`slow` and `fast` must be integers, got float64"),
    ],
)
def test_refuses_a_pixel_that_is_not_there(slow: Any, fast: Any, text: str) -> None:
    with pytest.raises(jaxbragg.ConfigError, match=text.replace("(", r"\(")):
        jaxbragg.trace(small(), slow, fast)
    with pytest.raises(jaxbragg.ConfigError, match="`precision` must be one of"):
        jaxbragg.trace(small(), 0, 0, precision="single")


@pytest.mark.spec("TRACE-1")
def test_a_pixel_that_the_image_lacks_is_zero_but_traced() -> None:
    mask = np.ones((6, 9))
    mask[2, 3] = 0
    for experiment in (small(sampling__mask=mask), small(sampling__roi=(4, 8, 0, 5))):
        trace = jaxbragg.trace(experiment, 2, 3, precision="float64")
        assert not trace["pixel"]["computed"]
        assert float(trace["accumulation"]["pixel"]) == 0
        photons = float(trace["accumulation"]["photons"])
        assert photons == pytest.approx(float(small_trace()["accumulation"]["pixel"]), rel=1e-13)


def largest_array(pixels: int, model: jaxbragg.Model) -> int:
    """Elements of the largest array in the trace of one pixel of a square detector."""
    experiment = small(
        detector=jaxbragg.DetectorConfig(pixels=(pixels, pixels), pixel_size=0.05, distance=60),
        rotation=jaxbragg.RotationConfig(phi=0, osc=1, steps=2),
        sampling=jaxbragg.SamplingConfig(oversample=2, dmin=2.0),
        model=model,
    )
    return max(sizes(jax.make_jaxpr(lambda: pixel_of(experiment, 3, 3))().jaxpr))


def sizes(program: Jaxpr) -> Iterator[int]:
    """Elements of every array that a program forms, inner programs included."""
    for equation in program.eqns:
        yield from (variable.aval.size for variable in equation.outvars)
    for inner in subjaxprs(program):
        yield from sizes(inner)


@pytest.mark.spec("TRACE-2")
@pytest.mark.parametrize("model", [jaxbragg.CORRECTED, jaxbragg.NANOBRAGG])
def test_no_array_grows_with_the_detector(model: jaxbragg.Model) -> None:
    assert largest_array(4096, model) == largest_array(64, model)
