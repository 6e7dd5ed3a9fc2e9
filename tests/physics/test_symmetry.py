"""Symmetries of the laboratory and of the crystal, to 1e-12 of the largest pixel as in test_averaging.py."""

import numpy as np
import pytest

import jaxbragg as jb
from tests.physics.experiments import (
    ORIENTATION,
    PIXELS,
    RANDOM,
    assert_same,
    crystal,
    factors,
    image,
    still,
    turn,
)

SYMMETRIC = factors(RANDOM + RANDOM[::-1, ::-1, ::-1])


@pytest.mark.spec("LAT-1", "SF-1", "SCAT-4")
def test_friedel_mates_of_an_inverted_crystal():
    """Inverting the crystal exchanges h and -h: with F(h) = F(-h) nothing changes, otherwise much does."""
    upright, inverted = (
        image(still(crystal=crystal(s * ORIENTATION), structure_factors=SYMMETRIC)) for s in (1, -1)
    )
    assert_same(inverted, upright)
    other = image(still(crystal=crystal(-ORIENTATION)))
    assert np.max(np.abs(other - image(still()))) > 0.1 * np.max(other)


def facing(orientation):
    """A detector normal to the beam and centred on it, in XDS's frame."""
    detector = jb.DetectorConfig(
        convention="xds", pixels=PIXELS, pixel_size=1.5, distance=60, org_x=6.5, org_y=5.5
    )
    return image(still(crystal=crystal(orientation), detector=detector))


@pytest.mark.spec("GEO-7", "SCAT-1", "CRYST-3")
def test_half_a_turn_about_the_beam_turns_the_image():
    assert_same(facing(turn((0, 0, 1), 180) @ ORIENTATION), facing(ORIENTATION)[::-1, ::-1])


@pytest.mark.spec("GEO-7", "SCAT-1")
def test_a_mirror_image_of_the_crystal_gives_the_mirror_image():
    """The field, along x, is its own mirror image."""
    assert_same(facing(np.diag([-1, 1, 1]) @ ORIENTATION), facing(ORIENTATION)[:, ::-1])


@pytest.mark.spec("CONV-1", "CONV-3")
def test_conventions_describe_one_laboratory():
    """XDS's frame is MOSFLM's, renamed: x to z, y to -y, z to x. The axes of the image are the same."""
    mosflm = jb.DetectorConfig(
        pixels=PIXELS, pixel_size=1.5, distance=60, beam_x=5 * 1.5 - 0.75, beam_y=6 * 1.5 - 0.75
    )
    renamed = np.array([[0, 0, 1], [0, -1, 0], [1, 0, 0]]) @ ORIENTATION
    assert_same(facing(renamed), image(still(detector=mosflm)))


@pytest.mark.spec("CRYST-8", "CRYST-3", "GEO-2")
def test_the_spindle_turns_the_crystal():
    by_spindle = still(rotation=jb.RotationConfig(phi=33.0))
    by_hand = still(crystal=crystal(turn((0, 0, 1), 33.0) @ ORIENTATION))  # MOSFLM's spindle is z
    assert_same(image(by_spindle), image(by_hand))


@pytest.mark.spec("CRYST-7", "MOD-2")
def test_domains_turn_with_the_crystal_but_not_in_the_program():
    spindle, axis = turn((0, 0, 1), 33.0), np.array([0.6, 0.0, 0.8])
    rotation = jb.RotationConfig(phi=33.0)

    def domain(orientation, axis, **parts):
        drawn = {"mosaic_axes": [axis], "mosaic_fractions": [1.0]}
        return image(still(crystal=crystal(orientation, mosaic_spread=1.5, **drawn), **parts))

    with_crystal = domain(spindle @ ORIENTATION, spindle @ axis)
    in_laboratory = domain(spindle @ ORIENTATION, axis)
    assert np.max(np.abs(with_crystal - in_laboratory)) > 0.01 * np.max(with_crystal)
    assert_same(domain(ORIENTATION, axis, rotation=rotation), with_crystal)
    program = domain(ORIENTATION, axis, rotation=rotation, model="nanobragg")
    assert_same(program, in_laboratory, tolerance=1e-9)
