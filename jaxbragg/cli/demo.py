"""`jaxbragg demo`: an image of a real protein without any input.

The crystal is 2ERL, the pheromone Er-1, with structure factors expanded to P1 that come with the package.
"""

import shlex
from importlib.resources import as_file, files

from jaxbragg.cli.simulate_command import run_simulation

CRYSTAL = "-cell 53.91 23.10 23.10 90 110.4 90 -misset 12 4 70 -Na 10 -Nb 24 -Nc 24 -nointerpolate"
MOSAIC = "-mosaic 0.5 -mosaic_domains 40"
BEAM = "-lambda 1 -flux 1e13 -exposure 1 -beamsize 0.0003 -polar 0.95"
DETECTOR = "-distance 130 -detpixels 1024 -pixel 0.172 -oversample 1"
ROTATION = "-phi 0 -osc 4 -phisteps 16"
BACKGROUND = "-water 0.2"
FILES = "-pngfile demo.png -floatfile demo.bin -intfile demo.img -noisefile demo_noise.img -seed 1"
"""Options of the demonstration; what is typed after `jaxbragg demo` comes last and holds."""

_INTRODUCTION = """\
2ERL, a protein of 40 residues: a block of 10 x 24 x 24 cells in 40 mosaic domains (0.5 degrees), turned by 4
degrees in a polarized beam of 1 Å (10¹³ photons into 0.3 µm), with scatter of 0.2 µm of water.
"""


def run_demo(words: list[str], program: str) -> int:
    """Simulate the demonstration.

    Args:
      words: further options, usually none.
      program: the name under which the command was called.

    Returns:
      Exit code.

    Source: specs/command_line.md CLI-52.
    """
    options = shlex.split(" ".join((CRYSTAL, MOSAIC, BEAM, DETECTOR, ROTATION, BACKGROUND, FILES)))
    with as_file(files("jaxbragg") / "data" / "2erl_P1.hkl.gz") as hkl:
        line = ["-hkl", str(hkl), *options, *words]
        is_help = any(word in ("-h", "-help", "--help") for word in words)
        if not is_help:
            print(_INTRODUCTION, flush=True)
        code = run_simulation(line, program, "corrected")
        if code == 0 and not is_help:
            print(_next_steps(line))
    return code


def _next_steps(line: list[str]) -> str:
    """What to do with the result."""
    return f"""
Look at demo.png: dark spots, resolution rings in Å, a cross where the beam hits.
To change something, start from this line (`jaxbragg simulate -h` explains it):

  jaxbragg simulate {shlex.join(line)}"""
