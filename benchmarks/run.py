"""The runner: `python -m benchmarks.run --cases W1 W3 --output FILE.json` (README.md has all of it).

For every case, jaxbragg in each precision and every rival whose path is given compute the same image in
processes of their own and in turns. Standard library only, but for the comparison of images at the end.
"""

import argparse
import functools
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from benchmarks.compare import report
from benchmarks.machine import ROOT, Patience, describe_commit, describe_machine, load, now, use_cores
from benchmarks.rivals.nanobragg import NanoBragg
from benchmarks.turns import Contestant, ContestantFailedError, Worker
from benchmarks.workload import Case, load_cases, write_files

OPERATIONS_PER_SAMPLE = 75
"""Arithmetic instructions of one sample of a square block without a table.

Of about 110 additions, multiplications, roundings, comparisons and selections some 35 pairs fuse."""

TORCH_DTYPES = ("float32", "float64")

GRADIENTS = ("gradient", "gradient of all", "gradient with table", "derivative images")
"""What `ours.py` derives; by the table where there is one."""


def main(words: Sequence[str] | None = None) -> dict[str, Any]:
    """Run what the command line asks for; returns what the JSON file holds."""
    options = _parser().parse_args(words)
    try:
        cases = load_cases(options.cases)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    use_cores(options.threads)
    absent = _absent(options)
    for reason in absent.values():
        _say(reason)
    result: dict[str, Any] = {
        "date": now(),
        **describe_commit(),
        "machine": describe_machine(),
        "load_before": load(),
        "settings": {
            "repeats": options.repeats,
            "turn_seconds": options.turn_seconds,
            "budget_seconds": options.budget_seconds,
            "patience_seconds": options.patience_seconds,
            "keep_memory": options.keep_memory,
        },
        "note": options.note,
        "absent": absent,
        "operations_per_sample": OPERATIONS_PER_SAMPLE,
        "cases": {},
    }
    limits = [probe(options.probe_seconds)]
    for case in cases:
        _say(f"{case.name}: {case.title}")
        result["cases"][case.name] = _run_case(case, options)
    limits.append(probe(options.probe_seconds))
    result["operations_per_s"] = {dtype: max(limit[dtype] for limit in limits) for dtype in limits[0]}
    result["load_after"] = load()
    _add_fractions(result)
    if options.output is not None:
        options.output.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(report([(options.output.stem if options.output else "", result)]))
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    add = parser.add_argument
    add(
        "--cases",
        nargs="*",
        default=[],
        help="names or beginnings of names in cases/, or JSON files; none: all",
    )
    add("--precision", nargs="+", default=["mixed", "float64"], help="policies of jaxbragg.simulate")
    add("--repeats", type=int, default=7, help="turns of every contestant")
    add(
        "--turn-seconds", type=float, default=0.1, help="a turn is repeated calls for this time, at least one"
    )
    add(
        "--budget-seconds", type=float, default=20, help="no further turn for a contestant that had this long"
    )
    add("--probe-seconds", type=float, default=2, help="time to find the machine's limit, per dtype")
    add(
        "--patience-seconds",
        type=float,
        default=0,
        help="waiting for an idle machine, per case, before turns",
    )
    add("--threads", type=int, default=os.cpu_count(), help="cores for every contestant")
    add(
        "--gradients",
        nargs="*",
        metavar="KIND",
        choices=GRADIENTS,
        help=f"time derivatives too: {', '.join(map(repr, GRADIENTS))}; none named: all",
    )
    add(
        "--keep-memory",
        action="store_true",
        help="let jaxbragg's processes begin with jaxbragg.keep_memory()",
    )
    add("--nanobragg", type=Path, help="executable of the C program")
    add("--torch-peer", help="PYTHONPATH under which nanobrag_torch is found")
    add("--torch-python", default=sys.executable, help="Python that has torch")
    add("--note", default="", help="free text for the result, such as how the rivals were built")
    add("--output", type=Path, help="JSON file")
    return parser


def _absent(options: argparse.Namespace) -> dict[str, str]:
    """Rivals that will not run, and why."""
    absent = {}
    if options.nanobragg is None:
        absent["nanobragg"] = "nanobragg is absent: no --nanobragg PATH was given"
    if options.torch_peer is None:
        absent["torch"] = "the torch peer is absent: no --torch-peer PYTHONPATH was given"
    return absent


