"""Polarization over a whole image, against Kahn's formula with an azimuth, in NumPy.

One unit cell scatters equally in all directions, so the ratio of the images with and without polarization
is the factor of each pixel's centre. Tolerance 1e-12: rounding of two quotients and of positions of size
one.
"""

import numpy as np
import pytest

import jaxbragg as jb
from tests.physics.experiments import PIXELS, image, isotropic

FAST, SLOW = PIXELS
PIXEL, DISTANCE = 10.0, 60.0


def scattered(**beam):
    """MOSFLM's frame: beam x, field z, fast z, slow -y; the beam in the middle of the detector."""
    detector = jb.DetectorConfig(
        pixels=PIXELS,
        pixel_size=PIXEL,
        distance=DISTANCE,
        beam_x=(SLOW - 1) * PIXEL / 2,
        beam_y=(FAST - 1) * PIXEL / 2,
    )
    return image(isotropic(beam=jb.BeamConfig(wavelength=1.1, **beam), detector=detector))


def kahn(fraction):
    along, across = np.meshgrid(
        (np.arange(FAST) + 0.5 - FAST / 2) * PIXEL, (np.arange(SLOW) + 0.5 - SLOW / 2) * PIXEL
    )
    cosine_sq = DISTANCE**2 / (along**2 + across**2 + DISTANCE**2)
    return 0.5 * (1 + cosine_sq - fraction * np.cos(2 * np.arctan2(across, along)) * (1 - cosine_sq))


@pytest.mark.spec("POL-1", "POL-3", "GEO-7")
@pytest.mark.parametrize("fraction", [0.0, 0.9, 1.0, -1.0])
def test_every_pixel_has_kahns_factor(fraction):
    ratio = scattered(polarization=fraction) / scattered(no_polarization=True)
    np.testing.assert_allclose(ratio, kahn(fraction), rtol=1e-12)


@pytest.mark.spec("POL-3")
def test_switched_off_is_off_whatever_the_fraction():
    off = scattered(no_polarization=True)
    np.testing.assert_array_equal(scattered(no_polarization=True, polarization=0.7), off)
