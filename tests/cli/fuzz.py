"""Random command lines for the commands: each must end with an exit code and one clear line on stderr.

Run as `python -m tests.cli.fuzz --runs 5000 --seed 1`; prints how many lines were carried out and refused,
and every line that ended otherwise. The image itself is computed for one line in `--computed`; the others get
a made-up one, so that everything before and after it is tried often. Lines that are computed are compiled;
for the others compilation is switched off, and what several of them need is prepared once.
"""

import argparse
import contextlib
import io
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import jax
import numpy as np

from jaxbragg.cli import compute, main, memory, nanobragg_main, printout, progress, trace_command
from jaxbragg.cli.flags import ALL_FLAGS, Flag
from jaxbragg.config.experiment import Experiment
from jaxbragg.config.tree import is_concrete
from jaxbragg.precision import PRECISIONS
from jaxbragg.simulation import derived
from jaxbragg.simulation.accumulate import number_of_steps
from jaxbragg.simulation.setup import Setup, prepare
from jaxbragg.simulation.trace import trace

TESTS = Path(__file__).parents[1]
SAMPLES = (
    "reference/files/hkl_nearest/P1.hkl",
    "reference/files/mat/A.mat",
    "reference/files/sourcefile/src.txt",
    "reference/files/mask/mask.img",
    "io/golden/header/intimage.img",
    "io/golden/hkl_dump/Fdump.bin",
)
"""Input files that lie in the folder of the runs."""

BASES = (
    "-cell 40 50 60 80 95 100 -default_F 10 -detpixels 8",
    "-cell 23 -hkl P1.hkl -N 4 -detpixels_f 9 -detpixels_s 6 -seed 3",
    "-mat A.mat -default_F 3 -mask mask.img -noisefile n.img -pgmfile p.pgm",
    "-cell 30 -default_F 3 -img intimage.img -npyfile x.npy -pngfile x.png",
    "",
)
NUMBERS = "0 -0.0 1 -1 0.5 2 3 10 90 180 1e-3 5e-324 1e20 1e300 -1e300 nan inf 0x1p3 1e5 12,5 7A".split()
WHOLE = "0 1 2 3 5 7 40 300 -1 -3 2147483647 -2147483648 1e3 99999999999999999999".split()
FILES = "P1.hkl A.mat src.txt mask.img intimage.img Fdump.bin text.txt missing no/such out.bin folder".split()
NAMES = [*FILES, "/dev/null", ".", "/", "~", "-x", "", "a b", "ä", "x\ny", "nul\0l", "long" * 100]
WORDS = ["-", "--", "-bogus", "word", "-N", "--N", "-misset", "random", "\udcff", "-1e", "--help", "-verbose"]

SLOWEST = 5.0
"""Seconds of processor time that a line may take. One that takes longer is tried again, since the first of
its kind in a process imports modules and compiles elementary operations."""


@dataclass(frozen=True)
class Failure:
    """A line that ended badly."""

    words: list[str]
    reason: str


def command_line(source: random.Random) -> list[str]:
    """A base with some options more, and sometimes damage."""
    words = source.choice(BASES).split()
    for _ in range(source.choice((0, 1, 1, 2, 3, 6))):
        words[len(words) :] = option(source, source.choice(ALL_FLAGS))
    if source.random() < 0.2:
        words += ["-model", source.choice(("corrected", "nanobragg", "both"))]
    for _ in range(source.choice((0, 0, 0, 1, 2))):
        damage(source, words)
    return words


def option(source: random.Random, flag: Flag) -> list[str]:
    """An option with values of its kinds; the value may be odd."""
    name = source.choice(flag.names)
    lists = {"float": NUMBERS, "int": WHOLE, "str": [*flag.choices, *NAMES], "misset": ["random", *NUMBERS]}
    kinds = {"cell": ("float",) * source.randrange(1, 7), "misset": ("misset",), "depth": ("float",)}
    args = [kind for arg in flag.args for kind in kinds.get(arg, (arg,))]
    return [name.text + source.choice(("", name.ending)), *(source.choice(lists.get(k, NAMES)) for k in args)]


def damage(source: random.Random, words: list[str]) -> None:
    """Remove, repeat, swap or insert words."""
    if not words:
        words.append(source.choice(WORDS))
        return
    at = source.randrange(len(words))
    kind = source.randrange(4)
    if kind == 0:
        del words[at]
    elif kind == 1:
        words.insert(at, source.choice(words))
    elif kind == 2:
        words.insert(at, source.choice(WORDS + NAMES))
    else:
        words[at] = "".join(source.sample(words[at], len(words[at])))


def made_up_image(experiment: Experiment, precision: str, *, progress: bool) -> np.ndarray:
    """In the place of a computed image: some zeros, some photons, some that no file can hold."""
    fast, slow = experiment.detector.pixels
    image = np.random.default_rng(fast * slow).exponential(30.0, (slow, fast))
    odd = np.array([0.0, -1.0, 1e5, 1e39, np.nan, np.inf, 3.0])[: image.size]
    image.flat[: len(odd)] = odd
    with np.errstate(over="ignore"):
        return image.astype(PRECISIONS[precision].narrow)


