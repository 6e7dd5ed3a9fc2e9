"""How jaxbragg's time and memory grow: `python -m benchmarks.scaling --output FILE.json --plots FOLDER`.

The axes are data, in scaling.json. Points of one axis are visited in turns, forwards and backwards, so that
a slow minute of the machine does not bend a curve.
"""

import argparse
import json
import operator
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from benchmarks.machine import Patience, describe_commit, describe_machine, load, now, use_cores
from benchmarks.run import OPERATIONS_PER_SAMPLE, add_rate, our_worker, probe, statistics_of
from benchmarks.turns import ContestantFailedError
from benchmarks.workload import HERE, Case, write_files

AXES = HERE / "scaling.json"

FIT_FROM, FIT_TO = 10, 1000
"""Domains between which time should be linear and memory constant."""


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
        "operations_per_sample": OPERATIONS_PER_SAMPLE,
        "axes": {},
    }
    limits = [probe(options.probe_seconds)]
    for name in options.axes or axes:
        print(name, file=sys.stderr, flush=True)
        axis = axes[name]
        curves = {precision: _curve(name, axis, precision, options) for precision in options.precision}
        result["axes"][name] = {"title": axis["title"], "unit": axis["unit"], "curves": curves}
    limits.append(probe(options.probe_seconds))
    result["operations_per_s"] = {dtype: max(limit[dtype] for limit in limits) for dtype in limits[0]}
    _add_rates(result)
    if "domains" in result["axes"]:
        curves = result["axes"]["domains"]["curves"]
        result["linearity"] = {precision: linearity(curve) for precision, curve in curves.items()}
        print(json.dumps(result["linearity"], indent=1))
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
    add("--probe-seconds", type=float, default=2, help="time to find the machine's limit, per dtype")
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


def _add_rates(result: dict[str, Any]) -> None:
    for axis in result["axes"].values():
        for precision, curve in axis["curves"].items():
            for entry in curve:
                if "min_s" in entry:
                    add_rate(entry, entry["samples"], precision, result["operations_per_s"])


def linearity(curve: Sequence[dict[str, Any]]) -> dict[str, float] | None:
    """How linear time is in the number of domains, and how constant memory; None for fewer than three points.

    Returns:
      The line of least squares of relative deviations, `fixed_s` + `per_domain_s` n; the largest relative
      deviation of a point from it; and largest over smallest temporary memory of the compiled programs.
    """
    points = [entry for entry in curve if "min_s" in entry and FIT_FROM <= entry["value"] <= FIT_TO]
    if len(points) < 3:
        return None
    # weights 1/t make the deviations relative: solve for the line that is 1 at all points
    ones = [1 / entry["min_s"] for entry in points]
    domains = [entry["value"] / entry["min_s"] for entry in points]
    aa, ab, bb = (
        sum(map(operator.mul, *pair)) for pair in ((ones, ones), (ones, domains), (domains, domains))
    )
    a, b = sum(ones), sum(domains)
    determinant = aa * bb - ab * ab
    fixed, slope = (a * bb - b * ab) / determinant, (aa * b - ab * a) / determinant
    memory = [entry["compiled_temporary"] for entry in points]
    return {
        "fixed_s": fixed,
        "per_domain_s": slope,
        "largest_deviation": max(abs(fixed * x + slope * y - 1) for x, y in zip(ones, domains, strict=True)),
        "temporary_memory_ratio": max(memory) / min(memory),
    }


def draw(result: dict[str, Any], folder: Path) -> None:
    """One picture per axis: time of a call, how busy the machine is, and memory, over what varies."""
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    for name, axis in result["axes"].items():
        figure = Figure(figsize=(12, 3.6), layout="constrained")
        panels = figure.subplots(1, 3)
        for number, (precision, curve) in enumerate(axis["curves"].items()):
            done = [entry for entry in curve if "min_s" in entry]
            values = [entry["value"] for entry in done]
            _draw_curve(panels, values, done, precision, f"C{number}")
        panels[0].set_ylabel("shortest call / s")
        panels[0].set_yscale("log")
        panels[0].legend()
        panels[1].set_ylabel("of the machine's arithmetic limit / %")
        panels[2].set_ylabel("memory / MiB")
        panels[2].legend(fontsize=7)
        for panel in panels:
            panel.set_xlabel(axis["unit"])
            panel.set_xscale("log")
            panel.grid(visible=True, alpha=0.3)
        for panel in panels[1:]:
            panel.set_ylim(bottom=0)
        figure.suptitle(f"{axis['title']}\n{result['machine']['cpu']}, {result['date'][:10]}", fontsize=9)
        figure.savefig(folder / f"{name}.png", dpi=110)


def _draw_curve(
    panels: Any, values: list[float], done: Sequence[dict[str, Any]], precision: str, color: str
) -> None:
    """One precision in the three panels."""
    panels[0].plot(values, [entry["min_s"] for entry in done], "o-", color=color, label=precision)
    panels[1].plot(values, [100 * entry["fraction_of_limit"] for entry in done], "o-", color=color)
    process = [(entry["memory_peak"] - entry["memory_before"]) / 2**20 for entry in done]
    planned = [entry["compiled_temporary"] / 2**20 for entry in done]
    panels[2].plot(values, process, "o-", color=color, label=f"{precision}: process, compiling included")
    panels[2].plot(values, planned, "s--", color=color, label=f"{precision}: temporary, planned by XLA")


if __name__ == "__main__":
    main()
