"""`jaxbragg simulate` and `nanobragg-jax`: the recipe of a run.

Everything that can be refused without JAX is refused before it is imported; help and wrong options do not
even need NumPy. Rules: specs/command_line.md CLI-45 to CLI-51.
"""

import math
import os
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

from jaxbragg.cli.help import short_usage, usage
from jaxbragg.cli.options import DEFAULT_DUMP, Options
from jaxbragg.cli.resolve.words import read_words
from jaxbragg.errors import JaxbraggError, JaxbraggWarning, UsageError

if TYPE_CHECKING:
    from jaxbragg.cli.outputs import Outputs
    from jaxbragg.config.experiment import Experiment


NOT_FINITE = (
    "the image holds pixels that are not finite numbers; look for options that are far too large or too small"
)


def run_simulation(words: list[str], program: str, default_model: str) -> int:
    """Simulate one image and write its files.

    Args:
      words: the command line after the program's name.
      program: the name under which the command was called.
      default_model: the model when `-model` is not given.

    Returns:
      Exit code.

    Raises:
      JaxbraggError: the line, its files or its numbers are refused.

    Source: specs/command_line.md CLI-45.
    """
    if not words:
        print(usage(program), end="")
        raise UsageError("no options are given; see the list above")
    options, model = read_words(words, default=default_model)
    if options.help:
        print(usage(program), end="")
        return 0
    check_complete(options, model, program)
    from jaxbragg.cli.resolve.ineffective import refuse_overruled
    from jaxbragg.config.model import MODELS

    if options.img_file is None and options.mask_file is None:  # otherwise a header has its say, later
        refuse_overruled(options, options, MODELS[model])
    from jaxbragg.cli.inputs import check_inputs
    from jaxbragg.cli.outputs import check_outputs, planned_outputs

    outputs = planned_outputs(options, model)
    check_inputs(options, model)
    check_outputs(outputs)
    _run(options, model, outputs)
    return 0


def check_complete(options: Options, model: str, program: str) -> None:
    """Refuse a line without a crystal or without structure factors, which needs no looking into files.

    Args:
      options: one command line, as typed.
      model: "corrected" or "nanobragg".
      program: the name under which the command was called.

    Raises:
      UsageError: one of them is missing.

    Source: specs/command_line.md CLI-45.
    """
    missing = []
    if options.cell is None and options.matrix_file is None:
        missing.append("a unit cell is needed, -cell or -mat")
    dump = options.dump_file or (model == "nanobragg" and os.path.exists(DEFAULT_DUMP))
    if options.hkl_file is None and not options.default_f and not dump:
        missing.append("structure factors are needed, -hkl or -default_F")
    if missing:
        raise UsageError(f"{'; '.join(missing)}; {short_usage(program)}")


def _run(options: Options, model: str, outputs: "Outputs") -> None:
    """Resolve, compute, write, report."""
    from jaxbragg.cli.compilation_cache import start_jax

    start_jax(keep_compiled=not options.nocache)
    from jaxbragg.cli.compute import check_traced, compute_image
    from jaxbragg.cli.memory import check_image_memory
    from jaxbragg.cli.report import file_lines, list_line, size_line, statistics_lines
    from jaxbragg.cli.resolve.experiment import resolve
    from jaxbragg.cli.write_images import write_images
    from jaxbragg.simulation.derived import derive

    experiment = resolve(options, model=model)
    derived = derive(experiment)
    precision = options.precision or ("float64" if model == "nanobragg" else "mixed")
    _print(size_line(experiment), *list_line(options))
    if options.verbose:
        from jaxbragg.cli.long_report import long_report

        _print(*long_report(experiment, derived))
    check_image_memory(experiment.detector.pixels)
    traced = options.trace_pixel if options.trace_pixel and min(options.trace_pixel) >= 0 else None
    if options.printout or traced:
        check_traced(experiment)
    if outputs.dump is not None and not _write_dump(outputs.dump, experiment):
        outputs = replace(outputs, dump=None)
    image = compute_image(experiment, precision, progress=options.progress is not False)
    if options.printout:
        from jaxbragg.cli.printout import printout_lines

        for line in printout_lines(experiment, precision, options.printout_pixel):
            print(line)
    if traced:
        from jaxbragg.cli.trace_command import run_trace

        print(run_trace(experiment, *traced, precision=precision), end="")
    if options.verbose:
        from jaxbragg.cli.long_report import solid_angle_line
        from jaxbragg.cli.solid_angle import detector_solid_angle

        _print(solid_angle_line(detector_solid_angle(experiment, derived.setup)))
    written = write_images(image, experiment, derived, options, outputs)
    if not math.isfinite(written.statistics.mean):
        warnings.warn(NOT_FINITE, JaxbraggWarning, stacklevel=2)
    _print(*statistics_lines(written), *file_lines(outputs, written))


def _print(*lines: str) -> None:
    """Print lines, at once even into a file."""
    print(*lines, sep="\n", flush=True)


def _write_dump(path: str, experiment: "Experiment") -> bool:
    """Keep the structure factors for later runs; a failure is no reason to stop, as in the program."""
    import numpy as np

    from jaxbragg.io.fdump import write_fdump

    factors = experiment.structure_factors
    try:
        write_fdump(path, np.asarray(factors.table), factors.index_min)
    except JaxbraggError as error:
        warnings.warn(str(error), JaxbraggWarning, stacklevel=2)
        return False
    return True
