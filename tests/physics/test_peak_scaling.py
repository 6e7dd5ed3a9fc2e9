"""How bright a reflection is: on its peak, and as a whole (Darwin's formula).

On the peak every factor is known exactly, r_e² Φ F² N² P Ω; the tolerance 1e-9 is that of putting the
pixel's centre on the peak: the index is off by 1e-13 and L² falls by (N·1e-13)².

Integrated over the rotation and over all pixels of one reciprocal cell (a table with a single reflection),
the photons are Φ r_e² F² P lambda³ n_cells/(V Δphi sin 2theta). The sum samples L², a trigonometric
polynomial of degree N-1, over a whole period more finely than 1/N, so no error comes from the tails. What
varies over the spot (P, Lorentz factor, obliquity) does so by its second moment, 0.07/N in units of an
index squared; relative to the index 3 this is 0.07/(9N) times a curvature of about 2: 2e-3 for N = 8.
Tolerance 1 %.
"""

import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.constants import CLASSICAL_ELECTRON_RADIUS_SQ as RE_SQ
from tests.physics.experiments import image

EDGE, ORDER, DISTANCE = 50.0, 3, 100.0
THETA = np.arcsin(ORDER / 2 / EDGE)  # at 1 Å
TOWARDS = DISTANCE * np.tan(2 * THETA)  # mm from the beam
FLUENCE = 1e20


def on_peak(cells=(7, 5, 3), amplitude=20.0, fluence=FLUENCE, shape="square"):
    """Photons in one pixel exactly on a reflection."""
    return image(
        jb.Experiment(
            crystal=jb.CrystalConfig(
                cell=(EDGE,) * 3 + (90,) * 3,
                n_cells=cells,
                misset=(0, -90 - np.degrees(THETA), 0),
                shape=shape,
            ),
            beam=jb.BeamConfig(fluence=fluence, polarization=0.6),
            detector=jb.DetectorConfig(
                pixels=(1, 1), pixel_size=0.1, distance=DISTANCE, beam_x=0, beam_y=-TOWARDS
            ),
            structure_factors=jb.StructureFactorConfig(default_f=amplitude),
            sampling=jb.SamplingConfig(oversample=1),
        )
    )[0, 0]


@pytest.mark.spec("SUM-1", "LAT-1", "GEO-9", "POL-1", "UNIT-6", "BEAM-3")
def test_absolute_height_of_a_peak():
    c = np.cos(2 * THETA)
    polarization = 0.5 * (1 + c**2 - 0.6 * (1 - c**2))  # scattered in the plane of the field
    solid_angle = 0.1**2 / DISTANCE**2 * c**3
    expected = RE_SQ * FLUENCE * 20.0**2 * (7 * 5 * 3) ** 2 * polarization * solid_angle
    assert on_peak() == pytest.approx(expected, rel=1e-9)


@pytest.mark.spec("LAT-1", "LAT-2")
@pytest.mark.parametrize("cells", [(1, 1, 1), (10, 10, 10), (20, 10, 5), (1000, 1, 1), (2.5, 3.5, 1)])
def test_a_peak_scales_with_the_square_of_the_number_of_cells(cells):
    ratio = on_peak(cells) / on_peak((1, 1, 1))
    assert ratio == pytest.approx(np.prod(cells) ** 2, rel=1e-9)


@pytest.mark.spec("LAT-4")
def test_a_round_crystal_peaks_lower_by_the_ratio_of_volumes():
    assert on_peak(shape="round") / on_peak() == pytest.approx(np.pi / 6, rel=1e-9)


@pytest.mark.spec("SUM-8", "BEAM-3")
def test_intensity_is_proportional_to_fluence_and_f_squared():
    assert on_peak(amplitude=60.0) == pytest.approx(9 * on_peak(), rel=1e-12)
    assert on_peak(amplitude=-20.0) == pytest.approx(on_peak(), rel=1e-12)
    assert on_peak(fluence=5e25) == pytest.approx(5e5 * on_peak(), rel=1e-12)


def integrated(cells, amplitude=20.0):
    """Photons of one reflection turning through the sphere, spindle normal to the scattering plane."""
    table = np.zeros((1, 1, 1)) + amplitude
    half_turn = np.degrees(0.6 / ORDER)  # 0.6 of an index
    experiment = jb.Experiment(
        crystal=jb.CrystalConfig(
            cell=(EDGE,) * 3 + (90,) * 3, n_cells=cells, misset=(0, 0, 90 + np.degrees(THETA))
        ),
        beam=jb.BeamConfig(fluence=FLUENCE),
        detector=jb.DetectorConfig(
            pixels=(32, 32), pixel_size=0.09, distance=DISTANCE, beam_x=TOWARDS + 1.44, beam_y=1.44
        ),
        rotation=jb.RotationConfig(phi=-half_turn, osc=2 * half_turn, steps=40),
        structure_factors=jb.StructureFactorConfig(table=table, index_min=(ORDER, 0, 0)),
        sampling=jb.SamplingConfig(oversample=1),
    )
    return image(experiment).sum(), np.radians(2 * half_turn)


@pytest.mark.spec("SUM-1", "LAT-1", "SF-1", "CRYST-8")
@pytest.mark.parametrize("cells", [(8, 8, 8), (12, 8, 8), (8, 12, 10), (12, 12, 12)])
def test_a_reflection_as_a_whole_follows_darwin(cells):
    photons, rotation = integrated(cells)
    c = np.cos(2 * THETA)
    volume = (EDGE * 1e-10) ** 3
    expected = FLUENCE * RE_SQ * 20.0**2 * (1 + c**2) / 2 * 1e-30 * np.prod(cells)
    expected /= volume * rotation * np.sin(2 * THETA)
    assert photons == pytest.approx(expected, rel=0.01)
