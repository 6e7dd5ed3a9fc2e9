"""`jaxbragg refine ... -data FILE -refine NAME,NAME`: from measured images back to the experiments.

Rules: specs/refinement.md REF-22.
"""

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from jaxbragg.cli.options import Options
from jaxbragg.cli.refine_options import RefineOptions, split_words, usage
from jaxbragg.cli.resolve.words import read_words
from jaxbragg.cli.simulate_command import check_complete
from jaxbragg.errors import ConfigError, JaxbraggWarning

if TYPE_CHECKING:
    from jaxbragg.config.experiment import Experiment
    from jaxbragg.refine.group import Group
    from jaxbragg.refine.measurement import Measurement
    from jaxbragg.refine.result import Refinement


def run_refinement(words: list[str], program: str) -> int:
    """Refine experiments against one image each, print the result and write its files.

    Args:
      words: the command line after the program's name.
      program: the name under which the command was called.

    Returns:
      Exit code.

    Raises:
      JaxbraggError: the line, its files or its numbers are refused.

    Source: specs/refinement.md REF-22.
    """
    if any(word in ("-h", "-help", "--help") for word in words):
        print(usage(program), end="")
        return 0
    common, wanted = split_words(words)
    lines = [read_words([*common, *shot.words]) for shot in wanted.shots]
    for options, model in lines:
        check_complete(options, model, program)
    from jaxbragg.cli.inputs import check_inputs

    for options, model in lines:
        check_inputs(options, model)
    from jaxbragg.cli.compilation_cache import start_jax

    run = read_words(common)[0]
    start_jax(keep_compiled=not run.nocache, by_jax=True)
    result = _refine(lines, wanted, run)
    _report(result, wanted)
    _write(result, wanted)
    return 0


def _refine(lines: list[tuple[Options, str]], wanted: RefineOptions, run: Options) -> "Refinement":
    """Experiments, images and groups, and what becomes of them; `run` tells how to compute."""
    from jaxbragg.cli.resolve.experiment import resolve
    from jaxbragg.refine.objectives import OBJECTIVES
    from jaxbragg.refine.run import refine_shots
    from jaxbragg.refine.schedule import Stage
    from jaxbragg.refine.starts import Starts

    experiments = [resolve(options, model=model) for options, model in lines]
    return refine_shots(
        experiments,
        [_measurement(wanted, shot.data, e) for shot, e in zip(wanted.shots, experiments, strict=True)],
        _groups(wanted),
        system=wanted.system,
        objective=OBJECTIVES[wanted.objective](),
        schedule=wanted.schedule,
        last=Stage(method=wanted.method, most_steps=wanted.steps),
        starts=None if wanted.starts is None else Starts(wanted.starts),
        precision=run.precision or "mixed",
        checkpoint=wanted.checkpoint,
        progress=run.progress is not False,
    )


def _measurement(wanted: RefineOptions, file: str, experiment: "Experiment") -> "Measurement":
    """An image in detector units, with what the options say of it."""
    from jaxbragg.io.image import read_image
    from jaxbragg.refine.measurement import Measurement

    fast, slow = experiment.detector.pixels
    image = read_image(file, (slow, fast))
    return Measurement(
        image.values,
        gain=wanted.gain,
        offset=wanted.offset,
        readout_noise=wanted.readout_noise,
        saturation=image.largest if wanted.saturation is None else wanted.saturation,
    )


def _groups(wanted: RefineOptions) -> "list[Group]":
    """Groups of parameters by name, the background with its order, shared or not."""
    from jaxbragg.refine.by_name import as_group
    from jaxbragg.refine.photon_parameters import Background

    groups = [as_group(name, wanted.system) for name in _names(wanted.names)]
    groups = [Background(wanted.background_order) if isinstance(g, Background) else g for g in groups]
    shared = {as_group(name, wanted.system).name: name for name in _names(wanted.shared)}
    left = [name for full, name in shared.items() if full not in [group.name for group in groups]]
    if left:
        raise ConfigError(f"-shared names {', '.join(left)}, which -refine does not; add it there")
    return [replace(group, shared=group.name in shared) for group in groups]  # type: ignore[type-var]


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")] if text else []


def _report(result: "Refinement", wanted: RefineOptions) -> None:
    """Numbers, the way there, and the options that simulate the result."""
    print(result.table())
    print(f"\nreduced chi-square {result.reduced_chi_square:.4f} over {result.n_pixels} pixels")
    print(f"{len(result.history)} steps, {result.seconds:.1f} s; {result.reasons[-1]}\n")
    for number, (shot, experiment) in enumerate(zip(wanted.shots, result.experiments, strict=True)):
        which = "" if len(wanted.shots) == 1 else f" of shot {number} ({shot.data})"
        print(f"refined options{which}: {refined_options(experiment)}", flush=True)
    if not result.converged:
        warnings.warn(f"not converged: {result.reasons[-1]}", JaxbraggWarning, stacklevel=2)


def refined_options(experiment: "Experiment") -> str:
    """Options that give crystal and distance of an experiment; they replace an orientation matrix."""
    crystal, detector = experiment.crystal, experiment.detector
    values = {"-cell": crystal.cell, "-misset": crystal.misset, "-mosaic": [crystal.mosaic_spread]}
    if detector.close_distance is None:
        values["-distance"] = [detector.distance]
    else:
        values["-close_distance"] = [detector.close_distance]
    return " ".join(f"{name} {' '.join(f'{float(x):.9g}' for x in value)}" for name, value in values.items())


def _write(result: "Refinement", wanted: RefineOptions) -> None:
    """The files that were asked for."""
    if wanted.json is not None:
        result.write_json(wanted.json)
    if wanted.picture is not None:
        from jaxbragg.plots.refinement import plot_refinement

        for number, path in enumerate(picture_files(wanted.picture, len(wanted.shots))):
            plot_refinement(result, number).savefig(path, dpi=120)


def picture_files(name: str, shots: int) -> list[Path]:
    """A picture's file, or one for every shot with its number before the ending."""
    path = Path(name)
    if shots == 1:
        return [path]
    return [path.with_name(f"{path.stem}_{number}{path.suffix}") for number in range(shots)]
