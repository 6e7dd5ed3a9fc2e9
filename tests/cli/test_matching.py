"""Which words are options: the program finds them inside a word, the exact reading wants their names."""

import pytest

from jaxbragg.cli.flags import ALL_FLAGS, Flag
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


@pytest.mark.spec("CLI-5")
def test_no_spelling_belongs_to_two_options() -> None:
    spellings = [name.text for flag in ALL_FLAGS for name in flag.names]
    assert len(spellings) == len(set(spellings))


def sample_words(flag: Flag) -> list[str]:
    samples = {"misset": ["1", "2", "3"], "cell": ["70"], "pivot": ["sample"], "depth": ["300"]}
    plain = {"float": "1.5", "int": "4", "str": flag.choices[0] if flag.choices else "name"}
    if flag.args and flag.args[0] in samples:
        return samples[flag.args[0]]
    return [plain[kind] for kind in flag.args]


@pytest.mark.spec("CLI-2", "CLI-5")
@pytest.mark.parametrize("flag", [f for f in ALL_FLAGS if not f.ignored], ids=lambda flag: flag.name)
def test_every_listed_spelling_means_its_option_in_both_readings(flag: Flag) -> None:
    for name in flag.names:
        for spelling in {name.text, name.text + name.ending}:
            words = [spelling, *sample_words(flag)]
            one, other = (scan([*words, "-N", "1"], strict=strict) for strict in (False, True))
            assert one.given == other.given == (flag.name, "-N")
            by_accident = {"-twotheta_axis", "-misset_seed"}
            assert flag.name in by_accident or one == other


@pytest.mark.spec("CLI-1")
@BOTH
def test_nothing_typed_sets_nothing(strict: bool) -> None:
    assert read("", strict) == Options()


@pytest.mark.spec("CLI-1")
@BOTH
def test_negative_numbers_are_values(strict: bool) -> None:
    options = read("-distance -80 -misset -1 -2.5 -.5 -roi -1 -1 -1 -1 -N -3", strict)
    assert (options.distance, options.misset, options.roi) == (-80, (-1, -2.5, -0.5), (-1, -1, -1, -1))
    assert options.na == -3 and options.warnings == ()


@pytest.mark.spec("CLI-1")
def test_the_program_looks_at_values_again_and_the_exact_reading_does_not() -> None:
    assert program("-hkl -mat.hkl x.mat").matrix_file == "x.mat"
    with pytest.raises(UsageError, match="belongs to none"):
        exact("-hkl -mat.hkl x.mat")
    assert exact("-hkl -mat.hkl").matrix_file is None


@pytest.mark.spec("CLI-2")
@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("-matrix A", "matrix_file", "A"),
        ("-wavelength 2", "wavelength", 2),
        ("-adcoffset 5", "adc_offset", 5),
        ("-adc_offset 5", "adc_offset", 5),
        ("-hklfile a", "hkl_file", "a"),
        ("-oscillation 1", "osc", 1),
        ("--distance 50", "distance", 50),
        ("-mosaic_domains 3", "mosaic_domains", 3),
        ("--misset 1 2 3", "misset", (1, 2, 3)),
        ("-sample_thickness 2", "sample_x", 2),
        ("-height 2", "sample_z", 2),
        ("-lambda0 3", "wavelength", 3),
        ("-curved_detector -N 1", "curved", True),
        ("-pixel_size .2", "pixel", 0.2),
    ],
)
@BOTH
def test_documented_endings_and_double_dashes_work(
    line: str, field: str, value: object, strict: bool
) -> None:
    assert getattr(read(line, strict), field) == value


@pytest.mark.spec("CLI-2")
def test_the_program_takes_any_ending() -> None:
    assert program("-waterdrop 5").water == 5
    assert program("-Nab 9").na == 9 and program("-Nab 9").nb is None
    assert program("-distances 5").distance == 5


@pytest.mark.spec("CLI-3")
@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("--detpixels 8", "-detpixels"),
        ("--N 7", "-N"),
        ("-polarization 0.9", "-polar"),
        ("-phi0 3", "-phi"),
        ("-mosaic_sp 1", "-mosaic_spr"),
        ("-detector_thickness 300", "-detector_thick"),
    ],
)
def test_what_the_program_overlooks_for_its_length_is_refused(line: str, right: str) -> None:
    assert f"did you mean {right}" in refused(line, strict=False)


@pytest.mark.spec("CLI-3")
def test_whole_words_do_not_catch_their_longer_relatives() -> None:
    options = program("-phisteps 3 -phistep 2 -phi 1 -hdivsteps 4 -hdivstep .5 -detpixels_f 9 -detsize_s 7")
    assert (options.phi, options.phistep, options.phisteps) == (1, 2, 3)
    assert (options.hdivstep, options.hdivsteps) == (0.5, 4)
    assert (options.detpixels_f, options.detpixels_s, options.detsize_f, options.detsize_s) == (
        9,
        None,
        None,
        7,
    )


