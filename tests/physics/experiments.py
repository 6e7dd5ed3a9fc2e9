"""Small experiments that the tests share, so that they share compiled programs too.

Compiling takes a hundred times longer than the image, and every choice that is not a number makes another
program. So the shared experiment has all optional numbers (table, mask, dmin, water) present from the start.
"""

import numpy as np

import jaxbragg as jb

TRICLINIC = (40.0, 50.0, 60.0, 85.0, 95.0, 105.0)
PIXELS = (12, 10)  # fast, slow
WAVELENGTH = 1.1
CELLS = (5, 4, 3)


def turn(axis, degrees) -> np.ndarray:
    """Rotation matrix about a vector."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def reciprocal_vectors(cell=TRICLINIC) -> np.ndarray:
    """a*, b*, c* as columns, 1/Å, by Cholesky: not jaxbragg's orientation of a cell."""
    cosines = np.cos(np.radians(cell[3:]))
    metric = np.array([[1, cosines[2], cosines[1]], [cosines[2], 1, cosines[0]], [cosines[1], cosines[0], 1]])
    return np.linalg.inv(np.linalg.cholesky(metric * np.outer(cell[:3], cell[:3])))


ORIENTATION = turn((1, 2, 3), 40.0) @ reciprocal_vectors()
"""Columns a*, b*, c* of the shared crystal, 1/Å."""


def crystal(orientation=ORIENTATION, n_cells=CELLS, **fields) -> jb.CrystalConfig:
    """The shared crystal, by its orientation matrix."""
    return jb.CrystalConfig(matrix=np.asarray(orientation) * WAVELENGTH, n_cells=n_cells, **fields)


def factors(table, default_f=3.0) -> jb.StructureFactorConfig:
    """Structure factors for indices -10 to 10."""
    full = np.broadcast_to(np.asarray(table, float), (21, 21, 21))
    return jb.StructureFactorConfig(table=full, index_min=(-10, -10, -10), default_f=default_f)


RANDOM = np.random.default_rng(7).uniform(1, 100, size=(21, 21, 21))


def detector(fine: int = 1, **fields) -> jb.DetectorConfig:
    """The shared tilted detector; `fine` cuts its pixels into fine x fine and keeps it where it is.

    MOSFLM counts the beam centre from half a pixel inside, so that smaller pixels need another centre.
    """
    inside = 0.25 - 0.25 / fine
    chosen = {
        "distance": 60,
        "beam_x": 2.1 + inside,
        "beam_y": 2.8 + inside,
        "rotations": (3, -5, 7),
        "twotheta": 15,
    }
    pixels = (fine * PIXELS[0], fine * PIXELS[1])
    return jb.DetectorConfig(**{"pixels": pixels, "pixel_size": 0.5 / fine} | chosen | fields)


def sampling(**fields) -> jb.SamplingConfig:
    """One point per pixel, every pixel, no resolution limit."""
    return jb.SamplingConfig(**{"oversample": 1, "dmin": 0.0, "mask": np.ones(PIXELS[::-1])} | fields)


def still(**parts) -> jb.Experiment:
    """A triclinic crystal of 5 x 4 x 3 cells with random F, a tilted detector of 12 x 10 pixels, no water."""
    chosen = {
        "crystal": crystal(),
        "beam": jb.BeamConfig(wavelength=WAVELENGTH, polarization=0.9),
        "detector": detector(),
        "structure_factors": factors(RANDOM),
        "sampling": sampling(),
        "background": jb.BackgroundConfig(water=0.0),
    } | parts
    return jb.Experiment(**chosen)


def isotropic(**parts) -> jb.Experiment:
    """One unit cell of 1 Å with F = 1: at the default fluence one photon per steradian, times P."""
    return still(
        crystal=crystal(np.eye(3), (1, 1, 1)), structure_factors=factors(1.0, default_f=1.0), **parts
    )


def image(experiment: jb.Experiment) -> np.ndarray:
    """The image in float64."""
    return np.asarray(jb.simulate(experiment, precision="float64"))


def assert_same(actual, expected, tolerance=1e-12) -> None:
    """Every pixel agrees to `tolerance` of the largest one."""
    largest = np.max(np.abs(expected))
    assert largest > 0
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * largest)
