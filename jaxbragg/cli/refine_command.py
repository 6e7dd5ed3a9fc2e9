"""`jaxbragg refine ... -data FILE -refine NAME,NAME`: from a measured image back to the experiment.

Rules: specs/refinement.md REF-22.
"""

import warnings
from typing import TYPE_CHECKING

from jaxbragg.cli.refine_options import RefineOptions, split_words, usage
from jaxbragg.cli.resolve.words import read_words
from jaxbragg.cli.simulate_command import check_complete
from jaxbragg.errors import JaxbraggWarning

if TYPE_CHECKING:
    from jaxbragg.config.experiment import Experiment
    from jaxbragg.refine.group import Group
    from jaxbragg.refine.measurement import Measurement
    from jaxbragg.refine.result import Refinement


def run_refinement(words: list[str], program: str) -> int:
    """Refine an experiment against one image, print the result and write its files.

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
    experiment_words, wanted = split_words(words)
    options, model = read_words(experiment_words)
    check_complete(options, model, program)
    from jaxbragg.cli.inputs import check_inputs

    check_inputs(options, model)
    from jaxbragg.cli.compilation_cache import start_jax

    start_jax(keep_compiled=not options.nocache)
    from jaxbragg.cli.resolve.experiment import resolve
    from jaxbragg.refine.objectives import OBJECTIVES
    from jaxbragg.refine.run import refine_image
    from jaxbragg.refine.schedule import Stage
    from jaxbragg.refine.starts import Starts

    experiment = resolve(options, model=model)
    result = refine_image(
        experiment,
        _measurement(wanted, experiment),
        _groups(wanted),
        system=wanted.system,
        objective=OBJECTIVES[wanted.objective](),
        schedule=wanted.schedule,
        last=Stage(method=wanted.method, most_steps=wanted.steps),
        starts=None if wanted.starts is None else Starts(wanted.starts),
        precision=options.precision or "mixed",
        checkpoint=wanted.checkpoint,
        progress=options.progress is not False,
    )
    _report(result)
    _write(result, wanted)
    return 0


def _measurement(wanted: RefineOptions, experiment: "Experiment") -> "Measurement":
    """The image in detector units, with what the options say of it."""
    from jaxbragg.io.image import read_image
    from jaxbragg.refine.measurement import Measurement

    fast, slow = experiment.detector.pixels
    image = read_image(wanted.data, (slow, fast))
    return Measurement(
        image.values,
        gain=wanted.gain,
        offset=wanted.offset,
        readout_noise=wanted.readout_noise,
        saturation=image.largest if wanted.saturation is None else wanted.saturation,
    )


def _groups(wanted: RefineOptions) -> "list[Group]":
    """Groups of parameters by name, the background with its order."""
    from jaxbragg.refine.by_name import as_group
    from jaxbragg.refine.photon_parameters import Background

    names = [name.strip() for name in wanted.names.split(",")]
    groups = [as_group(name, wanted.system) for name in names]
    return [Background(wanted.background_order) if isinstance(g, Background) else g for g in groups]


def _report(result: "Refinement") -> None:
    """Numbers, the way there, and the options that simulate the result."""
    print(result.table())
    print(f"\nreduced chi-square {result.reduced_chi_square:.4f} over {result.n_pixels} pixels")
    print(f"{len(result.history)} steps, {result.seconds:.1f} s; {result.reasons[-1]}")
    print(f"\nrefined options: {refined_options(result.experiment)}", flush=True)
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

        plot_refinement(result).savefig(wanted.picture, dpi=120)
