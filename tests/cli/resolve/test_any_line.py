"""Any list of options is an experiment or an error that says what is wrong, never another exception."""

import itertools
import shutil
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jaxbragg.cli.flags import ALL_FLAGS, Flag
from jaxbragg.cli.resolve import from_nanobragg
from jaxbragg.config.experiment import Experiment
from jaxbragg.errors import JaxbraggError, JaxbraggWarning
from tests.cli.resolve.lines import BOTH
from tests.cli.resolve.test_headers import HEADERS
from tests.reference.cases import HERE

BASE = ("-cell 40 50 60 80 95 100", "-default_F 10", "-detpixels 8")
ALWAYS = ["-oversample", "1"]
"""Choosing the oversampling would compile the geometry for every line."""

REALS = [
    "0",
    "-0.0",
    "1",
    "-1",
    "0.5",
    "2",
    "90",
    "180",
    "1e-3",
    "5e-324",
    "1e-300",
    "1e20",
    "1e300",
    "-1e300",
]
ODD_REALS = ["nan", "inf", "-inf"]
INTEGERS = ["0", "1", "2", "3", "10", "1000", "-1", "-3", "2147483647", "-2147483648", "20000000"]
FILES = ["P1.hkl", "A.mat", "src.txt", "mask.img", "intimage.img", "Fdump.bin", "text.txt", "missing", ""]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of each kind, and one that is none."""
    place = tmp_path_factory.mktemp("files")
    for name in ("hkl_nearest/P1.hkl", "mat/A.mat", "sourcefile/src.txt", "mask/mask.img"):
        shutil.copy(HERE / "files" / name, place)
    for name in ("header/intimage.img", "hkl_dump/Fdump.bin"):
        shutil.copy(HEADERS / name, place)
    (place / "text.txt").write_text("# nothing\n1 2 three\n")
    return place


def values(flag: Flag) -> st.SearchStrategy[list[str]]:
    """Words that an option may be given."""
    reals = st.sampled_from(REALS + ODD_REALS)
    kinds = {"float": reals, "int": st.sampled_from(INTEGERS), "str": st.sampled_from(flag.choices or FILES)}
    match flag.args[:1]:
        case ("cell",):
            return st.lists(reals, min_size=1, max_size=6)
        case ("misset",):
            return st.sampled_from([["random"], ["1", "2", "3"], ["nan", "0", "0"]])
        case ("pivot",):
            return st.sampled_from([["beam"], ["sample"]])
        case ("depth",):
            return reals.map(lambda word: [word])
    return st.tuples(*(kinds[kind] for kind in flag.args)).map(list)


def option(flag: Flag) -> st.SearchStrategy[list[str]]:
    name = flag.names[0]
    return values(flag).map(lambda words: [name.text + name.ending, *words])


LINES = st.tuples(
    st.lists(st.sampled_from(BASE), min_size=2, unique=True).map(lambda lines: " ".join(lines).split()),
    st.lists(st.sampled_from(ALL_FLAGS).flatmap(option), max_size=6).map(
        lambda options: list(itertools.chain(*options))
    ),
).map(lambda parts: [*parts[0], *parts[1], *ALWAYS])


@pytest.mark.spec("CLI-42")
@BOTH
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(argv=LINES)
def test_experiment_or_explanation(argv: list[str], model: str, folder: Path) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("error")
        warnings.simplefilter("always", JaxbraggWarning)
        try:
            assert isinstance(from_nanobragg(argv, model=model, folder=folder), Experiment)
        except JaxbraggError as error:
            assert str(error)
    texts = [str(warning.message) for warning in caught]
    assert len(texts) == len(set(texts))
