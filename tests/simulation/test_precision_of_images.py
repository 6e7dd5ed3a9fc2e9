"""Images of every precision against float64: the saved runs, the large ones, and a thousand cells a side.

Bounds: PREC-5 for "mixed", where N times the move of a domain makes the error, hence two classes of N;
PREC-12 for "float32", whose errors are those of "mixed" as long as pairs have digits to spare.
A few runs stand for all by default; the slow tests take all of them.
"""

import functools

import jax
import numpy as np
import numpy.typing as npt
import pytest

import jaxbragg as jb
from tests.reference import cases

Image = npt.NDArray[np.float64]

SMALL = sorted(cases.load_cases())
LARGE = sorted(cases.load_large_cases())
FEW = ("curved_mosflm", "everything")

L1 = {False: 1e-6, True: 3e-5}
TOTAL = {False: 1e-6, True: 1e-5}
"""Largest relative errors of "mixed": up to 100 cells a side, and above."""


@functools.cache
def saved_run(name: str, model: str) -> jb.Experiment:
    if name in LARGE:
        case = cases.load_large_cases()[name]
        return cases.experiment(case, model).with_fields(sampling__roi=case.roi)
    return cases.experiment(cases.load_cases()[name], model)


@functools.cache
def thousand_cells(degrees: float, wavelength: float) -> jb.Experiment:
    """A triclinic crystal of a thousand cells a side and 20 domains, on 128 x 128 pixels."""
    axes = np.random.default_rng(0).normal(size=(20, 3))
    return jb.Experiment(
        crystal=jb.CrystalConfig(
            cell=(80, 88, 72, 85, 95, 105),
            n_cells=(1000, 1000, 1000),
            misset=(10, 20, 30),
            mosaic_spread=degrees,
            mosaic_axes=axes / np.linalg.norm(axes, axis=1, keepdims=True),
            mosaic_fractions=np.linspace(0, 1, 20) if degrees else np.zeros(20),
        ),
        beam=jb.BeamConfig(wavelength=wavelength, fluence=1e24),
        detector=jb.DetectorConfig(distance=100, pixel_size=0.8, pixels=(128, 128)),
        sampling=jb.SamplingConfig(oversample=1),
        structure_factors=jb.StructureFactorConfig(default_f=100.0),
    )


@functools.cache
def exact(experiment: str, *choices) -> Image:
    return image(EXPERIMENTS[experiment](*choices), "float64")


EXPERIMENTS = {"saved": saved_run, "thousand": thousand_cells}


def image(experiment: jb.Experiment, precision: str) -> Image:
    return np.asarray(jb.simulate(experiment, precision=precision)).astype(np.float64)


def check(experiment: str, *choices) -> None:
    """Compare both other precisions with float64."""
    expected = exact(experiment, *choices)
    chosen = EXPERIMENTS[experiment](*choices)
    many = bool(np.max(chosen.crystal.n_cells) > 100)
    seen = np.isfinite(expected)
    total = np.sum(expected[seen])
    for precision in ("mixed", "float32"):
        got = image(chosen, precision)
        assert (np.isfinite(got) == seen).all()
        if total == 0:
            assert not got[seen].any()
            continue
        error = got[seen] - expected[seen]
        assert np.sum(np.abs(error)) <= L1[many] * total
        assert abs(np.sum(error)) <= TOTAL[many] * total
        assert correlation(got[seen], expected[seen]) >= 0.99999


def correlation(first: Image, second: Image) -> float:
    """1 for images without contrast."""
    if np.ptp(second) <= 1e-6 * np.max(second):
        return 1.0
    return float(np.corrcoef(first, second)[0, 1])


@pytest.mark.spec("PREC-5", "PREC-12")
@pytest.mark.parametrize("name", FEW)
def test_a_saved_run(name: str) -> None:
    check("saved", name, "corrected")


@pytest.mark.spec("PREC-5", "PREC-12")
def test_a_large_crystal() -> None:
    check("saved", "protein_large_crystal", "nanobragg")


@pytest.mark.spec("PREC-5", "PREC-12")
def test_a_thousand_cells() -> None:
    check("thousand", 0.05, 0.5)


@pytest.mark.slow
@pytest.mark.spec("PREC-5", "PREC-12")
@pytest.mark.parametrize("model", cases.MODELS)
@pytest.mark.parametrize("name", SMALL + LARGE)
def test_every_saved_run(name: str, model: str) -> None:
    check("saved", name, model)
    if not (SMALL + LARGE).index(name) % 8:
        jax.clear_caches()  # the compiled programs of all cases do not fit the memory


@pytest.mark.slow
@pytest.mark.spec("PREC-5", "PREC-12")
@pytest.mark.parametrize("wavelength", [0.5, 1.0])
@pytest.mark.parametrize("degrees", [0.0, 0.05, 0.5])
def test_a_thousand_cells_of_any_spread(degrees: float, wavelength: float) -> None:
    check("thousand", degrees, wavelength)
