"""The commands as a user meets them: exit codes, messages, files; mostly with a made-up image."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import jaxbragg
from jaxbragg.cli import compute, main, memory, nanobragg_main, write_images
from jaxbragg.io.floats import read_float_image
from jaxbragg.io.smv import read_smv

LINE = "-cell 40 50 60 -default_F 100 -N 3 -lambda 1.5 -detpixels 24 -pixel 0.5 -oversample 1".split()
FILES = {"floatimage.bin", "intimage.img"}
TEXT = {"PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "error"}


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def quick(monkeypatch):
    """A made-up image, so that nothing is computed."""

    def image(experiment, precision, *, progress):
        fast, slow = experiment.detector.pixels
        return np.arange(fast * slow, dtype=np.float64).reshape(slow, fast)

    monkeypatch.setattr(compute, "compute_image", image)


def files() -> set[str]:
    return {path.name for path in Path().iterdir()}


def error_of(capsys) -> str:
    """The one line on stderr."""
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, **TEXT, **environment},
        timeout=120,
    )


@pytest.mark.spec("CLI-43")
def test_the_commands_of_the_package_exist():
    import tomllib

    project = Path(jaxbragg.__file__).parents[1] / "pyproject.toml"
    scripts = tomllib.loads(project.read_text())["project"]["scripts"]
    assert scripts == {
        "jaxbragg": "jaxbragg.cli.command:main",
        "nanobragg-jax": "jaxbragg.cli.command:nanobragg_main",
    }


@pytest.mark.spec("CLI-43")
@pytest.mark.parametrize("words", [["-h"], ["--help"], ["simulate", "-h"], ["trace", "-h"], ["demo", "-h"]])
def test_help_is_answered(words, capsys):
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("usage: jaxbragg")
    assert files() == set()


@pytest.mark.spec("CLI-43")
def test_versions_are_answered(capsys):
    assert main(["--version"]) == nanobragg_main(["--version"]) == 0
    assert capsys.readouterr().out.split() == [
        "jaxbragg",
        jaxbragg.__version__,
        "nanobragg-jax",
        jaxbragg.__version__,
    ]


@pytest.mark.spec("CLI-44")
@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["simulat"], "expected a command, found 'simulat'; did you mean `jaxbragg simulate`?"),
        (["-cell", "1"], "options come after it: jaxbragg simulate -cell ..."),
        (["simulate", "-distanc", "3"], "unknown option -distanc; did you mean -distance?"),
        (["simulate", "-cell", "10"], "structure factors are needed, -hkl or -default_F"),
        (["simulate", "-default_F", "1"], "a unit cell is needed, -cell or -mat"),
        (["simulate", *LINE, "-hkl", "no.hkl"], "no.hkl: expected a readable file, found none"),
        (["simulate", *LINE, "-mask", "no.img"], "no.img: expected a readable file"),
        (["simulate", *LINE, "-stol", "no.stol", "-model", "nanobragg"], "no.stol: expected a readable file"),
        (["simulate", *LINE, "-coherent"], "-coherent has no effect: nothing reads it; leave it out"),
        (["simulate", *LINE, "-lambda", "-1"], "-lambda (-energy) must be positive and finite, got -1"),
        (["simulate", *LINE, "-floatfile", "/"], "cannot write /: it is a folder"),
        (["simulate", *LINE, "-intfile", "no/x.img"], "cannot write no/x.img: its folder does not exist"),
        (["trace", *LINE], "which pixel is to be traced? give -pixel SLOW FAST"),
        (["simulate", *LINE, "-printout_pixel", "99", "0"], "-printout_pixel must be a pixel of the 24 x 24"),
    ],
)
def test_errors_are_one_clear_line(words, text, capsys, quick):
    assert main(words) == 9
    line = error_of(capsys)
    assert line.startswith("jaxbragg: error: ")
    assert text in line
    assert files() <= set()


@pytest.mark.spec("CLI-44")
def test_no_options_print_the_list_and_fail_as_the_program_does(capsys):
    assert nanobragg_main([]) == main(["simulate"]) == 9
    captured = capsys.readouterr()
    assert captured.out.count("usage: ") == 2
    assert len(captured.err.splitlines()) == 2


@pytest.mark.spec("CLI-44")
def test_warnings_are_single_lines_without_a_place_in_the_source(capsys, quick):
    assert nanobragg_main([*LINE, "-fudge", "2", "-nopgm", "-nonoise"]) == 0
    line = error_of(capsys)
    assert line.startswith("warning: ")
    assert ".py" not in line


@pytest.mark.spec("CLI-44")
@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 9, "not enough memory"),
        (RuntimeError("RESOURCE_EXHAUSTED: Out of memory"), 9, "not enough memory"),
        (OSError(5, "Input/output error"), 9, "Input/output error"),
    ],
)
def test_what_goes_wrong_while_computing_is_one_line(error, code, text, capsys, monkeypatch):
    def fail(*args, **keywords):
        raise error

    monkeypatch.setattr(compute, "compute_image", fail)
    assert main(["simulate", *LINE]) == code
    assert text in error_of(capsys)


@pytest.mark.spec("CLI-44")
def test_an_image_too_large_for_the_memory_is_refused(capsys, monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 1000.0)
    assert main(["simulate", *LINE]) == 9
    assert "an image of 24 x 24 pixels needs" in error_of(capsys)


@pytest.mark.spec("CLI-44")
def test_a_list_whose_box_is_too_large_for_the_memory_is_refused(capsys, monkeypatch):
    Path("far.hkl").write_text("0 0 0 1\n99 9 9 1\n")
    monkeypatch.setattr(memory, "free_memory", lambda: 24.0 * 24 * memory.BYTES_PER_PIXEL)
    assert main(["simulate", *LINE, "-hkl", "far.hkl"]) == 9
    assert "far.hkl: a box of 100 x 10 x 10 reflections needs" in error_of(capsys)


@pytest.mark.spec("CLI-44")
def test_pixels_that_are_no_numbers_are_warned_of(capsys, monkeypatch):
    monkeypatch.setattr(compute, "compute_image", lambda *_, **__: np.full((24, 24), np.nan))
    assert main(["simulate", *LINE]) == 0
    assert "pixels that are not finite numbers" in error_of(capsys)


@pytest.mark.spec("CLI-48")
def test_pixels_that_vanish_in_metres_have_a_preview_without_rings(quick):
    assert main(["simulate", *LINE, "-pixel", "5e-324", "-pngfile", "p.png"]) == 0
    assert Path("p.png").stat().st_size > 0


@pytest.mark.spec("CLI-46")
@pytest.mark.parametrize(
    ("command", "options", "expected"),
    [
        (main, "", FILES),
        (main, "-seed 1", FILES | {"noiseimage.img"}),
        (main, "-seed 1 -nonoise", FILES),
        (main, "-pgmscale 2 -pngfile a.png -npyfile a.npy", FILES | {"image.pgm", "a.png", "a.npy"}),
        (main, "-pgmfile p -nopgm", FILES),
        (nanobragg_main, "", FILES | {"image.pgm", "noiseimage.img"}),
        (nanobragg_main, "-nopgm -nonoise", FILES),
        (nanobragg_main, "-nonoise -noisefile n -nopgm -pgmfile p", FILES | {"n", "p"}),
        (nanobragg_main, "-model corrected", FILES),
    ],
)
def test_which_files_are_written(command, options, expected, quick, capsys):
    words = [*LINE, *options.split()]
    assert command(["simulate", *words] if command is main else words) == 0
    assert files() == expected
    for name in expected:
        assert re.search(rf"^wrote {re.escape(name)} ", capsys_out(capsys), re.MULTILINE)


def capsys_out(capsys) -> str:
    """All of stdout so far; reading it empties the buffer, so it is kept on the fixture."""
    capsys.kept = getattr(capsys, "kept", "") + capsys.readouterr().out
    return capsys.kept


@pytest.mark.spec("CLI-46")
def test_the_dump_is_written_by_the_programs_model_or_when_asked(quick, capsys):
    Path("a.hkl").write_text("0 0 0 5\n1 0 0 7\n")
    words = [*LINE, "-hkl", "a.hkl", "-nonoise"]
    assert main(["simulate", *words]) == 0
    assert "Fdump.bin" not in files()
    assert "a.hkl: 2 reflections, h 0..1, k 0..0, l 0..0" in capsys.readouterr().out
    assert main(["simulate", *words, "-dump", "mine.bin"]) == 0
    assert nanobragg_main(words) == 0
    assert Path("mine.bin").read_bytes() == Path("Fdump.bin").read_bytes()
    capsys.readouterr()
    for impossible, shown in (("no/Fdump.bin", "no/Fdump.bin"), ("a\0b", "a\\x00b")):
        assert nanobragg_main([*words, "-dump", impossible]) == 0  # only a warning, as in the program
        assert f"cannot write {shown}" in error_of(capsys)


@pytest.mark.spec("CLI-46")
def test_one_name_for_two_files_is_a_warning(quick, capsys):
    assert main(["simulate", *LINE, "-floatfile", "a", "-intfile", "./a"]) == 0
    assert "./a is both the float and the int file" in error_of(capsys)
    assert main(["simulate", *LINE, "-floatfile", "/dev/null", "-intfile", "/dev/null"]) == 0


@pytest.mark.spec("CLI-46")
def test_an_unwritable_folder_is_refused_before_computing(tmp_path, capsys, monkeypatch):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (tmp_path / "closed").mkdir(mode=0o500)
    assert main(["simulate", *LINE, "-floatfile", "closed/x"]) == 9
    assert "permission denied" in error_of(capsys)


@pytest.mark.spec("CLI-46")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "option", ["-floatfile", "-intfile", "-pgmfile", "-noisefile", "-pngfile", "-npyfile"]
)
def test_a_full_disk_is_one_line(option, quick, capsys):
    assert main(["simulate", *LINE, option, "/dev/full"]) == 9
    assert "cannot write /dev/full: the disk is full" in error_of(capsys)


@pytest.mark.spec("CLI-46")
def test_a_failure_leaves_earlier_files_of_that_name_alone(quick, capsys, monkeypatch):
    Path("intimage.img").write_bytes(b"precious")

    def fail(*args):
        raise MemoryError

    monkeypatch.setattr(write_images, "to_uint16", fail)
    assert main(["simulate", *LINE]) == 9
    assert Path("intimage.img").read_bytes() == b"precious"
    assert files() == FILES


_KILLED = """
import os, signal, sys, time
from jaxbragg.io import atomic
replace = os.replace
def slow(*names):
    if names[1].endswith("intimage.img"):
        print("writing", flush=True)
        time.sleep(60)
    replace(*names)