@pytest.mark.spec("CLI-4")
def test_misset_seed_also_sets_misset_in_the_program_only() -> None:
    options = program("-misset_seed 10 20 30")
    assert options.misset == (10, 20, 30) and options.misset_seed == 10
    assert "also acts as -misset 10 20 30" in options.warnings[0]
    assert "belongs to none" in refused("-misset_seed 10 20 30", strict=True)


@pytest.mark.spec("CLI-4")
def test_misset_seed_cancels_an_earlier_random_misset_and_words_count_as_zero() -> None:
    line = "-misset random -misset_seed 1 -cell 70 80"
    assert program(line).misset == (1, 0, 70)
    assert exact(line).misset == "random"


@pytest.mark.spec("CLI-4")
def test_misset_after_its_seed_is_safe_and_silent() -> None:
    for line in ("-misset_seed 1 -misset random", "-misset_seed 1 -misset 5 6 7"):
        assert program(line) == exact(line)
        assert program(line).warnings == ()


@pytest.mark.spec("CLI-4")
@BOTH
def test_misset_seed_with_fewer_than_three_words_left_is_only_a_seed(strict: bool) -> None:
    options = read("-misset random -misset_seed 5", strict)
    assert options.misset == "random" and options.misset_seed == 5


@pytest.mark.spec("CLI-4")
def test_twotheta_axis_also_sets_twotheta_in_the_program_only() -> None:
    line = "-twotheta 20 -distance 90 -twotheta_axis 0 0 1"
    assert program(line).twotheta == 0 and program(line).pivot == "sample"
    assert "-twotheta_axis also acts as -twotheta 0" in program(line).warnings[0]
    assert exact(line).twotheta == 20 and exact(line).pivot == "beam" and exact(line).warnings == ()


@pytest.mark.spec("CLI-4")
@BOTH
def test_twotheta_after_its_axis_holds(strict: bool) -> None:
    options = read("-twotheta_axis 0 0 1 -twotheta 20", strict)
    assert options.twotheta == 20 and options.twotheta_axis == (0, 0, 1) and options.warnings == ()


@pytest.mark.spec("CLI-4")
@BOTH
def test_oversample_flags_do_not_set_oversample(strict: bool) -> None:
    options = read("-oversample_thick -oversample_polar", strict)
    assert options.oversample is None and options.oversample_thick and options.oversample_polar
    assert not options.oversample_omega and read("-oversample_omega -oversample 2", strict).oversample == 2


@pytest.mark.spec("CLI-5")
@pytest.mark.parametrize("line", ["-distances 5", "-Nab 9", "-waterdrop 5", "-Distance 5", "---distance 5"])
def test_the_exact_reading_wants_exact_names(line: str) -> None:
    assert "unknown option" in refused(line, strict=True)


@pytest.mark.spec("CLI-5")
def test_a_double_dash_works_for_every_option_in_the_exact_reading() -> None:
    assert exact("--N 7").nc == 7
    assert exact("--detpixels 8").detpixels_s == 8
    assert exact("--help").help and program("--help").help and program("-h").help


@pytest.mark.spec("CLI-5", "CLI-18")
@BOTH
def test_printout_pixel_turns_printing_on(strict: bool) -> None:
    options = read("-printout_pixel 3 4 -trace_pixel 5 6 -roi 1 2 3 4", strict)
    assert options.printout and options.printout_pixel == (3, 4)
    assert options.trace_pixel == (5, 6) and options.roi == (1, 2, 3, 4)
    assert not read("-trace_pixel 5 6", strict).printout and read("-printout", strict).printout


@pytest.mark.spec("CLI-6")
@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("-dist 5", "-distance"),
        ("-detsi 5", "-detsize"),
        ("-lamda 1", "-lambda"),
        ("-n 5", "-N"),
        ("-xbeam 3", "-Xbeam"),
    ],
)
@BOTH
def test_an_unknown_option_is_refused_with_the_nearest_one(line: str, right: str, strict: bool) -> None:
    message = refused(line, strict)
    assert message.startswith("unknown option") and f"did you mean {right}?" in message


@pytest.mark.spec("CLI-6")
@BOTH
def test_an_option_like_nothing_else_points_to_the_help(strict: bool) -> None:
    assert refused("-bogus 3 -help", strict) == "unknown option -bogus; -help lists all options"
    assert "unknown option" in refused("-", strict)


@pytest.mark.spec("CLI-7")
@pytest.mark.parametrize("line", ["stray", "-detpixels 8 9", "-cell 70 80 -90", "-nopgm 1"])
def test_words_of_no_option_are_reported(line: str) -> None:
    assert "belongs to no option" in program(line).warnings[0]
    assert "belongs to none" in refused(line, strict=True)
