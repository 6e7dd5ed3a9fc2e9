"""Spindle, region of interest, oversampling, resolution and water."""

import pytest

from tests.cli.resolve.lines import BOTH, SMALL, made


@pytest.mark.spec("CLI-38")
@BOTH
@pytest.mark.parametrize(
    ("typed", "steps", "osc", "step"),
    [
        ("", 1, 0, 0),
        ("-phistep 0.5", 2, 0.5, 0.5),
        ("-osc 1", 2, 1, 0.5),
        ("-osc 1 -phistep 0.3", 4, 1, 0.3),
        ("-phisteps 4", 4, 1, None),
        ("-phisteps 4 -phistep 0.5", 2, 0.5, 0.5),
        ("-phisteps 0 -osc 2", 1, 2, None),
        ("-phisteps -3 -osc 1", 2, 1, 0.5),
        ("-osc 0", 2, 0, 0),
    ],
)
def test_spindle(typed: str, steps: int, osc: float, step: float | None, model: str) -> None:
    rotation = made(f"{SMALL} -phi 7 {typed}", model).rotation
    assert (rotation.phi, rotation.steps, rotation.osc) == (7, steps, osc)
    assert rotation.phi_step == step


@pytest.mark.spec("CLI-39")
@BOTH
@pytest.mark.parametrize(
    ("typed", "roi"),
    [
        ("1 4 2 3", (1, 4, 2, 3)),
        ("-1 -1 -1 -1", (0, 7, 0, 5)),
        ("3 -1 -5 2", (3, 7, 0, 2)),
        ("0 100 5 5", (0, 7, 5, 5)),
        ("4 2 0 5", (4, 3, 0, 5)),
        ("0 7 4 -1", (0, 7, 4, 5)),
        ("100 200 0 5", (8, 7, 0, 5)),
        ("0 7 2147483647 0", (0, 7, 6, 5)),
    ],
)
def test_region(typed: str, roi: tuple[int, ...], model: str) -> None:
    assert made(f"{SMALL} -roi {typed}", model).sampling.roi == roi


@pytest.mark.spec("CLI-39")
@BOTH
def test_oversampling_and_its_flags(model: str) -> None:
    line = SMALL.replace("-oversample 1", "-N 2 -pixel 1")
    chosen = made(line, model).sampling.oversample
    assert chosen is not None and chosen >= 1
    assert made(line + " -oversample 0", model).sampling.oversample == chosen
    assert made(line + " -oversample -3", model).sampling.oversample == chosen
    sampling = made(line + " -oversample 4 -oversample_polar", model).sampling
    assert (sampling.oversample, sampling.oversample_polar, sampling.oversample_omega) == (4, True, False)


@pytest.mark.spec("CLI-40")
@BOTH
def test_resolution_and_water(model: str) -> None:
    for off in ("", " -dmin 0 -water 0", " -dmin -1"):
        found = made(SMALL + off, model)
        assert found.sampling.dmin is None and found.background.water is None
    found = made(SMALL + " -dmin 3 -water 50", model)
    assert (found.sampling.dmin, found.background.water) == (3, 50)
