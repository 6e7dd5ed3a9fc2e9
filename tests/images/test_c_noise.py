"""The noise image against the program's own."""

import numpy as np
import pytest

from jaxbragg.images import c_noise
from jaxbragg.images.c_noise import c_noise_image
from jaxbragg.sampling.c_draws import mosaic_draws
from jaxbragg.sampling.c_random import CRandom
from tests.images import golden_images

THREE = np.array(
    [
        [0.123789005, 4.664361, 9.3040228],
        [1.21609902, 45.8241882, 91.4062195],
        [2.07877946, 78.3318863, 156.25],
    ],
    np.float32,
)


@pytest.mark.spec("NOISE-5")
@pytest.mark.parametrize("few", [0, 10**9], ids=["loop", "definition"])
@pytest.mark.parametrize("name", golden_images.CASES)
def test_noise_image_of_the_program_is_repeated(name, few, monkeypatch):
    monkeypatch.setattr(c_noise, "FEW_PIXELS", few)
    case = golden_images.load(name)
    rng = CRandom()
    mosaic_draws(rng, -12345678, case.n_domains, 0.0)
    found = c_noise_image(case.photons, case.seed, rng=rng, adc_offset=case.adc_offset, roi=case.roi)
    np.testing.assert_array_equal(found.counts, case.noisy)
    assert f"{found.photons:.0f} photons on noise image ({found.overloads} overloads)" == case.report[4]


@pytest.mark.spec("NOISE-5")
@pytest.mark.parametrize(
    ("seed", "counts", "photons"),
    [
        (-1, [[40, 45, 51], [41, 97, 123], [43, 114, 172]], 366),
        (0, [[40, 45, 51], [41, 97, 123], [43, 114, 172]], 366),
        (-7, [[40, 44, 52], [41, 79, 133], [40, 130, 188]], 387),
        (1, [[40, 46, 48], [41, 70, 123], [40, 135, 198]], 381),
    ],
)
def test_three_by_three_pixels(seed, counts, photons):
    rng = CRandom()
    mosaic_draws(rng, -12345678, 1, 0.0)
    found = c_noise_image(THREE, seed, rng=rng)
    np.testing.assert_array_equal(found.counts, counts)
    assert found.photons == photons
    assert found.overloads == 0


@pytest.mark.spec("NOISE-5")
def test_negative_offset_wraps_around():
    assert c_noise_image(np.zeros((1, 1)), -1, adc_offset=-10.0).counts[0, 0] == 65526


@pytest.mark.spec("NOISE-5")
def test_fractional_offset_is_cut_off():
    assert c_noise_image(np.zeros((1, 1)), -1, adc_offset=2.9).counts[0, 0] == 2
    assert c_noise_image(np.zeros((1, 1)), -1, adc_offset=-0.9).counts[0, 0] == 0


@pytest.mark.spec("NOISE-5")
def test_bright_pixels_are_clipped_and_counted():
    found = c_noise_image(np.array([[1e7, 1.0, np.inf]]), -1)
    assert found.counts[0, 0] == 65535
    assert found.overloads >= 1


@pytest.mark.spec("NOISE-5")
def test_nan_is_stored_as_zero():
    found = c_noise_image(np.array([[np.nan, 5.0]]), -1)
    assert found.counts[0, 0] == 0
    assert np.isnan(found.photons)


@pytest.mark.spec("NOISE-5")
def test_pixels_outside_the_region_draw_nothing():
    image = np.arange(30.0).reshape(5, 6)
    found = c_noise_image(image, -3, roi=(1, 3, 2, 3))
    alone = c_noise_image(image[2:4, 1:4], -3)
    np.testing.assert_array_equal(found.counts[2:4, 1:4], alone.counts)
    assert np.count_nonzero(found.counts) == 6
    assert found.seed == alone.seed


@pytest.mark.spec("NOISE-5")
def test_empty_region_leaves_the_stream_alone():
    found = c_noise_image(np.ones((3, 3)), -3, roi=(2, 1, 0, 2))
    assert (found.photons, found.overloads, found.seed) == (0.0, 0, -3)
