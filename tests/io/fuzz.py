"""Damaged files for every reader: each must either be read or be refused with a JaxbraggError.

Run as `python -m tests.io.fuzz --runs 20000 --seed 1`; prints how many files each reader took and refused,
and leaves every file that broke a reader in the folder `--keep`.
"""

import argparse
import gzip
import random
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jaxbragg.errors import JaxbraggError, JaxbraggWarning
from jaxbragg.io import fdump, floats, hkl, mask, mosflm, smv, sources, stol

GOLDEN = Path(__file__).parent / "golden"
HKL = (GOLDEN / "hkl_dump" / "a.hkl").read_bytes()
FDUMP = (GOLDEN / "hkl_dump" / "Fdump.bin").read_bytes()
SMV = (GOLDEN / "header" / "intimage.img").read_bytes()
MASK = (GOLDEN / "mask_negative_seed" / "m.img").read_bytes()
FLOATS = (GOLDEN / "header" / "floatimage.bin").read_bytes()
MATRIX = b"-0.0047 0.0109 0.0031\n0.0127 0.0041 0.0022\n0.0015 0.0028 -0.0119\n 0.0 0.0 0.0\n"
SOURCES = b"# sources\n-10 0 0.1 2 1.5e-10\n-10, 0; 0\n-10 1:0 ! 1\r\n-10 0 0 nan nan"
STOL = b"# water\n0 2.57\n0.1 2.6 extra\n0.2 3.1\n"

LARGEST_GRID = 10**6
NUMBERS = [
    b"0",
    b"-1",
    b"1e400",
    b"-1e308",
    b"nan",
    b"inf",
    b"2147483648",
    b"99999999999999999999",
    b"1e-320",
    b"0.5",
]
WORDS = [
    b"\0",
    b"\n",
    b"\r\n",
    b"\f",
    b"#",
    b"{\n",
    b"}\f",
    b"=",
    b";",
    b",",
    b"_",
    b"\xff\xfe",
    b"\x1f\x8b",
    b" " * 300,
]


@dataclass(frozen=True)
class Target:
    """A reader, what is done with its result, and files that it reads."""

    name: str
    use: Callable[[Path], object]
    samples: tuple[bytes, ...]


def use_hkl(path: Path) -> None:
    table = hkl.read_hkl(path)
    hkl.report(table)
    if table.shape[0] * table.shape[1] * table.shape[2] <= LARGEST_GRID:
        table.grid(1.0)


def use_smv(path: Path) -> None:
    image = smv.read_smv(path)
    for keyword in ("PIXEL_SIZE", "DISTANCE", "PHI", "SIZE1", "BYTE_ORDER", "ABSENT"):
        image.value(keyword)


TARGETS = [
    Target("hkl", use_hkl, (HKL, b"# h k l F\n1 2 3 4.5 0.1\r\n-1 0 0 6", gzip.compress(HKL))),
    Target("fdump", lambda path: fdump.read_fdump(path).values, (FDUMP, gzip.compress(FDUMP))),
    Target("fdump (mimic)", lambda path: fdump.read_fdump(path, skip_whitespace=True), (FDUMP,)),
    Target("matrix", mosflm.read_matrix, (MATRIX, b"1 0 0 0 1 0 0 0 1")),
    Target("sources", lambda path: sources.read_sources(path, lenient=False), (SOURCES,)),
    Target("sources (lenient)", lambda path: sources.read_sources(path, lenient=True), (SOURCES,)),
    Target("stol", stol.read_stol, (STOL,)),
    Target(
        "smv", use_smv, (SMV, MASK, SMV.replace(b"little_endian;", b"big_endian;   "), gzip.compress(SMV))
    ),
    Target("mask", lambda path: mask.read_mask(path, (20, 26)), (MASK,)),
    Target("floats", lambda path: floats.read_float_image(path, (4, 3)), (FLOATS,)),
]


def flipped(data: bytearray, rng: random.Random) -> None:
    """Changes some bytes."""
    for _ in range(rng.randint(1, 8)):
        if data:
            data[rng.randrange(len(data))] = rng.randrange(256)


