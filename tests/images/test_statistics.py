"""Image statistics against the program's report and against plain numpy."""

import numpy as np
import pytest

from jaxbragg.images.statistics import image_statistics
from tests.images import golden_images


@pytest.mark.spec("STAT-1", "STAT-2", "STAT-3")
@pytest.mark.parametrize("name", golden_images.CASES)
def test_report_of_the_program_is_repeated(name):
    case = golden_images.load(name)
    found = image_statistics(
        case.photons,
        case.pixel_size_m,
        oversample=case.oversample,
        roi=case.roi,
        mask=case.mask,
        program_squares=True,
    )
    assert f"max_I = {found.max:g}  at {found.position[0]:g} {found.position[1]:g}" == case.report[0]
    assert f"mean= {found.mean:g} rms= {found.rms:g} rmsd= {found.rmsd:g}" == case.report[1]


@pytest.mark.spec("STAT-2", "STAT-3")
def test_masked_pixels_count_in_the_spread_but_not_in_the_mean():
    image = np.array([[4.0, 100.0], [8.0, 2.0]])
    mask = np.array([[True, False], [True, True]])
    found = image_statistics(image, 1e-4, mask=mask)
    mean = 14.0 / 3.0
    assert found.n == 3
    assert found.max == 8.0
    assert found.mean == pytest.approx(mean)
    assert found.rms == pytest.approx(np.sqrt((16 + 64 + 4) / 2))
    spread = np.array([4.0, 0.0, 8.0, 2.0]) - mean
    assert found.rmsd == pytest.approx(np.sqrt((spread**2).sum() / 3))


@pytest.mark.spec("STAT-1")
def test_first_of_equal_maxima_is_located_at_its_last_subpixel():
    image = np.zeros((3, 5))
    image[1, 3] = image[2, 0] = 7.0
    found = image_statistics(image, 2e-4, oversample=4)
    # pixel edge plus seven eighths of the pixel
    assert found.position == pytest.approx((3.875 * 2e-4, 1.875 * 2e-4))


@pytest.mark.spec("STAT-1")
@pytest.mark.parametrize("value", [0.0, -3.0, np.nan])
def test_image_without_positive_pixel_has_no_maximum(value):
    found = image_statistics(np.full((2, 2), value), 1e-4)
    assert found.max == 0.0
    assert found.position == (0.0, 0.0)


@pytest.mark.spec("STAT-1")
def test_nan_is_passed_over_in_the_search_for_the_maximum():
    found = image_statistics(np.array([[np.nan, 1.0], [5.0, np.nan]]), 1e-4)
    assert found.max == 5.0
    assert np.isnan(found.mean)


@pytest.mark.spec("STAT-2")
@pytest.mark.parametrize("roi", [(3, 1, 0, 4), (9, 9, 9, 9)])
def test_empty_region_gives_zeros(roi):
    found = image_statistics(np.ones((5, 5)), 1e-4, roi=roi)
    assert (found.max, found.mean, found.rms, found.rmsd, found.n) == (0.0, 0.0, 0.0, 0.0, 0)


@pytest.mark.spec("STAT-3")
def test_single_pixel_divides_by_one():
    found = image_statistics(np.array([[3.0]]), 1e-4)
    assert (found.mean, found.rms, found.rmsd) == (3.0, 3.0, 0.0)


@pytest.mark.spec("STAT-4")
def test_only_program_squares_overflow():
    image = np.array([[2e19, 1.0]], np.float32)
    assert image_statistics(image, 1e-4, program_squares=True).rms == np.inf
    assert image_statistics(image, 1e-4).rms == pytest.approx(2e19, rel=1e-6)


@pytest.mark.spec("STAT-2", "STAT-3")
def test_large_odd_image_agrees_with_numpy():
    image = np.random.default_rng(0).exponential(3.0, (1031, 977))
    found = image_statistics(image, 1e-4)
    row, column = np.unravel_index(image.argmax(), image.shape)
    assert found.max == image.max()
    assert found.position == pytest.approx(((column + 0.5) * 1e-4, (row + 0.5) * 1e-4))
    assert found.mean == pytest.approx(image.mean(), rel=1e-12)
    assert found.rmsd == pytest.approx(image.std(ddof=1), rel=1e-12)
