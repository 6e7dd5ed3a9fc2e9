"""Sources from a file: what missing columns stand for, and metres to Å.

Rules: specs/command_line.md CLI-31.
"""

from pathlib import Path

import numpy as np

from jaxbragg.cli.options import Options
from jaxbragg.cli.resolve.frame import convention_of
from jaxbragg.config.beam import SourceList
from jaxbragg.config.choices import Convention
from jaxbragg.config.model import CORRECTED, Model
from jaxbragg.constants import SOURCE_DISTANCE
from jaxbragg.geometry.axes import AXES
from jaxbragg.io.sources import LONGEST_WAVELENGTH, SourceTable, read_sources
from jaxbragg.io.text import format_error
from jaxbragg.shapes import HostArray


def source_list(
    options: Options, wavelength: float, model: Model, folder: Path
) -> tuple[SourceList, list[str]]:
    """The sources of the file that options name.

    Args:
      options: name of the file; convention and beam vector, for missing positions.
      wavelength: of sources that tell none, Å.
      model: the corrected model reads strictly, the other one as the program does.
      folder: where relative file names are looked up.

    Returns:
      The sources, and what to tell the user.

    Raises:
      FormatError: the file cannot be read.
      ConfigError: it holds what cannot be a source.

    Source: specs/command_line.md CLI-31.
    """
    path = folder / str(options.source_file)
    table = read_sources(path, lenient=model != CORRECTED)
    positions = np.where(np.isnan(table.positions), _default_position(options), table.positions)
    weights, notes = _weights(table, model, path)
    if model != CORRECTED and np.any(table.wavelengths > LONGEST_WAVELENGTH):
        longest = np.nanmax(table.wavelengths)
        notes.append(
            f"{path}: the wavelength {longest:g} is taken in metres; "
            f"if Å was meant, write {longest * 1e-10:g}"
        )
    with np.errstate(over="ignore"):
        lengths = np.where(np.isnan(table.wavelengths), wavelength, table.wavelengths * 1e10)
    if model != CORRECTED:
        _check_rows(positions, lengths, path)
    return SourceList(positions=positions, wavelengths=lengths, weights=weights), notes


def _check_rows(positions: HostArray, lengths: HostArray, path: Path) -> None:
    """Refuse rows that are no source, such as the zeros that the program makes of comments."""
    for n, (position, length) in enumerate(zip(positions, lengths, strict=True)):
        if not (np.any(position) and 0 < length < np.inf):
            raise format_error(
                path,
                None,
                "a direction and a positive wavelength for every source",
                f"X Y Z {' '.join(f'{x:g}' for x in position)} and {length * 1e-10:g} m for source {n + 1}",
                "remove comments and DOS line ends, which the program reads as 0, or use -model corrected",
            )


def _default_position(options: Options) -> HostArray:
    """Ten metres upstream; column by column it stands in for what a line does not tell."""
    convention = convention_of(options)
    beam = np.array(AXES[convention].beam)
    if convention is Convention.CUSTOM and options.beam_vector is not None and any(options.beam_vector):
        beam = np.array(options.beam_vector)
    return np.asarray(-SOURCE_DISTANCE * beam / np.linalg.norm(beam))


def _weights(table: SourceTable, model: Model, path: Path) -> tuple[HostArray, list[str]]:
    """Weights, 1 where missing; the program never uses them, so that there they may be anything."""
    weights = np.where(np.isnan(table.weights), 1.0, table.weights)
    if not model.equal_source_weights:
        return weights, []
    notes = []
    if np.any(weights != weights[0]):
        notes = [f"{path}: the weights have no effect in the nanobragg model; use -model corrected"]
    usable = np.all(np.isfinite(weights) & (weights >= 0)) and np.any(weights > 0)
    return (weights if usable else np.ones_like(weights)), notes
