"""Lists, dumps and interpolation."""

import datetime
import os
import re
from pathlib import Path

import numpy as np
import pytest

from jaxbragg.cli.resolve import from_nanobragg
from jaxbragg.errors import ConfigError, FormatError, JaxbraggWarning
from jaxbragg.io.fdump import write_fdump
from tests.cli.resolve.lines import BOTH, made, refused


@pytest.mark.spec("CLI-35")
@BOTH
def test_list_of_reflections(model: str, tmp_path: Path) -> None:
    (tmp_path / "a.hkl").write_text("1 0 0 5\n-1 0 1 7\n")
    line = "-cell 40 -hkl a.hkl -N 3 -oversample 1"
    factors = made(line, model, tmp_path).structure_factors
    assert (factors.index_min, factors.default_f) == ((-1, 0, 0), 0)
    assert factors.table.tolist() == [[[0, 7]], [[0, 0]], [[5, 0]]]
    factors = made(line + " -default_F 2", model, tmp_path).structure_factors
    assert factors.table.tolist() == [[[2, 7]], [[2, 2]], [[5, 2]]]
    assert factors.default_f == 2


@pytest.mark.spec("CLI-35")
@BOTH
@pytest.mark.parametrize("line", ["-cell 40", "-cell 40 -default_F 0"])
def test_no_structure_factors(line: str, model: str, tmp_path: Path) -> None:
    assert refused(line, ConfigError, model, tmp_path) == (
        "structure factors are needed: give -hkl with a list of h k l F, or -default_F with one amplitude "
        "for all reflections, got neither"
    )


@pytest.mark.spec("CLI-36")
@BOTH
@pytest.mark.parametrize(
    ("typed", "interpolates"),
    [
        ("", True),
        ("-N 3", False),
        ("-N 3 -Nb 2", True),
        ("-N 3 -Nb -7", True),
        ("-N 3 -interpolate", True),
        ("-nointerpolate", False),
        ("-xtalsize 0.001", True),
        ("-N 5 -sample_x 1e-6", False),
    ],
)
def test_interpolation_looks_at_typed_numbers_of_cells(
    typed: str, interpolates: bool, model: str, tmp_path: Path
) -> None:
    (tmp_path / "a.hkl").write_text("1 0 0 5\n")
    factors = made(f"-cell 40 -hkl a.hkl -oversample 1 {typed}", model, tmp_path).structure_factors
    assert factors.interpolate is interpolates
    assert not made(
        f"-cell 40 -default_F 3 -oversample 1 {typed}", model, tmp_path
    ).structure_factors.interpolate


def old_box(folder: Path, name: str = "Fdump.bin") -> None:
    """A box of two reflections, one of which is 0, left by an earlier run."""
    write_fdump(folder / name, np.array([[[9.0, 0.0]]]), (2, 0, 0))
    when = datetime.datetime(2020, 2, 3, 4, 5, 6).timestamp()
    os.utime(folder / name, (when, when))


@pytest.mark.spec("CLI-37")
def test_dump_that_lies_about(tmp_path: Path) -> None:
    old_box(tmp_path)
    line = "-cell 40 -default_F 3 -oversample 1 -N 3"
    text = f"structure factors are taken from {tmp_path / 'Fdump.bin'}, written 2020-02-03 04:05:06, as the C"
    with pytest.warns(JaxbraggWarning, match=re.escape(text)):
        factors = from_nanobragg(line, model="nanobragg", folder=tmp_path).structure_factors
    assert (factors.table.tolist(), factors.index_min, factors.default_f) == ([[[9, 0]]], (2, 0, 0), 3)
    assert from_nanobragg(line, model="corrected", folder=tmp_path).structure_factors.table is None
    (tmp_path / "a.hkl").write_text("1 0 0 5\n")
    listed = from_nanobragg(line + " -hkl a.hkl", model="nanobragg", folder=tmp_path).structure_factors
    assert listed.table.tolist() == [[[5]]]


@pytest.mark.spec("CLI-37")
def test_dump_that_is_named(tmp_path: Path) -> None:
    old_box(tmp_path, "old.bin")
    line = "-cell 40 -oversample 1 -N 3 -dump old.bin"
    for model in ("nanobragg", "corrected"):
        assert made(line, model, tmp_path).structure_factors.table.tolist() == [[[9, 0]]]
    missing = line.replace("old.bin", "none.bin") + " -default_F 3"
    assert "none.bin: expected a readable file" in refused(missing, FormatError, folder=tmp_path)
    with pytest.warns(JaxbraggWarning, match=r"there is no .*none.bin; -default_F is used instead"):
        assert from_nanobragg(missing, model="nanobragg", folder=tmp_path).structure_factors.table is None
