"""How jaxbragg's time and memory grow: `python -m benchmarks.scaling --output FILE.json --plots FOLDER`.

The axes are data, in scaling.json. Points of one axis are visited in turns, forwards and backwards, so that
a slow minute of the machine does not bend a curve.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from benchmarks.machine import Patience, describe_commit, describe_machine, load, now, use_cores
from benchmarks.run import our_worker, statistics_of
from benchmarks.turns import ContestantFailedError
from benchmarks.workload import HERE, Case, write_files

AXES = HERE / "scaling.json"


def main(words: Sequence[str] | None = None) -> dict[str, Any]:
    """Measure, save, draw."""
    axes = json.loads(AXES.read_text(encoding="utf-8"))
    options = _parser(axes).parse_args(words)
    use_cores(options.threads)
    result: dict[str, Any] = {
        "date": now(),
        **describe_commit(),
        "machine": describe_machine(),
        "load_before": load(),
        "axes": {},
    }
    for name in options.axes or axes:
        print(name, file=sys.stderr, flush=True)
        axis = axes[name]
        curves = {precision: _curve(name, axis, precision, options) for precision in options.precision}
        result["axes"][name] = {"title": axis["title"], "unit": axis["unit"], "curves": curves}
    result["load_after"] = load()
    if options.output is not None:
        options.output.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if options.plots is not None:
        draw(result, options.plots)
    return result


def _parser(axes: dict[str, Any]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    add = parser.add_argument
    add("--axes", nargs="+", choices=sorted(axes), help="which; none: all")
    add("--precision", nargs="+", default=["mixed", "float64"], help="policies of jaxbragg.simulate")
    add("--repeats", type=int, default=4, help="turns of every point")
    add(
        "--turn-seconds", type=float, default=0.1, help="a turn is repeated calls for this time, at least one"
    )
    add("--budget-seconds", type=float, default=10, help="no further turn for a point that had this long")
    add(
        "--patience-seconds",
        type=float,
        default=0,
        help="waiting for an idle machine, per curve, before turns",
    )
    add("--points", type=int, help="only the first points of every axis")
    add("--threads", type=int, default=os.cpu_count(), help="cores")
    add("--output", type=Path, help="JSON file")
    add("--plots", type=Path, help="folder for one picture per axis")
    return parser


def _curve(
    name: str, axis: dict[str, Any], precision: str, options: argparse.Namespace
) -> list[dict[str, Any]]:
    """Every point of one axis in one precision."""
    with ExitStack() as stack:
        points, patience = [], Patience(options.patience_seconds)
        for point in axis["points"][: options.points]:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            case = Case(name, axis["title"], (*axis["argv"], *point["argv"]), point.get("files", {}))
            write_files(case, folder)
            worker = stack.enter_context(closing(our_worker(case, folder, precision, "image")))
            try:
                entry = {"value": point["value"], **worker.prepare()}
            except ContestantFailedError as error:
                entry = {"value": point["value"], "failed": str(error)}
            points.append((worker, entry, folder))
        for number in range(options.repeats):
            for worker, entry, _ in points if number % 2 == 0 else reversed(points):
                if "failed" not in entry and sum(worker.calls) < options.budget_seconds:
                    patience.wait()
                    worker.calls.extend(worker.turn(options.turn_seconds))
        for worker, entry, folder in points:
            if "failed" not in entry:
                entry.update(statistics_of(worker.calls))
                entry.update(worker.finish(folder / "image.raw"))
        return [entry for _, entry, _ in points]


def draw(result: dict[str, Any], folder: Path) -> None:
    """One picture per axis: time of a call, and memory, over the number that varies."""
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    for name, axis in result["axes"].items():
        figure = Figure(figsize=(8, 3.2), layout="constrained")
        left, right = figure.subplots(1, 2)
        for precision, curve in axis["curves"].items():
            done = [entry for entry in curve if "min_s" in entry]
            values = [entry["value"] for entry in done]
            left.plot(values, [entry["min_s"] for entry in done], "o-", label=precision)
            memory = [(entry["memory_peak"] - entry["memory_before"]) / 2**20 for entry in done]
            right.plot(values, memory, "o-", label=precision)
        left.set_ylabel("shortest call / s")
        right.set_ylabel("memory over that before / MiB")
        for axes in (left, right):
            axes.set_xlabel(axis["unit"])
            axes.set_xscale("log")
            axes.grid(visible=True, alpha=0.3)
        left.set_yscale("log")
        right.set_ylim(bottom=0)
        left.legend()
        figure.suptitle(f"{axis['title']}\n{result['machine']['cpu']}", fontsize=9)
        figure.savefig(folder / f"{name}.png", dpi=110)


if __name__ == "__main__":
    main()
