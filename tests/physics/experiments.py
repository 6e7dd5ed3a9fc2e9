"""Small experiments that the tests share, so that their compiled programs are shared too."""

import numpy as np

import jaxbragg as jb

TRICLINIC = (40.0, 50.0, 60.0, 85.0, 95.0, 105.0)
PIXELS = (12, 10)  # fast, slow


def still(**parts) -> jb.Experiment:
    """A triclinic crystal of 5 x 4 x 3 cells, constant F, a tilted detector of 12 x 10 pixels."""
    chosen = {
        "crystal": jb.CrystalConfig(cell=TRICLINIC, misset=(5, 6, 7), n_cells=(5, 4, 3)),
        "beam": jb.BeamConfig(wavelength=1.1, polarization=0.9),
        "detector": jb.DetectorConfig(
            pixels=PIXELS,
            pixel_size=0.5,
            distance=60,
            beam_x=2.1,
            beam_y=2.8,
            rotations=(3, -5, 7),
            twotheta=15,
        ),
        "structure_factors": jb.StructureFactorConfig(default_f=100.0),
        "sampling": jb.SamplingConfig(oversample=1),
    } | parts
    return jb.Experiment(**chosen)


def image(experiment: jb.Experiment) -> np.ndarray:
    """The image in float64."""
    return np.asarray(jb.simulate(experiment, precision="float64"))


def assert_same(actual, expected, tolerance=1e-12) -> None:
    """Every pixel agrees to `tolerance` of the largest one."""
    largest = np.max(np.abs(expected))
    assert largest > 0
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * largest)
