"""What options take from the words after them, what is refused, and what is only warned about."""

import math

import pytest

from jaxbragg import precision
from jaxbragg.cli.flags import ALL_FLAGS, PRECISIONS, Flag
from jaxbragg.cli.options import Options
from jaxbragg.cli.scan import scan
from jaxbragg.errors import UsageError

BOTH = pytest.mark.parametrize("strict", [False, True], ids=["program", "exact"])


def program(line: str) -> Options:
    return scan(line.split(), strict=False)


def exact(line: str) -> Options:
    return scan(line.split(), strict=True)


def read(line: str, strict: bool) -> Options:
    return scan(line.split(), strict=strict)


def refused(line: str, strict: bool) -> str:
    with pytest.raises(UsageError) as caught:
        read(line, strict)
    return str(caught.value)


def sample_words(flag: Flag) -> list[str]:
    samples = {"misset": ["1", "2", "3"], "cell": ["70"], "pivot": ["sample"], "depth": ["300"]}
    plain = {"float": "1.5", "int": "4", "str": flag.choices[0] if flag.choices else "name"}
    if flag.args and flag.args[0] in samples:
        return samples[flag.args[0]]
    return [plain[kind] for kind in flag.args]


@pytest.mark.spec("CLI-9")
@pytest.mark.parametrize(
    "line",
    [
        "-seed abc",
        "-lambda x",
        "-N -N",
        "-misset 1 two 3",
        "-cell 70 b",
        "-detector_abs x",
        "-lambda nano",
        "-distance information",
        "-pivot detector",
        "-model best",
    ],
)
@BOTH
def test_values_of_the_wrong_kind_are_refused(line: str, strict: bool) -> None:
    message = refused(line, strict)
    assert message.startswith(line.split()[0] + " expects") and ", found " in message


@pytest.mark.spec("CLI-9")
@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("-N 1e1", "na", 1),
        ("-detpixels 1e1", "detpixels_f", 1),
        ("-seed 1e3", "seed", 1),
        ("-Na 5.9", "na", 5),
        ("-lambda 1.0A", "wavelength", 1),
        ("-seed 4294967296", "seed", 0),
        ("-distance 70,80", "distance", 70),
    ],
)
def test_the_program_drops_the_rest_of_a_number(line: str, field: str, value: object) -> None:
    options = program(line)
    assert getattr(options, field) == value
    assert options.warnings[0].startswith(line + ": read as ")
    assert "expects" in refused(line, strict=True)


@pytest.mark.spec("CLI-9")
@BOTH
def test_whole_numbers_may_have_a_point(strict: bool) -> None:
    options = read("-N 5.0 -oversample 2. -lambda 0x1p-1 -fluence inf", strict)
    assert (options.na, options.oversample, options.wavelength, options.fluence) == (5, 2, 0.5, math.inf)
    assert options.warnings == ()


@pytest.mark.spec("CLI-10")
@pytest.mark.parametrize(
    "flag", [f for f in ALL_FLAGS if f.args and not f.ignored], ids=lambda flag: flag.name
)
@BOTH
def test_missing_values_are_refused(flag: Flag, strict: bool) -> None:
    words = [flag.name, *sample_words(flag)[:-1]]
    with pytest.raises(UsageError, match=f"{flag.name} expects .*, found the end of the line"):
        scan(words, strict=strict)


@pytest.mark.spec("CLI-10")
@BOTH
def test_an_option_is_not_the_value_of_another(strict: bool) -> None:
    assert "found the option -cell" in refused("-hkl -cell 70 80", strict)
    assert "found the option --cell" in refused("-distance --cell 70 80", strict)


@pytest.mark.spec("CLI-10")
@BOTH
def test_the_error_names_the_spelling_typed_and_the_unit(strict: bool) -> None:
    assert refused("-thicksteps", strict).startswith("-thicksteps expects a whole number, found the end of")
    assert refused("-wavelength", strict).startswith("-wavelength expects a number (Å), found")


@pytest.mark.spec("CLI-11")
@BOTH
def test_cell_takes_up_to_six_numbers_and_keeps_them_as_typed(strict: bool) -> None:
    assert read("-cell 70", strict).cell == (70,)
    assert read("-cell 70 80 0 -N 4", strict).cell == (70, 80, 0)
    assert read("-cell 1 2 3 4 5 6", strict).cell == (1, 2, 3, 4, 5, 6)
    assert "-cell expects" in refused("-cell -70", strict) and "-cell expects" in refused(
        "-cell -N 3", strict
    )


@pytest.mark.spec("CLI-11")
def test_a_seventh_number_is_not_part_of_the_cell() -> None:
    assert program("-cell 1 2 3 4 5 6 7").cell == (1, 2, 3, 4, 5, 6)


@pytest.mark.spec("CLI-12")
@BOTH
def test_misset_takes_angles_or_a_word_with_rand(strict: bool) -> None:
    assert read("-misset 1 2 3", strict).misset == (1, 2, 3)
    assert read("-misset random", strict).misset == read("-misset operand", strict).misset == "random"
    assert read("-misset random -misset 1 2 3", strict).misset == (1, 2, 3)
    assert read("-misset 1 2 3 -misset rand", strict).misset == "random"


@pytest.mark.spec("CLI-13")
@pytest.mark.parametrize("none", ["inf", "0", "infinite", "0.0"])
@BOTH
def test_no_absorption_takes_the_sensor_away_until_it_is_named_again(none: str, strict: bool) -> None:
    after = read(f"-detector_abs {none} -detector_thick 300", strict)
    assert (after.sensor_thickness, after.attenuation_depth, after.attenuation_infinite) == (300, None, True)
    before = read(f"-detector_thick 300 -detector_abs {none}", strict)
    assert (before.sensor_thickness, before.attenuation_infinite) == (0, True)


@pytest.mark.spec("CLI-13")
@BOTH
def test_a_depth_leaves_the_thickness_and_replaces_infinity(strict: bool) -> None:
    options = read("-detector_thick 300 -detector_abs 234", strict)
    assert (options.sensor_thickness, options.attenuation_depth) == (300, 234)
    options = read("-detector_absorption inf -detector_abs 234", strict)
    assert (options.attenuation_depth, options.attenuation_infinite) == (234, False)


@pytest.mark.spec("CLI-19")
@BOTH
def test_energy_becomes_wavelength(strict: bool) -> None:
    assert read("-energy 12398.42", strict).wavelength == pytest.approx(1, rel=1e-15)
    assert read("-energy 0", strict).wavelength == math.inf


@pytest.mark.spec("CLI-46")
def test_every_precision_can_be_chosen() -> None:
    assert set(PRECISIONS) == set(precision.PRECISIONS)
    for name in PRECISIONS:
        assert scan(["-precision", name], strict=True).precision == name
