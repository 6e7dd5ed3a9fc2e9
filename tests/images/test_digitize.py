"""The 16-bit and 8-bit images against the program's files and their edge cases."""

import numpy as np
import pytest

from jaxbragg.images.digitize import intimage_scale, pgm_scale, to_pgm_bytes, to_uint16
from jaxbragg.images.statistics import image_statistics
from tests.images import golden_images


def scales(case):
    found = image_statistics(
        case.photons, case.pixel_size_m, roi=case.roi, mask=case.mask, program_squares=True
    )
    scale = intimage_scale(found.max, case.scale)
    return scale, pgm_scale(found.rmsd, scale, case.pgm_scale)


@pytest.mark.spec("DIGIT-2", "DIGIT-3")
@pytest.mark.parametrize("name", golden_images.CASES)
def test_stored_image_of_the_program_is_repeated(name):
    case = golden_images.load(name)
    scale, _ = scales(case)
    assert f"intfile_scale = {scale:g}" == case.report[2]
    np.testing.assert_array_equal(to_uint16(case.photons, scale, case.adc_offset, case.roi), case.stored)


@pytest.mark.spec("DIGIT-4", "DIGIT-5")
@pytest.mark.parametrize("name", golden_images.CASES)
def test_picture_of_the_program_is_repeated(name):
    case = golden_images.load(name)
    _, scale = scales(case)
    assert f"pgm_scale = {scale:g}" == case.report[3]
    assert to_pgm_bytes(case.photons, scale, case.roi).tobytes() == case.levels


@pytest.mark.spec("DIGIT-2")
def test_scale_asked_for_goes_before_the_automatic_one():
    assert intimage_scale(11.0, 3.5) == 3.5
    assert intimage_scale(11.0) == 5000.0
    assert intimage_scale(11.0, -1.0) == 5000.0
    assert intimage_scale(0.0) == 1.0


@pytest.mark.spec("DIGIT-4")
def test_picture_scale_of_an_even_image_is_that_of_the_stored_image():
    assert pgm_scale(10.0, 77.0, 0.7) == 0.7
    assert pgm_scale(10.0, 77.0) == 5.0
    assert pgm_scale(0.0, 77.0) == 77.0


@pytest.mark.spec("DIGIT-3")
@pytest.mark.parametrize(
    ("photons", "stored"),
    [
        (0.0, 40),
        (1.4, 41),
        (1.5, 42),
        (1e30, 65535),
        (np.inf, 65535),
        (65494.9, 65535),
        (-39.6, 0),
        (-1e9, 0),
        (np.nan, 0),
    ],
)
def test_stored_values_round_clip_and_replace_nan(photons, stored):
    assert to_uint16(np.array([[photons]]), 1.0)[0, 0] == stored


@pytest.mark.spec("DIGIT-3")
def test_rounding_happens_in_float32():
    # 49999.499 + 0.5 is 49999.999, which the nearest float32 makes 50000
    assert to_uint16(np.array([[1.0]]), 49999.499, 0.0)[0, 0] == 50000


@pytest.mark.spec("DIGIT-3", "DIGIT-5")
def test_pixels_outside_the_region_are_zero():
    image = np.full((4, 6), 10.0)
    stored, levels = to_uint16(image, 1.0, roi=(1, 2, 0, 3)), to_pgm_bytes(image, 1.0, (1, 2, 0, 3))
    inside = np.zeros((4, 6), bool)
    inside[:, 1:3] = True
    np.testing.assert_array_equal(stored, np.where(inside, 50, 0))
    np.testing.assert_array_equal(levels, np.where(inside, 10, 0))


@pytest.mark.spec("DIGIT-5")
@pytest.mark.parametrize(("photons", "level"), [(0.99, 0), (254.99, 254), (1e9, 255), (-5.0, 0), (np.nan, 0)])
def test_grey_levels_are_cut_off_not_rounded(photons, level):
    assert to_pgm_bytes(np.array([[photons]]), 1.0)[0, 0] == level


@pytest.mark.spec("DIGIT-3")
def test_large_odd_image_equals_one_pixel_at_a_time():
    image = np.random.default_rng(1).exponential(100.0, (523, 1021)).astype(np.float32)
    stored = to_uint16(image, 3.3, 17.5)
    for row, column in [(0, 0), (255, 1020), (256, 0), (257, 513), (522, 1020)]:
        value = float(image[row, column]) * 3.3 + 17.5
        assert stored[row, column] == int(np.float32(min(value, 65535.0) + 0.5))
