"""Short command lines and what becomes of them; used by all tests of this folder."""

import warnings
from pathlib import Path

import pytest

from jaxbragg.cli.resolve import from_nanobragg
from jaxbragg.config.experiment import Experiment
from jaxbragg.errors import JaxbraggError, JaxbraggWarning

CRYSTAL = "-cell 40 50 60 85 95 105 -default_F 10 -oversample 1"
SMALL = CRYSTAL + " -detpixels_f 8 -detpixels_s 6"
BOTH = pytest.mark.parametrize("model", ["nanobragg", "corrected"])


def made(line: str, model: str = "corrected", folder: Path | None = None) -> Experiment:
    """The experiment of a line, whatever its warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", JaxbraggWarning)
        return from_nanobragg(line, model=model, folder=folder)


def notes(line: str, model: str = "corrected", folder: Path | None = None) -> list[str]:
    """The texts of the warnings of a line."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        from_nanobragg(line, model=model, folder=folder)
    assert all(warning.category is JaxbraggWarning for warning in caught)
    return [str(warning.message) for warning in caught]


def refused(
    line: str, error: type[JaxbraggError], model: str = "corrected", folder: Path | None = None
) -> str:
    """The text of the error that a line gives."""
    with pytest.raises(error) as caught:
        made(line, model, folder)
    return str(caught.value)
