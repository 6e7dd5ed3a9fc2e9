"""Images of every precision against float64: the saved runs, the large ones, and a thousand cells a side.

Bounds: PREC-5 for "mixed", where N times the move of a domain that is not far makes the error, hence two
classes of N; PREC-12 for "float32", whose errors are those of "mixed" as long as pairs have digits to spare.
A few runs stand for all by default; the slow tests take all of them.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import numpy as np
import numpy.typing as npt
import pytest

import jaxbragg as jb
from jaxbragg.config.choices import Shape
from tests.reference import cases

Image = npt.NDArray[np.float64]

SMALL = sorted(cases.load_cases())
LARGE = sorted(cases.load_large_cases())
FEW = ("curved_mosflm", "mosaic_powder")

L1 = {False: 1e-6, True: 3e-5}
TOTAL = {False: 1e-6, True: 1e-5}
"""Largest relative errors of "mixed": up to 100 cells a side, and above.

For 1 Å and more: the error goes with |q|, so that half the wavelength may have twice as much."""


@functools.cache
def saved_run(name: str, model: str) -> jb.Experiment:
    if name in LARGE:
        case = cases.load_large_cases()[name]
        return cases.experiment(case, model).with_fields(sampling__roi=case.roi)
    return cases.experiment(cases.load_cases()[name], model)


@functools.cache
def thousand_cells(degrees: float, wavelength: float, shape: Shape, draw: int) -> jb.Experiment:
    """The crystal of PREC-5's table: triclinic, a thousand cells a side, 50 domains, 256 x 256 pixels."""
    axes = np.random.default_rng(draw).normal(size=(50, 3))
    return jb.Experiment(
        crystal=jb.CrystalConfig(
            cell=(80, 88, 72, 85, 95, 105),
            n_cells=(1000, 1000, 1000),
            misset=(10, 20, 30),
            shape=shape,
            mosaic_spread=degrees,
            mosaic_axes=axes / np.linalg.norm(axes, axis=1, keepdims=True),
            mosaic_fractions=np.linspace(0, 1, 50) if degrees else np.zeros(50),
        ),
        beam=jb.BeamConfig(wavelength=wavelength, fluence=1e24),
        detector=jb.DetectorConfig(distance=100, pixel_size=0.4, pixels=(256, 256)),
        sampling=jb.SamplingConfig(oversample=1),
        structure_factors=jb.StructureFactorConfig(default_f=100.0),
    )


@functools.cache
def exact(experiment: str, *choices) -> Image:
    return image(EXPERIMENTS[experiment](*choices), "float64")


EXPERIMENTS = {"saved": saved_run, "thousand": thousand_cells}


def image(experiment: jb.Experiment, precision: str) -> Image:
    return np.asarray(jb.simulate(experiment, precision=precision)).astype(np.float64)


class Errors(NamedTuple):
    """What is lost against float64.

    Attributes:
      l1: sum of the absolute errors over the total.
      total: relative error of the total.
      correlation: with the exact image.
    """

    l1: float
    total: float
    correlation: float


def check(report: Callable[[str, object], None], experiment: str, *choices) -> None:
    """Compare both other precisions with float64; what was found is told to the test report."""
    expected = exact(experiment, *choices)
    chosen = EXPERIMENTS[experiment](*choices)
    many = bool(np.max(chosen.crystal.n_cells) > 100)
    per_q = max(1.0, 1.0 / float(np.min(chosen.beam.wavelength)))
    seen = np.isfinite(expected)
    for precision in ("mixed", "float32"):
        got = image(chosen, precision)
        assert (np.isfinite(got) == seen).all()
        if not np.any(expected[seen]):
            assert not got[seen].any()
            continue
        errors = errors_of(got[seen], expected[seen])
        report(f"{precision}, N {'above' if many else 'up to'} 100", tuple(errors))
        assert errors.l1 <= L1[many] * per_q
        assert errors.total <= TOTAL[many] * per_q
        assert errors.correlation >= 0.99999


def errors_of(got: Image, expected: Image) -> Errors:
    error, total = got - expected, np.sum(expected)
    return Errors(
        float(np.sum(np.abs(error)) / total), float(abs(np.sum(error)) / total), correlation(got, expected)
    )


def correlation(first: Image, second: Image) -> float:
    """1 for images without contrast."""
    if np.ptp(second) <= 1e-6 * np.max(second):
        return 1.0
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


@pytest.mark.spec("PREC-5", "PREC-12")
@pytest.mark.parametrize("name", FEW)
def test_a_saved_run(record_property, name: str) -> None:
    check(record_property, "saved", name, "corrected")


@pytest.mark.spec("PREC-5", "PREC-12")
def test_a_large_crystal(record_property) -> None:
    check(record_property, "saved", "protein_large_crystal", "nanobragg")


@pytest.mark.spec("PREC-5", "PREC-12")
def test_a_thousand_cells(record_property) -> None:
    check(record_property, "thousand", 0.5, 0.5, Shape.SQUARE, 0)


@pytest.mark.spec("PREC-6")
@pytest.mark.parametrize("words", ["-oversample 32", "-oversample 1 -mosaic_dom 10000"])
def test_many_terms_lose_no_more_than_few(record_property, words: str) -> None:
    """A float32 total loses 4e-7, of 10 000 domains 3e-6; what is left are the errors of single terms."""
    line = f"-N 5 -lambda 1 -cell 70 80 90 85 95 105 -misset 1 2 3 -default_F 100 -mosaic 0.5 {words}"
    experiment = jb.from_nanobragg([*line.split(), "-detpixels", "32", "-pixel", "3"])
    errors = errors_of(image(experiment, "mixed"), image(experiment, "float64"))
    record_property("mixed", tuple(errors))
    assert errors.l1 <= 3e-7


@pytest.mark.slow
@pytest.mark.spec("PREC-5", "PREC-12")
@pytest.mark.parametrize("model", cases.MODELS)
@pytest.mark.parametrize("name", SMALL + LARGE)
def test_every_saved_run(record_property, name: str, model: str) -> None:
    check(record_property, "saved", name, model)
    if not (SMALL + LARGE).index(name) % 8:
        jax.clear_caches()  # the compiled programs of all cases do not fit the memory


@pytest.mark.slow
@pytest.mark.spec("PREC-5", "PREC-12")
@pytest.mark.parametrize("draw", range(3))
@pytest.mark.parametrize("shape", [Shape.SQUARE, Shape.ROUND])
@pytest.mark.parametrize("wavelength", [0.5, 1.0])
@pytest.mark.parametrize("degrees", [0.0, 0.05, 0.5])
def test_a_thousand_cells_of_any_spread(
    record_property, degrees: float, wavelength: float, shape: Shape, draw: int
) -> None:
    check(record_property, "thousand", degrees, wavelength, shape, draw)
