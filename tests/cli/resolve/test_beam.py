"""Photons, polarization, divergence and dispersion."""

import pytest

from jaxbragg.errors import ConfigError
from tests.cli.resolve.lines import BOTH, SMALL, made, refused


@pytest.mark.spec("CLI-29")
@BOTH
def test_beam_without_options(model: str) -> None:
    beam = made(SMALL, model).beam
    assert (beam.wavelength, beam.polarization, beam.no_polarization, beam.beamsize) == (1, 0, False, 0.1)
    assert float(beam.fluence) == 125932015286227086360700780544.0


@pytest.mark.spec("CLI-29")
@BOTH
@pytest.mark.parametrize(
    ("typed", "fluence"),
    [
        ("-fluence 1e20 -flux 1e12 -exposure 2 -beamsize 0.05", 8e20),
        ("-flux 1e12 -exposure 0 -fluence 1e20", 1e20),
        ("-flux 1e12 -exposure -1", 125932015286227086360700780544.0),
        ("-flux 1e12 -beamsize -1 -fluence 3", 3),
        ("-fluence 1e20 -exposure 3", 1e20),
    ],
)
def test_fluence(typed: str, fluence: float, model: str) -> None:
    assert float(made(f"{SMALL} {typed}", model).beam.fluence) == pytest.approx(fluence, rel=1e-15)


@pytest.mark.spec("CLI-29")
@BOTH
def test_later_of_polar_and_nopolar(model: str) -> None:
    beam = made(SMALL + " -nopolar -polar 0.5", model).beam
    assert (beam.no_polarization, beam.polarization) == (False, 0.5)
    assert made(SMALL + " -polar 0.5 -nopolar", model).beam.no_polarization


@pytest.mark.spec("CLI-29", "CLI-42")
@BOTH
@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("-lambda -1", "-lambda (-energy) must be positive and finite, got -1 Å"),
        ("-energy 0", "-lambda (-energy) must be positive and finite, got inf Å"),
        ("-flux -1", "-flux must be zero or positive, and finite, got -1 photons/s"),
        ("-fluence -1", "-fluence must be zero or positive, and finite, got -1 photons/m²"),
        ("-flux 1e12 -beamsize 0", "-beamsize must not be 0 mm when flux and exposure are given"),
        ("-polar 99", "-polar must be between -1 and 1, got 99"),
        ("-water -1", "-water must be zero or positive, and finite, got -1 µm"),
    ],
)
def test_beams_that_cannot_be(typed: str, text: str, model: str) -> None:
    assert refused(f"{SMALL} {typed}", ConfigError, model).startswith(text)


@pytest.mark.spec("CLI-30")
@BOTH
@pytest.mark.parametrize(
    ("typed", "count", "divergence", "dispersion"),
    [
        ("", 1, (0, 0), 0),
        ("-divergence 2 -divsteps 3", 5, (2, 2), 0),
        ("-divergence 2 -divsteps 3 -square_div", 9, (2, 2), 0),
        ("-divergence 2 -divsteps 4", 12, (2, 2), 0),
        ("-hdivrange 2", 2, (2, 0), 0),
        ("-vdivstep 3 -vdivsteps 5", 2, (0, 3), 0),
        ("-hdivsteps 3", 3, (1000, 0), 0),
        ("-hdivrange -2", 1, (0, 0), 0),
        ("-dispersion 0.9", 2, (0, 0), 0.9),
        ("-dispersion 0.9 -dispsteps 4", 4, (0, 0), 0.9),
        ("-dispersion -0.9 -dispsteps 4", 4, (0, 0), 100),
        ("-dispsteps 4", 1, (0, 0), 0),
    ],
)
def test_divergence_and_dispersion(
    typed: str, count: int, divergence: tuple[float, float], dispersion: float, model: str
) -> None:
    beam = made(f"{SMALL} {typed}", model).beam
    assert len(beam.source_grid) == count
    assert beam.divergence.tolist() == list(divergence)
    assert beam.dispersion == dispersion


@pytest.mark.spec("CLI-30")
def test_round_beam_without_any_source() -> None:
    axis = "-{0}divrange 10 -{0}divstep 0.01 -{0}divsteps 3"
    text = refused(f"{SMALL} {axis.format('h')} {axis.format('v')}", ConfigError)
    assert text.startswith("a round beam must keep at least one source")