os.replace = slow
from jaxbragg.cli import main
sys.exit(main(["simulate", *sys.argv[1:]]))
"""


@pytest.mark.spec("CLI-46")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_run_leaves_earlier_files_alone(number, tmp_path):
    Path("intimage.img").write_bytes(b"precious")
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED, *LINE], stdout=subprocess.PIPE, text=True
    ) as process:
        while "writing" not in (process.stdout.readline() or "writing"):
            pass
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode != 0
    assert Path("intimage.img").read_bytes() == b"precious"


@pytest.mark.spec("CLI-46")
def test_images_hold_the_computed_photons(capsys):
    words = [*LINE, "-noisefile", "n.img", "-seed", "3", "-npyfile", "a.npy", "-adc", "10", "-scale", "2"]
    assert main(["simulate", *words, "-precision", "float64"]) == 0
    expected = np.asarray(jaxbragg.simulate(jaxbragg.from_nanobragg(words), precision="float64"))
    np.testing.assert_array_equal(np.load("a.npy"), expected)
    photons = read_float_image("floatimage.bin", (24, 24))
    np.testing.assert_array_equal(photons, expected.astype(np.float32))
    stored = read_smv("intimage.img").data
    np.testing.assert_allclose(stored, np.clip(2.0 * photons + 10.0, 0, 65535), atol=0.51)
    counted = read_smv("n.img").data.astype(float) - 10.0
    assert abs(counted.sum() - photons.sum()) < 6.0 * np.sqrt(photons.sum())


@pytest.mark.spec("CLI-46")
def test_a_negative_seed_continues_the_generator(quick):
    words = [*LINE, "-mosaic", "1", "-mosaic_dom", "3", "-noisefile", "n.img"]
    seen = []
    for more in (["-seed", "-5"], ["-seed", "-5", "-mosaic_seed", "9"], ["-seed", "5"]):
        assert main(["simulate", *words, *more]) == 0
        seen.append(read_smv("n.img").data)
    assert not np.array_equal(seen[0], seen[1])
    assert main(["simulate", *words, "-seed", "5", "-mosaic_seed", "9"]) == 0
    np.testing.assert_array_equal(read_smv("n.img").data, seen[2])


@pytest.mark.spec("CLI-54")
@pytest.mark.parametrize("words", ["['-h']", "['simulate', '-h']", "['simulate', '-bogus']"])
def test_help_and_wrong_options_start_neither_jax_nor_numpy(words):
    code = (
        "import sys; from jaxbragg.cli import main; main("
        f"{words}); print([name for name in ('jax', 'numpy', 'tqdm', 'PIL') if name in sys.modules])"
    )
    assert python(code).stdout.splitlines()[-1] == "[]"


@pytest.mark.spec("CLI-45", "CLI-54")
@pytest.mark.parametrize(
    "words",
    [["-hkl", "no.hkl"], ["-mat", "bad.mat"], ["-floatfile", "no/f"], ["-ORGX", "3"], ["-pivot", "sample"]],
)
def test_files_and_contradictions_are_checked_without_jax(words):
    Path("bad.mat").write_text("1 0 0 0 1")
    words = ["simulate", *LINE, *words]
    result = python(f"import sys; from jaxbragg.cli import main; print(main({words}), 'jax' in sys.modules)")
    assert result.stdout.split() == ["9", "False"]
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.spec("CLI-54")
def test_compiled_programs_are_kept_unless_told_otherwise(tmp_path):
    code = f"from jaxbragg.cli import main; main(['simulate', *{LINE}, *%s])"
    assert python(code % "['-nocache']", XDG_CACHE_HOME=str(tmp_path / "none")).returncode == 0
    assert not (tmp_path / "none").exists()
    assert python(code % "[]", XDG_CACHE_HOME=str(tmp_path / "cache")).returncode == 0
    assert list((tmp_path / "cache" / "jaxbragg").glob("jax-*/*"))
    (tmp_path / "file").write_text("")
    refused = python(code % "['-noprogress']", XDG_CACHE_HOME=str(tmp_path / "file"))
    assert refused.returncode == 0
    assert refused.stderr == ""


@pytest.mark.spec("CLI-54")
def test_the_library_and_commands_in_process_leave_the_settings_alone(quick):
    import jax

    before = jax.config.jax_compilation_cache_dir
    assert main(["simulate", *LINE]) == 0
    assert jax.config.jax_compilation_cache_dir == before
