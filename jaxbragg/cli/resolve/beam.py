"""The beam: wavelength, photons, polarization, divergence and dispersion.

Rules: specs/command_line.md CLI-29 to CLI-31.
"""

from pathlib import Path
from typing import Any

from jaxbragg.cli.options import Options
from jaxbragg.cli.resolve.sources import source_list
from jaxbragg.config.beam import BeamConfig, SourceList
from jaxbragg.config.model import Model
from jaxbragg.config.step_rules import Steps, range_steps, source_grid
from jaxbragg.constants import DEFAULT_FLUENCE

DEFAULT_WAVELENGTH = 1.0
"""Å."""


def beam_config(options: Options, model: Model, folder: Path) -> tuple[BeamConfig, list[str]]:
    """The beam that options describe.

    Args:
      options: as typed, headers included.
      model: decides how a source file is read.
      folder: where relative file names are looked up.

    Returns:
      The beam, and what to tell the user.

    Source: specs/command_line.md CLI-29.
    """
    wavelength = DEFAULT_WAVELENGTH if options.wavelength is None else options.wavelength
    sources: SourceList | None = None
    notes: list[str] = []
    if options.source_file is not None:
        sources, notes = source_list(options, wavelength, model, folder)
    beam = BeamConfig(
        wavelength=wavelength,
        flux=options.flux or 0.0,
        exposure=1.0 if options.exposure is None else options.exposure,
        beamsize=0.1 if options.beamsize is None else options.beamsize,
        given_fluence=DEFAULT_FLUENCE if options.fluence is None else options.fluence,
        polarization=options.polarization or 0.0,
        no_polarization=bool(options.nopolar),
        sources=sources,
        **({} if sources is not None else _spread(options)),
    )
    return beam, notes


def _spread(options: Options) -> dict[str, Any]:
    """Divergence, dispersion and the grid of sources inside them.

    Source: specs/command_line.md CLI-30.
    """
    horizontal, divergence_h = _range(options.hdivsteps, options.hdivrange, options.hdivstep, 1000.0)
    vertical, divergence_v = _range(options.vdivsteps, options.vdivrange, options.vdivstep, 1000.0)
    wavelengths, dispersion = _range(options.dispsteps, options.dispersion or 0.0, None, 100.0)
    return {
        "divergence": (divergence_h, divergence_v),
        "dispersion": dispersion,
        "source_grid": source_grid(horizontal, vertical, wavelengths, options.round_div is not False),
    }


def _range(
    count: int | None, full_range: float | None, step: float | None, scale: float
) -> tuple[Steps, float]:
    """Sampling of a range in radians or as a fraction, and the range as typed (`scale` times larger)."""
    steps = range_steps(
        count, None if full_range is None else full_range / scale, None if step is None else step / scale
    )
    for typed in (full_range, step):  # keeps the typed digits
        if typed is not None and typed / scale == steps.range:
            return steps, typed
    return steps, steps.range * scale
