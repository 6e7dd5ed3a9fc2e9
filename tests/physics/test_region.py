"""Which pixels are computed: region of interest, mask, resolution limit."""

import numpy as np
import pytest

import jaxbragg as jb
from tests.physics.experiments import PIXELS, assert_same, image, sampling, still

FAST, SLOW = PIXELS


@pytest.mark.spec("SAMP-7", "SUM-8")
def test_the_image_of_a_region_is_that_part_of_the_image():
    part = image(still(sampling=sampling(roi=(-4, 3, 6, 99))))
    inside = np.zeros((SLOW, FAST), bool)
    inside[6:, :4] = True
    assert_same(part, np.where(inside, image(still()), 0))
    np.testing.assert_array_equal(part[~inside], 0)


@pytest.mark.spec("SAMP-7")
@pytest.mark.parametrize("roi", [(5, 4, 0, 9), (50, 60, 0, 9)])
def test_an_empty_region_is_black(roi):
    np.testing.assert_array_equal(image(still(sampling=sampling(roi=roi))), 0)


@pytest.mark.spec("SAMP-7")
def test_masked_pixels_are_zero():
    mask = np.ones((SLOW, FAST))
    mask[3:5, 7:] = 0
    masked = image(still(sampling=sampling(mask=mask)))
    np.testing.assert_array_equal(masked, np.where(mask, image(still()), 0))


@pytest.mark.spec("SCAT-2", "SUM-1", "UNIT-1")
def test_the_resolution_limit_cuts_at_a_circle():
    """d = lambda/(2 sin theta) of each pixel's centre, from its angle to the beam in XDS's frame."""
    detector = jb.DetectorConfig(
        convention="xds", pixels=PIXELS, pixel_size=3.0, distance=40, org_x=6.5, org_y=5.5
    )
    x, y = np.meshgrid((np.arange(FAST) + 0.5 - FAST / 2) * 3, (np.arange(SLOW) + 0.5 - SLOW / 2) * 3)
    spacing = 1.1 / (2 * np.sin(np.arctan2(np.hypot(x, y), 40) / 2))
    limited = image(still(detector=detector, sampling=sampling(dmin=3.0)))
    whole = image(still(detector=detector))
    kept = spacing >= 3.0
    assert 0 < kept.sum() < kept.size
    assert_same(limited, np.where(kept, whole, 0))
