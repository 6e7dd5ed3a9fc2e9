"""Source files."""

import numpy as np
import pytest

from jaxbragg.errors import FormatError, JaxbraggWarning
from jaxbragg.io.sources import read_sources

pytestmark = pytest.mark.spec("FILE-4")


def written(tmp_path, text):
    path = tmp_path / "sources.txt"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("lenient", [False, True])
def test_columns_and_missing_columns(tmp_path, lenient):
    table = read_sources(written(tmp_path, "-10 0 0.1 2 1.5e-10\n-10 0 0\n-10\n"), lenient=lenient)
    np.testing.assert_array_equal(table.positions, [[-10, 0, 0.1], [-10, 0, 0], [-10, np.nan, np.nan]])
    np.testing.assert_array_equal(table.weights, [2, np.nan, np.nan])
    np.testing.assert_array_equal(table.wavelengths, [1.5e-10, np.nan, np.nan])


@pytest.mark.parametrize("text", ["# x\n-10 0 0\r\n", "-10 0 0"])
def test_lenient_reading_gives_zeros_where_strict_knows_better(tmp_path, text):
    path = written(tmp_path, text)
    assert read_sources(path, lenient=True).wavelengths[-1] == 0
    strict = read_sources(path, lenient=False)
    assert len(strict.weights) == 1
    assert np.isnan(strict.wavelengths).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 0 0\n", "sources.txt:1: expected a direction X Y Z, found 0 0 0; point it from sample to source"),
        ("1 0 0 -1\n", "sources.txt:1: expected a weight of 0 or more, found -1; remove the source"),
        (
            "1 0 0 1 0\n",
            "sources.txt:1: expected a positive wavelength in metres, found 0; leave it out or write nan",
        ),
        (
            "1 0 0 many\n",
            "sources.txt:1: expected a number in column 4, weight, found 'many' in '1 0 0 many'; start",
        ),
        (
            "# nothing\n",
            "sources.txt: expected at least one source, found none; give lines of "
            "X Y Z weight wavelength, in metres",
        ),
    ],
)
def test_strict_reading_refuses_what_is_no_source(tmp_path, text, message):
    with pytest.raises(FormatError) as caught:
        read_sources(written(tmp_path, text), lenient=False)
    assert str(caught.value).startswith(f"{tmp_path}/{message}")


def test_lenient_reading_refuses_an_empty_file(tmp_path):
    with pytest.raises(FormatError, match="expected at least one source, found none"):
        read_sources(written(tmp_path, "\n\n"), lenient=True)


def test_wavelength_in_angstrom_is_noticed(tmp_path):
    path = written(tmp_path, "-10 0 0 1 1.5\n")
    with pytest.warns(
        JaxbraggWarning, match=r"sources\.txt:1: the wavelength 1\.5 is taken in metres; .* 1\.5e-10$"
    ):
        assert read_sources(path, lenient=False).wavelengths.tolist() == [1.5]
    assert read_sources(path, lenient=True).wavelengths.tolist() == [1.5]
