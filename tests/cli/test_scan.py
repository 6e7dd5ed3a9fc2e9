"""A whole line: what the options set together, what has no effect, and that nothing else can happen."""

import dataclasses
import pathlib
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

import jaxbragg.cli.options
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


@pytest.mark.spec("CLI-15")
@pytest.mark.parametrize("flag", ALL_FLAGS, ids=lambda flag: flag.name)
def test_every_target_is_a_field_of_options(flag: Flag) -> None:
    fields = {field.name for field in dataclasses.fields(Options)}
    assert fields >= {*flag.target, *(name for name, _ in flag.effects)}
    assert flag.target or flag.effects or flag.ignored


@pytest.mark.spec("CLI-1")
def test_start_up_needs_neither_jax_nor_numpy() -> None:
    """Loads the scanner under an empty package, so that only its own imports count."""
    package = pathlib.Path(jaxbragg.cli.options.__file__).parents[1]
    code = f"""
        import sys, types
        package = types.ModuleType("jaxbragg")
        package.__path__ = [{str(package)!r}]
        sys.modules["jaxbragg"] = package
        import jaxbragg.cli.scan, jaxbragg.cli.help
        assert not {{"jax", "numpy"}} & set(sys.modules)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


@pytest.mark.spec("CLI-14")
@pytest.mark.parametrize(
    ("line", "pivot", "convention"),
    [
        ("-distance 1", "beam", None),
        ("-Xbeam 1", "beam", None),
        ("-Ybeam 1", "beam", None),
        ("-close_distance 1", "sample", None),
        ("-Xclose 1", "sample", None),
        ("-Yclose 1", "sample", None),
        ("-ORGX 1", "sample", None),
        ("-ORGY 1", "sample", None),
        ("-twotheta 1", "sample", None),
        ("-mosflm", "beam", "mosflm"),
        ("-denzo", "beam", "denzo"),
        ("-adxv", "beam", "adxv"),
        ("-dials", "beam", "dials"),
        ("-xds", "sample", "xds"),
        ("-pivot sample", "sample", None),
        ("-pivot beam", "beam", None),
        ("-pivot samplebeam", "beam", None),
        ("-spindle_axis 1 0 0", None, "custom"),
        ("-pix0_vector 0 0 0", None, "custom"),
        ("-fdet_vector 0 0 1 -mosflm", "beam", "mosflm"),
        ("-xds -odet_vector 1 0 0", "sample", "custom"),
        ("-twotheta 1 -distance 5", "beam", None),
        ("-distance 5 -twotheta 1", "sample", None),
        ("-detector_rotx 1", None, None),
    ],
)
@BOTH
def test_pivot_and_convention_follow_the_last_option(
    line: str, pivot: str, convention: str, strict: bool
) -> None:
    options = read(line, strict)
    assert (options.pivot, options.convention) == (pivot, convention)


@pytest.mark.spec("CLI-15")
@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("-N 5 -Na 2", {"na": 2, "nb": 5, "nc": 5}),
        ("-Na 2 -N 5", {"na": 5, "nb": 5, "nc": 5}),
        ("-lambda 1 -energy 12398.42 -lambda 2", {"wavelength": 2}),
        ("-xtalsize 1 -sample_y 2", {"sample_x": 1, "sample_y": 2, "sample_z": 1}),
        (
            "-divergence 3 -vdivrange 1 -divsteps 4",
            {"hdivrange": 3, "vdivrange": 1, "hdivsteps": 4, "vdivsteps": 4},
        ),
        (
            "-detpixels 8 -detpixels_y 10 -detsize 5",
            {"detpixels_f": 8, "detpixels_s": 10, "detsize_f": 5, "detsize_s": 5},
        ),
        ("-nopolar -polar .9", {"polarization": 0.9, "nopolar": False}),
        ("-polar .9 -nopolar", {"polarization": 0.9, "nopolar": True}),
        ("-nopgm -pgmscale 2", {"write_pgm": True, "pgmscale": 2}),
        ("-pgmfile a -nopgm", {"write_pgm": False, "pgm_file": "a"}),
        ("-nonoise -noiseimage a", {"write_noise": True, "noise_file": "a"}),
        ("-noisefile a -nonoise", {"write_noise": False}),
        ("-round_xtal -binary_spots", {"shape": "tophat"}),
        ("-interpolate -nointerpolate", {"interpolate": False}),
        ("-noprogress -progress", {"progress": True}),
        ("-square_div", {"round_div": False}),
        ("-distance 100 -close_distance 90", {"distance": 100, "close_distance": 90}),
        ("-fluence 1e20 -flux 1e12", {"fluence": 1e20, "flux": 1e12}),
    ],
)
@BOTH
def test_the_last_setting_holds(line: str, fields: dict[str, object], strict: bool) -> None:
    options = read(line, strict)
    assert {name: getattr(options, name) for name in fields} == fields


@pytest.mark.spec("CLI-16")
@pytest.mark.parametrize(
    "line",
    [
        "-density 1.2",
        "-sample_density 1",
        "-MW 18",
        "-molecular_weight 20",
        "-coherent",
        "-source_distance 5",
        "-stol a",
        "-4stol a",
        "-Q a",
        "-stolout a",
        "-density",
    ],
)
def test_options_without_effect_warn_in_the_program_and_are_refused_by_the_exact_reading(line: str) -> None:
    warnings = program(line).warnings
    assert len(warnings) == 1 and warnings[0].startswith(line.split()[0] + " has no effect: ")
    assert refused(line, strict=True) == f"{warnings[0]}; leave it out"


@pytest.mark.spec("CLI-16")
@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("-hdiv 1", "-hdivrange"),
        ("-vdiv 1", "-vdivrange"),
        ("-dispstep 3", "-dispsteps"),
        ("-detsize_x 5", "-detsize_f"),
        ("-detsize_y 5", "-detsize_s"),
        ("-xdet_vector 0 0 1", "-fdet_vector"),
    ],
)
def test_dead_spellings_warn_in_the_program_and_are_refused_by_the_exact_reading(
    line: str, right: str
) -> None:
    options = program(line)
    assert len(options.warnings) == 1 and options.warnings[0].endswith(f"write {right}")
    assert dataclasses.replace(options, warnings=(), given=()) == Options()
    assert f"did you mean {right}?" in refused(line, strict=True)


@pytest.mark.spec("CLI-17")
def test_curved_det_at_the_end_is_overlooked_by_the_program_only() -> None:
    assert not program("-N 1 -curved_det").curved
    assert "at the end of the line" in program("-N 1 -curved_det").warnings[0]
    assert program("-curved_det -N 1").curved and program("-curved_det -N 1").warnings == ()
    assert exact("-N 1 -curved_det").curved


@pytest.mark.spec("CLI-20")
@BOTH
def test_header_files_are_only_remembered(strict: bool) -> None:
    options = read("-mask no_such_mask -img a -imgfile no_such_image -distance 5", strict)
    assert (options.img_file, options.mask_file, options.distance) == ("no_such_image", "no_such_mask", 5)


@pytest.mark.spec("CLI-21")
def test_given_lists_the_meant_options_in_order() -> None:
    options = program("--xtal_size 1 -misset_seed 1 2 3 -N 1 -N 2")
    assert options.given == ("-samplesize", "-misset_seed", "-N", "-N")


WORDS = st.one_of(
    st.sampled_from([name.text + name.ending for flag in ALL_FLAGS for name in flag.names]),
    st.sampled_from(
        ["random", "inf", "beam", "-5", "0", "1e1", "-1.5", "a.hkl", "", "-", "--", "nan", "9" * 400]
    ),
    st.floats().map(str),
    st.integers().map(str),
    st.text(max_size=6),
    st.text("-Nabcdst", max_size=5).map("-".__add__),
)


@pytest.mark.spec("CLI-21")
@given(st.lists(WORDS, max_size=12), st.booleans())
def test_any_words_give_options_or_a_usage_error(words: list[str], strict: bool) -> None:
    try:
        options = scan(words, strict=strict)
    except UsageError as error:
        assert str(error)
    else:
        assert isinstance(options, Options) and hash(options) == hash(options)
