"""Solid angles: the inverse square of the distance, and the sum over a detector against the solid angle of
a rectangle.

One unit cell with F = 1, no polarization and the default fluence scatters one photon per steradian, so that
the image is the solid angle of each pixel. A rectangle seen from height z above its plane has the solid
angle sum of ± arctan(x y/(z sqrt(x² + y² + z²))) over its corners. Tolerance: the midpoint rule for pixels
of edge p is off by p²/24 times the Laplacian of cos³/z²; integrated over the plane this is below (p/z)²/4
of the sum.
"""

import numpy as np
import pytest

import jaxbragg as jb
from tests.physics.experiments import assert_same, image

PIXELS = (48, 40)


def solid_angles(**detector):
    chosen = {
        "org_x": 24.5,
        "org_y": 20.5,
        "pixels": PIXELS,
        "pixel_size": 1.0,
        "close_distance": 50.0,
        "convention": "xds",
    } | detector
    return image(
        jb.Experiment(
            crystal=jb.CrystalConfig(cell=(1, 1, 1, 90, 90, 90)),
            beam=jb.BeamConfig(no_polarization=True),
            detector=jb.DetectorConfig(**chosen),
            structure_factors=jb.StructureFactorConfig(default_f=1.0),
            sampling=jb.SamplingConfig(oversample=1),
        )
    )


def rectangle(org_x, org_y, height):
    """Solid angle of the whole detector whose nearest point is at a place given in pixels of 1 mm."""
    x = np.array([-(org_x - 0.5), PIXELS[0] - (org_x - 0.5)])
    y = np.array([-(org_y - 0.5), PIXELS[1] - (org_y - 0.5)])
    corners = [
        sx * sy * np.arctan(a * b / (height * np.sqrt(a**2 + b**2 + height**2)))
        for sx, a in zip((-1, 1), x, strict=True)
        for sy, b in zip((-1, 1), y, strict=True)
    ]
    return sum(corners)


@pytest.mark.spec("GEO-9", "GEO-4", "UNIT-4", "UNIT-6")
@pytest.mark.parametrize(
    ("org_x", "org_y", "rotations", "twotheta"),
    [
        (24.5, 20.5, (0, 0, 0), 0),
        (3.0, 50.0, (0, 0, 0), 0),
        (10.0, 20.0, (20, -30, 40), 25),
        (24.5, 20.5, (0, 160, 0), 0),
    ],
)
@pytest.mark.parametrize("height", [30.0, 200.0])
def test_pixels_add_up_to_the_rectangle(org_x, org_y, rotations, twotheta, height):
    omega = solid_angles(
        close_distance=height, org_x=org_x, org_y=org_y, rotations=rotations, twotheta=twotheta
    )
    assert omega.sum() == pytest.approx(rectangle(org_x, org_y, height), rel=1 / height**2 / 4)


@pytest.mark.spec("GEO-9")
def test_distance_acts_by_its_square_far_away():
    near, far = (solid_angles(close_distance=d, pixel_size=1e-3) for d in (1000.0, 2000.0))
    np.testing.assert_allclose(near / far, 4.0, rtol=1e-8)


@pytest.mark.spec("GEO-9")
def test_a_detector_scaled_with_its_distance_looks_the_same():
    assert_same(solid_angles(close_distance=150.0, pixel_size=3.0), solid_angles())
