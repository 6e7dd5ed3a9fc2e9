"""The whole command line as an experiment: the order in which everything is decided."""

import warnings
from collections.abc import Sequence
from pathlib import Path

from jaxbragg.cli.options import Options
from jaxbragg.cli.resolve.beam import beam_config
from jaxbragg.cli.resolve.crystal import crystal_config
from jaxbragg.cli.resolve.detector import detector_config
from jaxbragg.cli.resolve.headers import inherit
from jaxbragg.cli.resolve.ineffective import ineffective, refuse_overruled
from jaxbragg.cli.resolve.naming import option_names
from jaxbragg.cli.resolve.numbers import check_numbers
from jaxbragg.cli.resolve.sampling import background_config, is_empty, rotation_config, sampling_config
from jaxbragg.cli.resolve.structure_factors import structure_factor_config
from jaxbragg.cli.resolve.words import read_words
from jaxbragg.config.experiment import Experiment
from jaxbragg.config.model import MODELS, Model
from jaxbragg.errors import ConfigError, JaxbraggWarning


def from_nanobragg(
    argv: Sequence[object] | str, model: str | None = None, folder: str | Path | None = None
) -> Experiment:
    """The experiment that a command line of nanoBragg describes.

    Args:
      argv: the words, or the line as one text; a leading program name is dropped.
      model: "corrected" or "nanobragg"; None takes that of a `-model` option, else "corrected". The model
        also decides how the line is read: "nanobragg" finds options as the program does, "corrected" wants
        exact names.
      folder: where relative file names are looked up; None is the current directory.

    Returns:
      The experiment; options about output are read and dropped.

    Raises:
      UsageError: the line cannot be understood.
      ConfigError: it describes no experiment.
      FormatError: a file that it names cannot be read.

    Warns:
      JaxbraggWarning: an option without the effect it suggests.

    Source: specs/command_line.md CLI-23.
    """
    options, name = read_words(argv, model)
    return resolve(options, model=name, folder=folder)


def resolve(options: Options, *, model: str, folder: str | Path | None = None) -> Experiment:
    """The experiment that options describe; see `from_nanobragg`.

    Args:
      options: one command line, as typed.
      model: "corrected" or "nanobragg"; a model among the options is not looked at.
      folder: where relative file names are looked up; None is the current directory.

    Source: specs/command_line.md CLI-24.
    """
    if model not in MODELS:
        raise ConfigError(f"`model` must be one of {', '.join(map(repr, MODELS))}, got {model!r}")
    physics = MODELS[model]
    with option_names():
        return _resolve(options, physics, Path(folder) if folder is not None else Path())


def _resolve(options: Options, physics: Model, place: Path) -> Experiment:
    """The experiment, config by config."""
    known, mask = inherit(options, place)
    check_numbers(known)
    refuse_overruled(options, known, physics)
    detector = detector_config(known, physics)
    factors, factor_notes = structure_factor_config(known, physics, place)
    beam, beam_notes = beam_config(known, physics, place)
    crystal = crystal_config(known, place)
    rotation = rotation_config(known)
    sampling = sampling_config(known, detector.pixels, mask)
    background = background_config(known)
    notes = [*options.warnings, *ineffective(options, known, physics), *factor_notes, *beam_notes]
    if is_empty(sampling.roi):
        notes.append("-roi leaves nothing to compute; the image is all zero")
    for note in dict.fromkeys(notes):
        warnings.warn(note, JaxbraggWarning, stacklevel=4)
    return Experiment(
        crystal=crystal,
        beam=beam,
        detector=detector,
        rotation=rotation,
        structure_factors=factors,
        sampling=sampling,
        background=background,
        model=physics,
    )
