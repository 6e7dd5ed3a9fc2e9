"""What the commands print, and the pictures they draw; numbers against the saved runs and plain formulas."""

import math
import re
import time
from pathlib import Path

import fabio
import jax
import numpy as np
import pytest
from PIL import Image

from jaxbragg.cli import demo, main, nanobragg_main, preview, progress
from jaxbragg.cli.compute import banded_image, compute_image
from jaxbragg.cli.geometry_header import smv_header
from jaxbragg.cli.solid_angle import detector_solid_angle
from jaxbragg.simulation.derived import derive
from tests.cli.resolve.lines import made
from tests.reference.cases import load_traces

SMALL = "-cell 40 50 60 85 95 105 -default_F 100 -N 4 -lambda 1 -detpixels_f 12 -detpixels_s 10 -pixel 1"


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.spec("CLI-50")
def test_the_whole_report_tells_what_was_derived(capsys):
    line = "-cell 40 50 60 -default_F 100 -N 4 -distance 80 -detpixels 10 -pixel 1 -osc 2 -phisteps 2"
    line += " -mosaic 1 -mosaic_dom 2 -divergence 1 -divsteps 2 -detector_thick 100 -thicksteps 2"
    line += " -oversample 2"
    assert nanobragg_main([*line.split(), "-verbose", "-nonoise", "-nopgm", "-xds"]) == 0
    out = capsys.readouterr().out
    for expected in (
        "xds convention selected.",
        "pivoting detector around sample",
        "XDS incident beam: 0 0 1",
        "Unit Cell: 40 50 60 90 90 90",
        "Recp Cell: 0.025 0.02 0.0166667 90 90 90",
        "volume = 120000 A^3",
        "crystal is 0.016 x 0.02 x 0.024 microns",
        "mosaic spread 1 deg in 2 domains",
        "thick1 = 100 um",
        "phi1 = 1 deg",
        "created a total of 4 sources:",
        "distance=0.08 detsize=0.01x0.01  pixel=0.001 meters (10x10 pixels)",
        "phi 0 to 2 deg, 2 phi steps",
        "64 steps per pixel",
        "solid angle subtended by detector = ",
        "max_I = ",
    ):
        assert expected in out
    vectors = re.findall(r"^X: +(\S+) +(\S+) +(\S+)$", out, re.MULTILINE)
    assert [float(x) for x in vectors[0]] == [40.0, 0.0, 0.0]


@pytest.mark.spec("CLI-50")
def test_the_solid_angle_is_that_of_a_rectangle():
    """Of a rectangle 2a × 2b at distance d: 4 atan(ab / (d √(a²+b²+d²))); 1e-4 for pixels of finite size."""
    line = "-cell 40 50 60 -default_F 1 -distance 60 -detpixels_f 40 -detpixels_s 30 -pixel 2 -denzo"
    line += " -Xbeam 30 -Ybeam 40 -phisteps 2 -osc 1 -oversample 2"
    a, b, d = 40.0, 30.0, 60.0
    exact = 4 * math.atan(a * b / (d * math.sqrt(a * a + b * b + d * d)))
    for model, factor in (("corrected", 1.0), ("nanobragg", 0.5)):
        experiment = made(line, model)
        found = detector_solid_angle(experiment, derive(experiment).setup)
        assert found == pytest.approx(exact * factor, rel=1e-3 if model == "nanobragg" else 1e-4)
    half = made(line + " -roi 0 19 0 29")
    assert detector_solid_angle(half, derive(half).setup) == pytest.approx(exact / 2, rel=1e-4)


@pytest.mark.spec("CLI-53")
def test_printout_agrees_with_the_traces_of_the_program(capsys):
    run = next(run for run in load_traces().values() if len(run.argv) < 40)
    words = [*run.argv, "-printout_pixel", str(run.fast), str(run.slow), "-nonoise", "-nopgm"]
    assert nanobragg_main(words) == 0
    out = capsys.readouterr().out

    def number(key):
        return float(re.search(rf"^{key} +(\S+)", out, re.MULTILINE)[1])

    assert number("polar") == pytest.approx(run.values["polar"], rel=1e-9)
    assert number("omega") == pytest.approx(run.values["omega_pixel"], rel=1e-9)
    assert number("capfrac") == pytest.approx(run.values["capture_fraction"], rel=1e-9)
    assert number("pixel") == pytest.approx(run.values["floatimage_accumulated"], rel=1e-6)