def cut(data: bytearray, rng: random.Random) -> None:
    """Ends too early."""
    del data[rng.randint(0, len(data)) :]


def removed(data: bytearray, rng: random.Random) -> None:
    """Lacks a piece in the middle."""
    start = rng.randint(0, len(data))
    del data[start : start + rng.randint(1, 30)]


def repeated(data: bytearray, rng: random.Random) -> None:
    """Has a piece twice."""
    start, place = rng.randint(0, len(data)), rng.randint(0, len(data))
    data[place:place] = data[start : start + rng.randint(1, 200)]


def renumbered(data: bytearray, rng: random.Random) -> None:
    """Has another number where one stood."""
    places = [i for i, byte in enumerate(data) if chr(byte).isdigit()]
    if places:
        start = end = rng.choice(places)
        while end < len(data) and chr(data[end]) in "0123456789.":
            end += 1
        data[start:end] = rng.choice([*NUMBERS, str(rng.randint(-(10**9), 10**9)).encode()])


def inserted(data: bytearray, rng: random.Random) -> None:
    """Has a troublesome piece in the middle."""
    place = rng.randint(0, len(data))
    data[place:place] = rng.choice([*NUMBERS, *WORDS])


def noise(data: bytearray, rng: random.Random) -> None:
    """Is something else altogether."""
    data[:] = rng.randbytes(rng.choice([0, 1, 2, 10, 600]))


MUTATIONS = [flipped, flipped, cut, removed, repeated, renumbered, renumbered, inserted, inserted, noise]


def damaged(sample: bytes, rng: random.Random) -> bytes:
    """A file made from a good one by one to three mutations; gzip files are sometimes damaged inside."""
    inside = sample.startswith(b"\x1f\x8b") and rng.random() < 0.5
    data = bytearray(gzip.decompress(sample) if inside else sample)
    for _ in range(rng.randint(1, 3)):
        rng.choice(MUTATIONS)(data, rng)
    return gzip.compress(bytes(data)) if inside else bytes(data)


def outcome(target: Target, path: Path) -> str | None:
    """What is wrong with the reader's behaviour, or None; raises the JaxbraggError of a refused file."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", JaxbraggWarning)
        try:
            target.use(path)
        except JaxbraggError as error:
            text = str(error)
            if "\n" in text or not text.startswith(str(path)) or len(text) > 500:
                return f"the error text does not begin with the path, is long or has several lines: {text!r}"
            raise
        except Exception:
            return traceback.format_exc()
    return None


def run(
    runs: int, seed: int, folder: Path, counts: Counter[tuple[str, str]]
) -> Iterator[tuple[str, bytes, str]]:
    """Tries damaged files on all readers in turn; yields reader, file and complaint of every failure."""
    rng = random.Random(seed)
    path = folder / "file"
    for i in range(runs):
        target = TARGETS[i % len(TARGETS)]
        data = damaged(rng.choice(target.samples), rng)
        path.write_bytes(data)
        try:
            complaint = outcome(target, path)
        except JaxbraggError:
            counts[target.name, "refused"] += 1
            continue
        counts[target.name, "read"] += 1
        if complaint is not None:
            yield target.name, data, complaint


def main() -> int:
    """Runs the harness from the command line; the exit status is the number of failures, at most 100."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20000, help="number of damaged files")
    parser.add_argument("--seed", type=int, default=1, help="seed of the damage")
    parser.add_argument(
        "--keep", type=Path, default=Path("fuzz_failures"), help="folder for the files that fail"
    )
    options = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, data, complaint in run(options.runs, options.seed, Path(folder), counts):
            failures += 1
            options.keep.mkdir(exist_ok=True)
            (options.keep / f"{failures}_{name.replace(' ', '_')}").write_bytes(data)
            print(f"--- {name}\n{complaint}")
    for target in TARGETS:
        print(
            f"{target.name:20} read {counts[target.name, 'read']:6} refused "
            f"{counts[target.name, 'refused']:6}"
        )
    print(f"{failures} failures in {options.runs} runs, seed {options.seed}")
    return min(failures, 100)


if __name__ == "__main__":
    sys.exit(main())
