"""Bragg: 2 d sin(theta) = lambda, on the detector.

The crystal stands so that reflection h of a cubic cell fulfils Bragg's law for a ray in the plane of beam
and fast axis, at distance · tan(2 theta) from the beam. Tolerance: the brightest pixel is the one whose
centre is nearest the maximum, hence at most half a pixel away; the slow fall of solid angle and
polarization moves the maximum of a spot of width w = lambda/L = 1e-3 rad by less than w² · 5 rad = 0.01
pixels.
"""

import numpy as np
import pytest

import jaxbragg as jb
from tests.physics.experiments import image

EDGE, CELLS, DISTANCE, PIXEL = 40.0, 25, 100.0, 0.05  # Å, -, mm, mm


def reflecting(order: int, wavelength: float, **parts) -> jb.Experiment:
    """A cube in MOSFLM's frame with reflection (order, 0, 0) on the fast axis, above the beam."""
    theta = np.degrees(np.arcsin(order * wavelength / 2 / EDGE))
    crystal = jb.CrystalConfig(
        cell=(EDGE, EDGE, EDGE, 90, 90, 90), n_cells=(CELLS,) * 3, misset=(0, -(90 + theta), 0)
    )
    detector = jb.DetectorConfig(
        pixels=(500, 3), pixel_size=PIXEL, distance=DISTANCE, beam_x=PIXEL, beam_y=-PIXEL / 2
    )
    return jb.Experiment(
        crystal=crystal,
        beam=jb.BeamConfig(wavelength=wavelength),
        detector=detector,
        structure_factors=jb.StructureFactorConfig(default_f=10.0),
        sampling=jb.SamplingConfig(oversample=1),
        **parts,
    )


@pytest.mark.spec("SCAT-1", "SCAT-3", "CRYST-4", "GEO-7")
@pytest.mark.parametrize("wavelength", [0.8, 1.0, 1.54])
@pytest.mark.parametrize("order", [1, 2, 5])
def test_reflections_appear_at_braggs_angle(order, wavelength):
    pixels = image(reflecting(order, wavelength))[1]
    two_theta = 2 * np.arcsin(order * wavelength / 2 / EDGE)
    expected = DISTANCE * np.tan(two_theta) / PIXEL
    away_from_beam = np.arange(500) > expected / 2  # (0, 0, 0) is on the detector too
    brightest = np.argmax(pixels * away_from_beam) + 0.5
    assert abs(brightest - expected) <= 0.51


@pytest.mark.spec("SCAT-3")
def test_a_crystal_out_of_the_angle_is_dark():
    at_angle = reflecting(2, 1.0)
    turned = at_angle.with_fields(crystal__misset=at_angle.crystal.misset + np.array([0, 1.0, 0]))
    place = int(DISTANCE * np.tan(2 * np.arcsin(1 / EDGE)) / PIXEL)
    bright, dark = image(at_angle)[1, place], image(turned)[1, place]
    # one degree off, reflection 2 misses the sphere by 2 · 0.0175 of an index; 25 · 0.035 is near a zero
    assert dark < 0.05 * bright