def computed_if_small(experiment: Experiment, precision: str, *, progress: bool) -> np.ndarray:
    """The image itself, unless that would take long."""
    if number_of_steps(experiment) * np.prod(experiment.detector.pixels) > 2_000_000:
        return made_up_image(experiment, precision, progress=progress)
    return _compute_image(experiment, precision, progress=progress)


_compute_image = compute.compute_image


class Prepared:
    """What no pixel changes, computed once for all lines that agree in it."""

    def __init__(self) -> None:
        self.known: dict[Any, Setup] = {}

    def __call__(self, experiment: Experiment) -> Setup:
        """In the place of `prepare`."""
        sampled = (experiment.background, experiment.sampling.dmin)
        parts = (experiment.beam, experiment.crystal, experiment.detector, experiment.rotation, *sampled)
        leaves, structure = jax.tree.flatten(parts)
        if not all(is_concrete(leaf) for leaf in leaves):
            return prepare(experiment)
        numbers = tuple((np.shape(leaf), np.asarray(leaf).tobytes()) for leaf in leaves)
        key = (experiment.model, structure, numbers)
        if key not in self.known:
            self.known[key] = prepare(experiment)
        return self.known[key]


prepare_once = Prepared()


def run(runs: int, seed: int, computed: int, counts: Counter[str], slowest: float) -> Iterator[Failure]:
    """Run random lines in the current folder; yields what must not happen."""
    source = random.Random(seed)
    for n in range(runs):
        words = command_line(source)
        prefix = source.choice((*["simulate", ""] * 10, "trace"))
        if prefix == "trace":
            words += source.choice(
                ([], ["-pixel", "2", "3"], ["-json", "-pixel", "1", "1"], ["-pixel", "-1", "9"])
            )
        compiles = computed > 0 and n % computed == 0
        reason, took = timed(words, prefix, compiles, counts)
        pixelwise = prefix == "trace" or any("print" in word or "trace" in word for word in words)
        if reason is None and took > slowest and not (compiles or pixelwise):
            reason, took = timed(words, prefix, compiles, Counter())
            if reason is None and took > slowest:
                reason = f"{took:.1f} s"
        leftovers = [str(path) for path in Path().rglob(".*.tmp")]
        if reason is None and leftovers:
            reason = f"left behind {leftovers}"
        if reason is not None:
            yield Failure([prefix, *words], reason)


def timed(words: list[str], prefix: str, compiles: bool, counts: Counter[str]) -> tuple[str | None, float]:
    """What is wrong with a run in a fresh folder, or None, and its seconds of processor time."""
    prepare_folder()
    began = time.process_time()
    reason = outcome(words, prefix, compiles, counts)
    return reason, time.process_time() - began


def prepare_folder() -> None:
    """The input files, fresh, and nothing else."""
    for path in Path().iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name in SAMPLES:
        shutil.copy(TESTS / name, ".")
    Path("text.txt").write_text("# nothing\n1 2 three\n")
    Path("folder").mkdir()


def outcome(words: list[str], prefix: str, compiles: bool, counts: Counter[str]) -> str | None:
    """What is wrong with the end of a run, or None."""
    out, err = io.StringIO(), io.StringIO()
    image = computed_if_small if compiles else made_up_image
    eager = contextlib.nullcontext() if compiles else jax.disable_jit()

    def compiled_trace(*args: Any, **keywords: Any) -> Any:
        with jax.disable_jit(False):
            return trace(*args, **keywords)

    try:
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            mock.patch.object(compute, "compute_image", image),
            mock.patch.object(progress, "DELAY", 1e6),
            mock.patch.object(printout, "trace", compiled_trace),
            mock.patch.object(trace_command, "trace", compiled_trace),
            mock.patch.object(derived, "prepare", prepare_once),
            mock.patch.object(memory, "free_memory", lambda: 1e5 * memory.BYTES_PER_PIXEL),
            eager,
        ):
            code = main([prefix, *words]) if prefix else nanobragg_main(words)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return "".join(traceback.format_exception(error))
    lines = err.getvalue().splitlines()
    errors = [line for line in lines if not line.startswith("warning: ")]
    counts["carried out" if code == 0 else "refused"] += 1
    if code not in (0, 9):
        return f"exit code {code}: {lines}"
    if len(errors) != (code != 0) or any("error: " not in line for line in errors):
        return f"exit code {code} with {lines}"
    return None


def main_of_harness() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--computed", type=int, default=50, help="one line in so many is computed; 0 is none")
    parser.add_argument("--slowest", type=float, default=SLOWEST)
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for failure in run(arguments.runs, arguments.seed, arguments.computed, counts, arguments.slowest):
            failures += 1
            print(failure.words, failure.reason, sep="\n", flush=True)
    print(dict(counts), f"{failures} failures")
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main_of_harness())