@pytest.mark.spec("CLI-53")
def test_printout_prints_every_computed_pixel_once(capsys):
    words = "-cell 40 50 60 -default_F 9 -detpixels 4 -oversample 1 -roi 1 2 0 2 -printout".split()
    assert main(["simulate", *words]) == 0
    pixels = re.findall(r"^ *(\d+) +(\d+) : stol", capsys.readouterr().out, re.MULTILINE)
    assert pixels == [(f, s) for s in "012" for f in "12"]


@pytest.mark.spec("CLI-47")
def test_the_header_of_the_corrected_model_tells_where_the_beam_hits():
    """Beam pivot: as typed. In XDS the typed centre is the foot of the normal; with a tilt the beam moves."""
    line = SMALL + " -oversample 1"

    def header(options):
        with jax.disable_jit():  # quicker than compiling each convention
            experiment = made(f"{line} {options}")
            return smv_header(experiment, derive(experiment))

    for convention in ("-mosflm", "-denzo", "-adxv"):
        found = header(f"{convention} -Xbeam 4 -Ybeam 3 -detector_rotx 9 -twotheta 5 {convention}")
        assert found.beam_center == pytest.approx((4.0, 3.0), abs=1e-9)
    found = header("-xds -ORGX 5 -ORGY 6 -detector_roty 10 -distance 100")
    assert found.xds_org == pytest.approx((5.0, 6.0))
    shift = found.close_distance * math.tan(math.radians(10))
    assert abs(found.beam_center[0] - 4.5) == pytest.approx(shift, rel=1e-9)
    assert found.beam_center[1] == pytest.approx(5.5)


@pytest.mark.spec("CLI-48")
def test_rings_stand_where_bragg_says():
    found = preview.rings((500.0, 500.0), (1000, 1000), 1.0, 1000.0)
    assert 3 <= len(found) <= 4
    for radius, label in found:
        theta = 0.5 * math.atan(radius / 1000.0)
        assert 1.0 / (2 * math.sin(theta)) == pytest.approx(float(label.removesuffix(" Å")), rel=1e-9)
        assert 0 < radius <= 500
    assert preview.rings((5.0, 5.0), (10, 10), 1.0, 1e300) == []
    assert preview.rings((1e300, 5.0), (10, 10), 1e-300, 1e-300) == []
    assert preview.rings((5.0, 5.0), (10, 10), 1.0, float("nan")) == []
    assert preview.rings((500.0, 500.0), (1000, 1000), 40.0, 1000.0)  # long waves: round numbers above 10


def coloured(path):
    """Number of pixels of a picture that are not grey."""
    with Image.open(path) as picture:
        return (np.ptp(np.asarray(picture.convert("RGB")).astype(int), axis=2) > 50).sum()


@pytest.mark.spec("CLI-48")
def test_other_programs_open_the_files(capsys):
    words = [*SMALL.split(), "-oversample", "1", "-pngfile", "p.png", "-noisefile", "n.img", "-seed", "1"]
    assert main(["simulate", *words]) == 0
    assert coloured("p.png") > 1000  # rings and cross
    for name in ("intimage.img", "n.img"):
        with fabio.open(name) as opened:
            assert opened.data.shape == (10, 12)
            assert float(opened.header["WAVELENGTH"]) == 1.0
    assert main(["simulate", *words, "-detector_roty", "20"]) == 0  # no circles on a tilted detector
    assert 0 < coloured("p.png") < 200


