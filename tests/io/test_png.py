"""PNG previews, looked at through Pillow."""

import builtins

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jaxbragg.errors import ConfigError, JaxbraggError
from jaxbragg.io.png import write_preview

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
pytestmark = pytest.mark.spec("FILE-11")


def pixels(path):
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        return np.array(picture)


def preview(tmp_path, image, **options):
    write_preview(tmp_path / "a.png", image, **options)
    return pixels(tmp_path / "a.png")


def test_background_is_white_and_spots_are_dark(tmp_path):
    image = np.full((600, 700), 40.0)
    image[100, 200] = 1e6
    image[300, 400] = 1e3
    picture = preview(tmp_path, image)
    assert picture.shape == (600, 700, 3)
    assert picture[100, 200].tolist() == [0, 0, 0]
    assert picture[300, 400, 0] < 240  # a thousandth of the strongest still shows
    assert picture[0, 0].tolist() == [255, 255, 255]


def test_a_weak_spot_stands_out_of_noise(tmp_path):
    rng = np.random.default_rng(3)
    image = rng.poisson(20.0, (600, 600)).astype(float)
    image[300:303, 300:303] += 60
    image[10, 10] = 60000
    picture = preview(tmp_path, image)[..., 0].astype(float)
    assert picture[300:303, 300:303].mean() < picture.mean() - 8 * picture.std() / 3


def test_small_images_are_enlarged(tmp_path):
    image = np.zeros((3, 4))
    image[2, 0] = 1
    picture = preview(tmp_path, image)
    assert picture.shape == (384, 512, 3)
    assert picture[300, 100].tolist() == [0, 0, 0]
    assert picture[300, 200].tolist() == [255, 255, 255]


@pytest.mark.parametrize(("spot", "place"), [((2500, 4000), (1250, 2000)), ((2600, 4000), (1300, 2000))])
def test_single_pixel_spots_survive_reduction(tmp_path, spot, place):
    image = np.zeros((2601, 4001), dtype=np.uint16)
    image[spot] = 9
    picture = preview(tmp_path, image)
    assert picture.shape == (1301, 2001, 3)
    assert picture[place].tolist() == [0, 0, 0]


def test_rings_labels_cross_and_title(tmp_path):
    bare = preview(tmp_path, np.zeros((600, 600)))
    options = {"beam_center": (280.0, 320.0), "rings": [(150.0, "4.0 Å"), (900.0, "1.0 Å")]}
    ringed = preview(tmp_path, np.zeros((600, 600)), **options)
    coloured = (ringed != bare).any(axis=2)
    assert coloured[280 + 150, 320]  # straight below the centre
    assert not coloured[280 + 140, 320]
    assert (ringed[280, 320 + 5] != 255).any()  # an arm of the cross
    assert (ringed[280, 320] == 255).all()  # its middle stays free
    titled = preview(tmp_path, np.zeros((600, 600)), title="lysozyme, 1.0 Å", **options)
    assert titled.shape[0] > 600
    assert (titled[-600:] == ringed).all()
    assert (titled[:-600] == 0).any()


def test_rings_without_a_beam_centre_are_left_out(tmp_path):
    image = np.zeros((600, 600))
    assert (preview(tmp_path, image, rings=[(100.0, "x")]) == 255).all()
    assert (preview(tmp_path, image, rings=[(100.0, "x")], beam_center=(np.nan, 1.0)) == 255).all()


@pytest.mark.parametrize("value", [0.0, 40.0, -5.0, np.nan, np.inf, 1e308])
def test_constant_images_are_white(tmp_path, value):
    assert (preview(tmp_path, np.full((5, 7), value)) == 255).all()


def test_nan_shows_as_background(tmp_path):
    image = np.zeros((600, 600))
    image[100, 100], image[200, 200] = np.nan, 5
    picture = preview(tmp_path, image)
    assert picture[100, 100].tolist() == [255, 255, 255]
    assert picture[200, 200].tolist() == [0, 0, 0]


@settings(max_examples=25, deadline=None)
@given(
    image=hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5)),
    center=st.tuples(st.floats(), st.floats()),
    radius=st.floats(),
)
@example(image=np.zeros((1, 1)), center=(0.0, 3.6e305), radius=3.6e305)
def test_any_numbers_give_a_picture(tmp_path_factory, image, center, radius):
    path = tmp_path_factory.mktemp("png") / "a.png"
    write_preview(path, image, beam_center=center, rings=[(radius, "3.0 Å")], title="x")
    assert pixels(path).shape[2] == 3


@pytest.mark.parametrize("shape", [(0, 5), (5,), (2, 2, 2)])
def test_only_images_can_be_drawn(tmp_path, shape):
    with pytest.raises(ConfigError, match=r"a preview needs an image of shape \(slow, fast\), got"):
        write_preview(tmp_path / "a.png", np.zeros(shape))


def test_missing_pillow_is_explained(tmp_path, monkeypatch):
    real_import = builtins.__import__

    def without_pillow(name, *args, **kwargs):
        if name == "PIL":
            raise ImportError("no Pillow")
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_pillow)
    with pytest.raises(JaxbraggError, match=r'PNG previews need Pillow; run: pip install "jaxbragg\[plot\]"'):
        write_preview(tmp_path / "a.png", np.zeros((2, 2)))


def test_without_matplotlib_pillows_letters_do(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    options = {"beam_center": (300.0, 300.0), "rings": [(100.0, "3.0 A")]}
    assert (preview(tmp_path, np.zeros((600, 600)), **options) < 255).any()