def _run_case(case: Case, options: argparse.Namespace) -> dict[str, Any]:
    """One case: the images in turns, then the gradients in turns with the images."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        write_files(case, folder)
        patience = Patience(options.patience_seconds)
        worker = functools.partial(our_worker, case, folder, keep_memory=options.keep_memory)
        images = [worker(precision, "image") for precision in options.precision]
        for contestant in images:
            stack.enter_context(closing(contestant))
        entries = _race([*images, *_rivals(case, folder, options)], options, folder, patience)
        result = {
            "title": case.title,
            "argv": list(case.argv),
            "targets": case.targets,
            **_shared_facts(entries),
            "contestants": entries,
            "ratios": _ratios(entries, options.precision),
        }
        _add_differences(entries, folder)
        if options.gradients is not None:
            whats = kinds_of_derivatives(case, options.gradients)
            gradients = [worker(p, what) for p in options.precision for what in whats]
            if options.torch_peer is not None:  # in float32 its gradients have no right digit
                gradients.append(_torch_worker(case, folder, "float64", "gradient", options))
            everyone = [*images, *gradients]
            result["gradients"] = _race(everyone, options, folder, patience, prepared=len(images))
        result["others_busy"] = statistics.median(patience.busy) if patience.busy else None
    return result


def kinds_of_derivatives(case: Case, named: Sequence[str]) -> list[str]:
    """Those that are named, or all of them, but for a table that is not there."""
    has_table = "-hkl" in case.argv
    return [kind for kind in named or GRADIENTS if has_table or "table" not in kind]


def our_worker(case: Case, folder: Path, precision: str, what: str, *, keep_memory: bool = False) -> Worker:
    name = f"jaxbragg {precision}" + ("" if what == "image" else f" {what}")
    request = {
        "argv": case.argv,
        "folder": str(folder),
        "precision": precision,
        "what": what,
        "keep_memory": keep_memory,
    }
    command = [sys.executable, "-m", "benchmarks.ours"]
    # on a GPU contestants are open side by side, and JAX would give the first one nearly all of its memory
    environment = {"PYTHONPATH": _python_path(), "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    return Worker(name, command, environment, request)


def _rivals(case: Case, folder: Path, options: argparse.Namespace) -> list[Contestant]:
    found: list[Contestant] = []
    if options.nanobragg is not None:
        found.append(NanoBragg(options.nanobragg, case.argv, folder, options.threads))
    if options.torch_peer is not None:
        found.extend(_torch_worker(case, folder, dtype, "image", options) for dtype in TORCH_DTYPES)
    return found


def _torch_worker(case: Case, folder: Path, dtype: str, what: str, options: argparse.Namespace) -> Contestant:
    name = f"torch {dtype}" + ("" if what == "image" else f" {what}")
    request = {
        "argv": case.argv,
        "folder": str(folder),
        "dtype": dtype,
        "threads": options.threads,
        "what": what,
    }
    environment = {
        "PYTHONPATH": os.pathsep.join([str(ROOT), options.torch_peer]),
        "OMP_NUM_THREADS": str(options.threads),
        "TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1",
    }
    if what == "gradient":
        environment["NANOBRAGG_DISABLE_COMPILE"] = "1"
    command = [options.torch_python, "-m", "benchmarks.rivals.torch_peer"]
    return Worker(name, command, environment, request)


def _python_path() -> str:
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


def _race(
    contestants: Sequence[Contestant],
    options: argparse.Namespace,
    folder: Path,
    patience: Patience,
    prepared: int = 0,
) -> dict[str, Any]:
    """Warm up all contestants, then let them take turns; the first `prepared` are warm and stay open."""
    entries: dict[str, Any] = {}
    for number, contestant in enumerate(contestants):
        contestant.calls.clear()
        patience.wait()
        entries[contestant.name] = {} if number < prepared else _asked(contestant.prepare)
        for reason in filter(None, [entries[contestant.name].get("failed")]):
            _say(f"  {contestant.name}: {reason}")
    for _ in range(options.repeats):
        for contestant in contestants:
            entry = entries[contestant.name]
            if "failed" not in entry and sum(contestant.calls) < options.budget_seconds:
                patience.wait()
                entry.update(_asked(lambda c=contestant: _add_turn(c, options.turn_seconds)))
    for number, contestant in enumerate(contestants):
        entry = entries[contestant.name]
        entry.update(statistics_of(contestant.calls))
        if "failed" not in entry and number >= prepared:
            entry.update(_asked(lambda c=contestant: c.finish(folder / f"{c.name}.raw")))
        if not contestant.name.startswith("jaxbragg") or number >= prepared > 0:
            contestant.close()
    return entries


def _asked(question: Any) -> dict[str, Any]:
    """The answer, or why there is none."""
    try:
        answer: dict[str, Any] = question()
    except (ContestantFailedError, OSError) as error:
        return {"failed": str(error)}
    return answer


def _add_turn(contestant: Contestant, seconds: float) -> dict[str, Any]:
    contestant.calls.extend(contestant.turn(seconds))
    return {}


def statistics_of(calls: Sequence[float]) -> dict[str, Any]:
    if not calls:
        return {}
    return {
        "calls": len(calls),
        "min_s": min(calls),
        "median_s": statistics.median(calls),
        "max_s": max(calls),
    }


def _shared_facts(entries: dict[str, Any]) -> dict[str, Any]:
    """What is the same for all contestants of jaxbragg, moved out of their entries."""
    shared: dict[str, Any] = {}
    for name, entry in entries.items():
        if name.startswith("jaxbragg"):
            for key in ("pixels", "samples", "device", "backend", "versions"):
                if key in entry:
                    shared[key] = entry.pop(key)
    return shared


def _ratios(entries: dict[str, Any], precisions: Iterable[str]) -> dict[str, Any]:
    """How many times longer rivals take: of the shortest calls, and of the medians."""
    ratios: dict[str, Any] = {}
    for rival, entry in entries.items():
        if rival.startswith("jaxbragg") or "min_s" not in entry:
            continue
        for precision in precisions:
            own = entries[f"jaxbragg {precision}"]
            if "min_s" in own:
                ratios.setdefault(rival, {})[precision] = {
                    "min": entry["min_s"] / own["min_s"],
                    "median": entry["median_s"] / own["median_s"],
                }
    return ratios


def _add_differences(entries: dict[str, Any], folder: Path) -> None:
    """How far every image is from the first one of jaxbragg's most precise contestant."""
    import numpy as np

    images = {
        name: np.fromfile(path, dtype=np.float32).astype(np.float64)
        for name in entries
        if (path := folder / f"{name}.raw").exists()
    }
    own = [name for name in images if name.startswith("jaxbragg")]
    if not own:
        return
    reference = images["jaxbragg float64" if "jaxbragg float64" in own else own[0]]
    for name, image in images.items():
        if image.shape == reference.shape:
            entries[name]["difference"] = {
                "sum_of_differences": float(np.abs(image - reference).sum() / np.abs(reference).sum()),
                "largest_of_maximum": float(np.abs(image - reference).max() / reference.max()),
            }


def probe(seconds: float) -> dict[str, float]:
    """The machine's limit, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.probe", str(seconds)]
    environment = {**os.environ, "PYTHONPATH": _python_path()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the probe of the machine's limit failed: {done.stderr.strip().splitlines()[-1]}")
    limit: dict[str, float] = json.loads(done.stdout)
    return limit


def _add_fractions(result: dict[str, Any]) -> None:
    """Samples per second of jaxbragg, and their fraction of what the machine could calculate."""
    for case in result["cases"].values():
        for name, entry in case["contestants"].items():
            if name.startswith("jaxbragg") and "min_s" in entry:
                add_rate(entry, case["samples"], name.split()[1], result["operations_per_s"])


def add_rate(entry: dict[str, Any], samples: int, precision: str, limits: dict[str, float]) -> None:
    """Samples per second of a shortest call, and their fraction of the machine's limit."""
    dtype = "float64" if precision == "float64" else "float32"
    entry["samples_per_s"] = samples / entry["min_s"]
    entry["fraction_of_limit"] = entry["samples_per_s"] * OPERATIONS_PER_SAMPLE / limits[dtype]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
