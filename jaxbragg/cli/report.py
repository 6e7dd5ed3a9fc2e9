"""The short report of a run: the lines that the program's users look for, and the files.

Rules: specs/command_line.md CLI-49; the whole report is in `long_report`.
"""

from pathlib import Path

from jaxbragg.cli.options import Options
from jaxbragg.cli.outputs import Outputs
from jaxbragg.cli.resolve.listed import listed_factors
from jaxbragg.cli.write_images import Written
from jaxbragg.config.experiment import Experiment
from jaxbragg.io.hkl import report as hkl_report
from jaxbragg.io.text import general
from jaxbragg.simulation.accumulate import samples_per_pixel

_KINDS = {
    "dump": "structure factors for later runs",
    "float": "photons per pixel, 32-bit reals",
    "int": "SMV, photons x {scale} + {offset}",
    "pgm": "picture, photons x {pgm_scale}",
    "noise": "SMV, photons with counting noise + {offset}, -seed {seed}",
    "png": "preview",
    "npy": "photons per pixel, NumPy",
}


def statistics_lines(written: Written) -> list[str]:
    """Brightest pixel, mean, scales and photons, spelled as the program spells them.

    Source: specs/command_line.md CLI-49.
    """
    found = written.statistics
    lines = [
        f"max_I = {general(found.max)}  at {general(found.position[0])} {general(found.position[1])}",
        f"mean= {general(found.mean)} rms= {general(found.rms)} rmsd= {general(found.rmsd)}",
        f"intfile_scale = {general(written.scale)}",
    ]
    if written.pgm_scale is not None:
        lines.append(f"pgm_scale = {general(written.pgm_scale)}")
    if written.noise is not None:
        noise = written.noise
        lines.append(f"{noise.photons:.0f} photons on noise image ({noise.overloads} overloads)")
    return lines


def size_line(experiment: Experiment) -> str:
    """What was computed: pixels and samples.

    Source: specs/command_line.md CLI-49.
    """
    fast, slow = experiment.detector.pixels
    steps = samples_per_pixel(experiment)
    samples = f"{steps} samples" if steps > 1 else "1 sample"
    return f"{fast} x {slow} pixels, {samples} each, model {experiment.model.name}"


def list_line(options: Options) -> list[str]:
    """What was read as structure factors, if a list was.

    Source: specs/command_line.md CLI-49.
    """
    if options.hkl_file is None or not Path(options.hkl_file).is_file():
        return []
    return [f"{options.hkl_file}: {hkl_report(listed_factors(Path(options.hkl_file)))}"]


def file_lines(outputs: Outputs, written: Written) -> list[str]:
    """One line for every file.

    Source: specs/command_line.md CLI-49.
    """
    names = outputs.named()
    facts = {
        "scale": general(written.scale),
        "offset": general(written.adc_offset),
        "pgm_scale": "" if written.pgm_scale is None else general(written.pgm_scale),
        "seed": written.seed,
    }
    width = max((len(name) for name in names.values()), default=0)
    return [f"wrote {name:<{width}}  {_KINDS[kind].format(**facts)}" for kind, name in names.items()]
