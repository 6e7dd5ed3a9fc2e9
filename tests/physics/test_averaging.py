"""Identities of averaging: what is sampled finely, or from several sources, is the mean of its parts.

None needs a reference: both sides come from jaxbragg, by different ways. Tolerance 1e-12 of the largest
pixel: sums of at most a hundred positive terms in float64, whose indices (up to 30) are off by 1e-14; times
the steepest slope of a profile of 5 cells that is 1e-13.
"""

import numpy as np
import pytest

import jaxbragg as jb
from tests.physics.experiments import (
    assert_same,
    crystal,
    detector,
    image,
    isotropic,
    sampling,
    still,
)

SENSOR = {"sensor_thickness": 300.0, "attenuation_depth": 250.0}


def binned(fine_image, n):
    """Sum of n x n pixels."""
    slow, fast = fine_image.shape
    return fine_image.reshape(slow // n, n, fast // n, n).sum(axis=(1, 3))


@pytest.mark.spec("SUM-8", "GEO-7", "SUM-4", "SENS-1")
def test_oversampling_is_the_sum_of_finer_pixels():
    layered = {**SENSOR, "sensor_layers": 2}
    coarse = still(detector=detector(**layered), sampling=sampling(oversample=3))
    fine = still(detector=detector(3, **layered), sampling=sampling(mask=np.ones((30, 36))))
    assert_same(image(coarse), binned(image(fine), 3))


@pytest.mark.spec("SUM-8", "GEO-8", "GEO-10")
def test_oversampling_is_the_mean_of_finer_point_pixels():
    curved = {"curved": True, "point_pixel": True}
    coarse = still(detector=detector(**curved), sampling=sampling(oversample=2))
    fine = still(detector=detector(2, **curved), sampling=sampling(mask=np.ones((20, 24))))
    assert_same(image(coarse), binned(image(fine), 2) / 4)


@pytest.mark.spec("SUM-8", "CRYST-8", "SUM-4")
def test_an_oscillation_is_the_mean_of_its_stills():
    stills = [image(still(rotation=jb.RotationConfig(phi=phi))) for phi in (-1, -0.25, 0.5, 1.25)]
    turning = still(rotation=jb.RotationConfig(phi=-1, osc=3, steps=4))
    assert_same(image(turning), np.mean(stills, axis=0))


def listed(positions, wavelengths, weights):
    sources = jb.SourceList(positions=positions, wavelengths=wavelengths, weights=weights)
    return still(beam=jb.BeamConfig(wavelength=1.1, sources=sources, polarization=0.9))


@pytest.mark.spec("SUM-8", "BEAM-1", "BEAM-6")
def test_listed_sources_are_the_weighted_mean_of_each():
    positions = np.array([[-10, 0, 0.1], [-10, 0.2, 0], [-5, 0, 0]])
    wavelengths, weights = np.array([1.0, 1.1, 1.2]), np.array([1.0, 7.0, 0.0])
    each = [image(listed(positions[[i]], wavelengths[[i]], [2.0])) for i in range(3)]
    assert_same(image(listed(positions, wavelengths, weights)), np.average(each, axis=0, weights=weights))


@pytest.mark.spec("CRYST-6", "SUM-4")
def test_a_mosaic_crystal_is_the_mean_of_its_domains():
    axes, fractions = np.array([[0, 0, 1], [0.6, 0.8, 0], [0, 1, 0]]), np.array([0.2, 0.5, 1.0])

    def mosaic(chosen):
        drawn = {"mosaic_axes": axes[chosen], "mosaic_fractions": fractions[chosen]}
        return still(crystal=crystal(mosaic_spread=2.0, **drawn))

    each = [image(mosaic([i])) for i in range(3)]
    assert_same(image(mosaic([0, 1, 2])), np.mean(each, axis=0))


@pytest.mark.spec("SUM-8", "BKG-1", "BKG-2", "SCAT-2")
def test_water_adds_the_same_whatever_the_crystal():
    """The image of one cell of F = 1 is P·Omega, to which the background is proportional."""
    water = jb.BackgroundConfig(water=20.0)
    molecules = 20e-6**3 * 1e6 * 6.02214179e23 / 18
    expected = 2.57**2 * molecules * image(isotropic())
    for dmin in (0.0, 1e6):  # with the second no spot is left
        dry = still(sampling=sampling(dmin=dmin))
        added = image(dry.with_fields(background=water)) - image(dry)
        np.testing.assert_allclose(added, expected, rtol=1e-11)
    np.testing.assert_array_equal(image(dry), 0)
    turning = still(rotation=jb.RotationConfig(phi=-1, osc=3, steps=4))
    added = image(turning.with_fields(background=water)) - image(turning)
    np.testing.assert_allclose(added, expected, rtol=1e-11)


@pytest.mark.spec("SUM-8", "SENS-2", "SENS-3", "SENS-4")
def test_one_layer_is_the_bare_detector_times_what_it_captures():
    captured = 1 - np.exp(-300.0 / 250.0 / cosines())
    assert_same(image(still(detector=detector(**SENSOR))), image(still()) * captured)


def cosines():
    """Cosine between ray and normal: Omega = p²/z² cos³ without polarization.

    The beam meets the plane at 60 mm, so z = 60 mm · the normal's share along the beam: the normal x turned
    by -5 degrees about y, 7 about z, and -15 about z again (twotheta's axis is -z).
    """
    omega = image(isotropic(beam=jb.BeamConfig(wavelength=1.1, no_polarization=True)))
    height = 60 * np.cos(np.radians(5)) * np.cos(np.radians(7 - 15))
    return np.cbrt(omega * (height / 0.5) ** 2)


@pytest.mark.spec("SENS-3", "GEO-8", "GEO-9")
def test_a_curved_sensor_is_seen_face_on():
    bare, sensor = (image(still(detector=detector(curved=True, **more))) for more in ({}, SENSOR))
    assert_same(sensor, bare * (1 - np.exp(-300.0 / 250.0)))


@pytest.mark.spec("SENS-4", "SENS-1")
def test_layers_divide_what_the_sensor_captures():
    """3 µm of depth, seen at 30 degrees at most, move a spot by 2 µm: 1/1500 of the width of 3 mm."""
    thin = {"sensor_thickness": 3.0, "attenuation_depth": 2.0}
    one, five = (image(still(detector=detector(**thin, sensor_layers=n))) for n in (1, 5))
    assert_same(five, one, tolerance=2e-3)
    assert not np.array_equal(five, one)
