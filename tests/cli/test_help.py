"""The help text shows every option of the tables."""

import re

import pytest

from jaxbragg.cli.flags import ALL_FLAGS, GROUPS, Flag
from jaxbragg.cli.help import WIDTH, short_usage, usage

TEXT = usage("jaxbragg")


@pytest.mark.spec("CLI-22")
@pytest.mark.parametrize("flag", ALL_FLAGS, ids=lambda flag: flag.name)
def test_every_option_is_listed_with_its_unit_and_default(flag: Flag) -> None:
    spellings = re.escape(", ".join(map(str, flag.names)))
    entry = re.search(rf"^  {spellings}( <|  |\n)(.*\n(?:(?!  -)  .*\n)*)", TEXT, re.MULTILINE)
    assert entry is not None
    shown = " ".join(entry.group().split())
    assert flag.help in shown
    assert not flag.default or f"default: {flag.default}" in shown
    assert flag.unit in shown
    assert flag.args == () or "<" in shown


@pytest.mark.spec("CLI-22")
def test_lines_fit_a_terminal() -> None:
    assert WIDTH == 110
    assert max(map(len, TEXT.splitlines())) <= 110
    assert TEXT.endswith("\n") and not TEXT.endswith("\n\n")
    assert not any(line != line.rstrip() for line in TEXT.splitlines())


@pytest.mark.spec("CLI-22")
def test_groups_stand_in_the_order_of_the_tables() -> None:
    places = [TEXT.index(f"\n{group.title}:\n") for group in GROUPS]
    assert places == sorted(places)


@pytest.mark.spec("CLI-22")
def test_a_default_carries_the_unit() -> None:
    assert "[default: 100 mm]" in TEXT
    assert "-misset <x y z | random>" in TEXT


@pytest.mark.spec("CLI-22")
def test_short_usage_is_one_line_and_names_the_program() -> None:
    line = short_usage("nanoBragg")
    assert line.startswith("usage: nanoBragg ") and "\n" not in line and len(line) <= 110
    assert usage("nanoBragg").startswith(line)