@pytest.mark.spec("CLI-51")
@pytest.mark.parametrize("precision", ["mixed", "float64"])
def test_bands_make_the_same_image_to_the_last_bit(precision):
    experiment = made(SMALL + " -mosaic 1 -mosaic_dom 3 -water 1 -oversample 2 -roi 1 9 2 8")
    whole = compute_image(experiment, precision, progress=False)
    for bands in (1, 3, 7):
        np.testing.assert_array_equal(banded_image(experiment, precision, bands=bands, progress=False), whole)


@pytest.mark.spec("CLI-51")
def test_long_work_is_cut_into_bands_and_masks_hold(monkeypatch):
    from jaxbragg.cli import compute

    experiment = made(SMALL + " -oversample 1")
    mask = np.ones((10, 12))
    mask[3:5, 2:7] = 0.0
    experiment = experiment.with_fields(sampling__mask=mask)
    whole = compute_image(experiment, "mixed", progress=False)
    monkeypatch.setattr(compute, "LONG", 1)
    np.testing.assert_array_equal(compute_image(experiment, "mixed", progress=False), whole)
    assert not whole[3:5, 2:7].any()


@pytest.mark.spec("CLI-51")
def test_progress_appears_only_when_it_takes_long(capsys, monkeypatch):
    with progress.progress(10, wanted=True) as finished:
        finished(10)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(progress, "DELAY", 0.01)
    for total, expected in ((10, "4/10"), (0, "computing 00:")):
        with progress.progress(total, wanted=True) as finished:
            finished(4)
            time.sleep(0.3)
        assert expected in capsys.readouterr().err
        with progress.progress(total, wanted=False) as finished:
            finished(4)
            time.sleep(0.05)
        assert capsys.readouterr().err == ""


@pytest.mark.spec("CLI-52")
def test_the_demonstration_needs_no_input_and_says_what_to_do_next(capsys, monkeypatch):
    monkeypatch.setattr(demo, "ROTATION", "-phi 0")  # one step instead of many
    assert main(["demo", "-detpixels", "128", "-pixel", "1.376"]) == 0
    assert {path.name for path in Path().iterdir()} == {"demo.png", "demo.bin", "demo.img", "demo_noise.img"}
    out = capsys.readouterr().out
    assert "wrote demo.png" in out
    again = out.splitlines()[-1].split()
    assert again[:2] == ["jaxbragg", "simulate"]
    photons = Path("demo.bin").read_bytes()
    assert main(again[1:]) == 0
    assert Path("demo.bin").read_bytes() == photons
    assert coloured("demo.png") > 1000


@pytest.mark.spec("CLI-55")
def test_the_trace_of_a_pixel_is_printed(capsys):
    run = next(iter(load_traces().values()))
    pixel = ["-pixel", str(run.slow), str(run.fast)]
    assert main(["trace", *run.argv, "-model", "nanobragg", *pixel]) == 0
    text = capsys.readouterr().out
    assert f"TRACE_CONFIG: tracing pixel (spixel={run.slow}, fpixel={run.fast})" in text
    assert "TRACE_C: I_pixel_final " in text
    assert main(["trace", *run.argv, "-model", "nanobragg", *pixel, "-json"]) == 0
    assert capsys.readouterr().out.startswith("{")
    beside = [*run.argv, "-trace_pixel", str(run.slow), str(run.fast), "-nonoise", "-nopgm"]
    assert nanobragg_main(beside) == 0
    assert text in capsys.readouterr().out
    assert set(Path().iterdir()) == {Path("floatimage.bin"), Path("intimage.img")}


@pytest.mark.spec("CLI-49")
def test_the_short_report_of_the_corrected_model_does_not_overflow(capsys):
    """Squares above the range of float32 make the program's rms infinite (Q30)."""
    line = [*SMALL.split(), "-fluence", "1e60", "-oversample", "1", "-nonoise", "-nopgm"]
    assert nanobragg_main(line) == 0
    assert "rms= inf" in capsys.readouterr().out
    assert main(["simulate", *line]) == 0
    out = capsys.readouterr().out
    assert "rms= inf" not in out
    assert out.startswith("12 x 10 pixels, 1 sample each, model corrected")
