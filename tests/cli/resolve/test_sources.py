"""Sources from a file."""

from pathlib import Path

import numpy as np
import pytest

from jaxbragg.cli.resolve import from_nanobragg
from jaxbragg.errors import FormatError, JaxbraggWarning
from tests.cli.resolve.lines import BOTH, SMALL, made, refused


@pytest.mark.spec("CLI-31")
@BOTH
def test_source_file_fills_missing_columns(model: str, tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text("-1 0.5\n-3 0 1 7 2e-10\n")
    spread = " -dispersion 3 -hdivrange 5" if model == "nanobragg" else ""
    line = SMALL + " -lambda 1.5 -sourcefile s.txt" + spread
    beam = made(line, model, tmp_path).beam
    assert beam.sources is not None
    assert beam.sources.positions.tolist() == [[-1, 0.5, 0], [-3, 0, 1]]
    assert beam.sources.weights.tolist() == [1, 7]
    np.testing.assert_allclose(beam.sources.wavelengths, [1.5, 2], rtol=1e-15)
    assert beam.divergence.tolist() == [0, 0] and beam.dispersion == 0


@pytest.mark.spec("CLI-31")
@pytest.mark.parametrize(
    ("frame", "position"),
    [
        ("-mosflm", [-1, 0, 0]),
        ("-xds", [-1, 0, -10]),
        ("-beam_vector 0 3 4 -odet_vector 0 0 1", [-1, -6, -8]),
    ],
)
def test_missing_position_lies_upstream(frame: str, position: list[float], tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text("-1\n")
    sources = made(f"{SMALL} -sourcefile s.txt {frame}", folder=tmp_path).beam.sources
    assert sources is not None
    assert sources.positions.tolist() == [position]


@pytest.mark.spec("CLI-31")
@BOTH
def test_wavelength_in_angstrom_is_noticed(model: str, tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text("-1 0 0 1 1.5\n-1 0 0 1 1e-10\n")
    with pytest.warns(
        JaxbraggWarning, match=r"wavelength 1.5 is taken in metres; if .* was meant, write 1.5e-10"
    ):
        from_nanobragg(SMALL + " -sourcefile s.txt", model=model, folder=tmp_path)


@pytest.mark.spec("CLI-31")
def test_weights_that_the_program_does_not_use(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text("-1 0 0 -1 1e-10\n-1 0 1 3 1e-10\n")
    with pytest.warns(JaxbraggWarning, match="weights have no effect in the nanobragg model"):
        beam = from_nanobragg(SMALL + " -sourcefile s.txt", model="nanobragg", folder=tmp_path).beam
    assert beam.sources is not None and beam.sources.weights.tolist() == [1, 1]
    assert "s.txt:1: expected a weight of 0 or more" in refused(
        SMALL + " -sourcefile s.txt", FormatError, folder=tmp_path
    )


@pytest.mark.spec("CLI-31", "CLI-42")
def test_source_file_that_the_program_reads_as_zeros(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text("# x y z\n-1 0 0 1 1e-10\n")
    text = refused(SMALL + " -sourcefile s.txt", FormatError, "nanobragg", tmp_path)
    assert text.startswith(f"{tmp_path / 's.txt'}: expected a direction and a positive wavelength")
    assert text.endswith("reads as 0, or use -model corrected")
    assert made(SMALL + " -sourcefile s.txt", folder=tmp_path).beam.sources is not None
