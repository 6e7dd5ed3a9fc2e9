"""The two models, and that the specification lists each of their switches."""

import dataclasses
import re
from pathlib import Path

import pytest

import jaxbragg as jb

ROOT = Path(__file__).parents[2]
MODELS = (ROOT / "specs" / "models.md").read_text()
SWITCHES = {field.name for field in dataclasses.fields(jb.Model)}


@pytest.mark.spec("MOD-1")
def test_corrected_is_all_off_and_nanobragg_all_on():
    assert not any(getattr(jb.CORRECTED, name) for name in SWITCHES)
    assert all(getattr(jb.NANOBRAGG, name) for name in SWITCHES)
    assert jb.Experiment(crystal=jb.CrystalConfig(cell=(9, 9, 9, 90, 90, 90))).model == jb.CORRECTED


@pytest.mark.spec("MOD-3")
def test_any_mixture_is_a_model():
    mixed = dataclasses.replace(jb.NANOBRAGG, stale_phi_zero=False)
    assert (mixed.name, jb.NANOBRAGG.name, jb.CORRECTED.name) == ("custom", "nanobragg", "corrected")
    assert len({mixed, jb.NANOBRAGG, jb.CORRECTED, jb.Model()}) == 3


@pytest.mark.spec("MOD-2")
def test_the_specification_lists_every_switch_with_its_number():
    rows = dict(re.findall(r"^\| (Q\d+) \| `(\w+)` \|", MODELS, re.MULTILINE))
    source = (ROOT / "jaxbragg" / "config" / "model.py").read_text()
    fields = {
        number: name for name, number in re.findall(r"^    (\w+): bool = False  # (Q\d+)", source, re.M)
    }
    assert rows == fields
    assert set(rows.values()) == SWITCHES


@pytest.mark.spec("MOD-4")
def test_every_known_defect_is_listed_once():
    numbers = re.findall(r"^\| Q(\d+) \|", MODELS, re.MULTILINE)
    assert sorted(int(n) for n in numbers) == list(range(1, 34))


@pytest.mark.spec("MOD-2")
def test_every_switch_is_read_in_the_module_that_model_names():
    source = (ROOT / "jaxbragg" / "config" / "model.py").read_text()
    for name, module in re.findall(r"^    (\w+): bool = False  # Q\d+ +(\S+\.py)", source, re.M):
        assert f".{name}" in (ROOT / "jaxbragg" / module).read_text(), (name, module)
