"""Cell, orientation, size and mosaic domains."""

import time
from pathlib import Path

import numpy as np
import pytest

from jaxbragg.config.choices import Shape
from jaxbragg.errors import ConfigError, FormatError
from jaxbragg.sampling.c_draws import mosaic_draws, random_misset
from jaxbragg.sampling.c_random import CRandom
from tests.cli.resolve.lines import BOTH, SMALL, made, refused


@pytest.mark.spec("CLI-32")
@BOTH
def test_random_orientation_and_domains_share_one_generator(model: str) -> None:
    line = SMALL + " -mosaic 1 -mosaic_dom 3 -mosaic_seed -77 -misset_seed 5 -misset random"
    crystal = made(line, model).crystal
    random = CRandom()
    misset, _ = random_misset(random, -5)
    axes, fractions, _ = mosaic_draws(random, 77, 3, np.radians(1.0))
    np.testing.assert_array_equal(crystal.misset, misset)
    np.testing.assert_array_equal(crystal.mosaic_axes, axes)
    np.testing.assert_allclose(crystal.mosaic_fractions, fractions, rtol=1e-15)


@pytest.mark.spec("CLI-32")
def test_random_orientation_of_the_program() -> None:
    """Angles that the program printed for seed 1."""
    misset = made(SMALL + " -misset_seed 1 -misset random").crystal.misset
    np.testing.assert_allclose(misset, [4.662957, -11.844979, 17.622548], atol=5e-7)


@pytest.mark.spec("CLI-32")
def test_random_orientation_follows_the_clock_without_a_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 42.9)
    at_42 = made(SMALL + " -misset random -seed 5").crystal.misset
    np.testing.assert_array_equal(at_42, made(SMALL + " -misset_seed 42 -misset random").crystal.misset)


@pytest.mark.spec("CLI-32")
@BOTH
@pytest.mark.parametrize(
    ("typed", "domains", "spread"),
    [
        ("", 1, 0),
        ("-mosaic_dom 5", 1, 0),
        ("-mosaic 0 -mosaic_dom 5", 1, 0),
        ("-mosaic -1 -mosaic_dom 5", 1, 0),
        ("-mosaic 0.5", 10, 0.5),
        ("-mosaic 0.5 -mosaic_dom -2", 10, 0.5),
        ("-mosaic 0.5 -mosaic_dom 1", 1, 0.5),
    ],
)
def test_number_of_domains(typed: str, domains: int, spread: float, model: str) -> None:
    crystal = made(f"{SMALL} {typed}", model).crystal
    assert (len(crystal.mosaic_axes), crystal.mosaic_spread) == (domains, spread)
    assert crystal.mosaic_fractions[0] == 0


@pytest.mark.spec("CLI-33")
@BOTH
@pytest.mark.parametrize(
    ("typed", "cell"),
    [
        ("55", (55, 55, 55, 90, 90, 90)),
        ("55 60", (55, 60, 55, 90, 90, 90)),
        ("55 0 70 80", (55, 55, 70, 80, 90, 90)),
        ("55 60 70 0 85 0", (55, 60, 70, 90, 85, 90)),
    ],
)
def test_cell_of_few_numbers(typed: str, cell: tuple[float, ...], model: str) -> None:
    crystal = made(f"-default_F 10 -detpixels 8 -oversample 1 -cell {typed}", model).crystal
    assert crystal.cell.tolist() == list(cell)


@pytest.mark.spec("CLI-33", "CLI-34", "CLI-42")
@BOTH
@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("", "a unit cell is needed: give -cell with a b c in Å and angles in degrees, or -mat"),
        ("-cell 0", "-cell must be positive and finite, got 0 Å"),
        ("-cell 40 50 60 170 10 10", "cell angles must meet in a corner"),
        ("-cell 40 50 60 90 90 180", "cell angles must meet in a corner"),
        ("-cell 40 -sample_y -1", "-samplesize must be zero or positive, and finite, got -1 mm"),
        ("-cell 40 -mosaic 1e300", "-mosaic must be at most 360 degrees, got 1e+300"),
        ("-cell 40 -mosaic 1 -mosaic_dom 20000000", "the number of mosaic domains must be at most 10000000"),
    ],
)
def test_crystals_that_cannot_be(typed: str, text: str, model: str) -> None:
    line = "-default_F 10 -detpixels 8 -oversample 1 " + typed
    assert refused(line, ConfigError, model).startswith(text)


@pytest.mark.spec("CLI-34")
@BOTH
def test_matrix_with_and_without_cell(model: str, tmp_path: Path) -> None:
    (tmp_path / "A.mat").write_text("0.01 0 0\n0 0.02 0\n0 0 0.03\n")
    line = "-default_F 10 -detpixels 8 -oversample 1 -mat A.mat"
    alone = made(line, model, tmp_path).crystal
    assert alone.cell is None
    np.testing.assert_array_equal(alone.matrix, np.diag([0.01, 0.02, 0.03]))
    assert made(line + " -cell 40", model, tmp_path).crystal.cell[0] == 40
    for cell in ("", " -cell 40"):
        text = refused(line.replace("A.mat", "none") + cell, FormatError, model, tmp_path)
        assert "none: expected a readable file" in text


@pytest.mark.spec("CLI-34")
@BOTH
def test_counts_sizes_and_shape(model: str) -> None:
    crystal = made(SMALL + " -Na 0 -Nb -3 -Nc 4 -gauss_xtal -fudge 2", model).crystal
    assert crystal.n_cells.tolist() == [1, 1, 4]
    assert (crystal.shape, crystal.fudge) == (Shape.GAUSS, 2)
    crystal = made(SMALL + " -xtalsize 0.0001 -sample_y 0.0002", model).crystal
    assert crystal.sample_size.tolist() == [0.0001, 0.0002, 0.0001]
    assert crystal.shape is Shape.SQUARE
