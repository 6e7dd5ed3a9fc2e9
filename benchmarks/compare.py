"""Tables from result files: `python -m benchmarks.compare FILE.json [FILE.json ...]`.

One file gives its times, ratios with targets, cost of the first call and gradients; several give the times of
jaxbragg side by side, as ratios to the first file.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

Result = dict[str, Any]
Rows = list[list[str]]

RIVAL_GRADIENT = "torch float64 gradient"
"""By five parameters; ours are by all (README.md)."""


def main(words: Sequence[str]) -> None:
    results = [(Path(word).stem, json.loads(Path(word).read_text(encoding="utf-8"))) for word in words]
    if not results:
        raise SystemExit("give at least one result file, such as benchmarks/results/NAME.json")
    print(report(results))


def report(results: Sequence[tuple[str, Result]]) -> str:
    """Everything that there is to say about one result, or the comparison of several, as Markdown."""
    if len(results) > 1:
        return "\n\n".join([*(heading(result, name) for name, result in results), history(results)])
    name, result = results[0]
    parts = [heading(result, name), times(result), ratios(result), first_calls(result), gradients(result)]
    return "\n\n".join(part for part in parts if part)


def heading(result: Result, name: str = "") -> str:
    """Where and when."""
    machine, cases = result["machine"], result["cases"]
    facts: dict[str, Any] = next(iter(cases.values()), {})
    versions = ", ".join(f"{package} {version}" for package, version in facts.get("versions", {}).items())
    limit = ", ".join(f"{dtype} {rate / 1e9:.0f} G/s" for dtype, rate in result["operations_per_s"].items())
    lines = [
        f"{name or 'Result'}: {result['date']}, {machine['cpu']}, {machine['cores']} cores,"
        f" device {facts.get('device', 'unknown')}.",
        f"Commit {str(result['commit'])[:10]}{' with changes' if result['dirty'] else ''}; {versions}."
        f" Load before {result['load_before']}, after {result['load_after']}.",
        f"Multiply-adds of this machine, measured: {limit}.",
        result["note"],
        *result["absent"].values(),
    ]
    return "  \n".join(line for line in lines if line)


def times(result: Result) -> str:
    """Shortest and median call of every contestant."""
    names = _names(case["contestants"] for case in result["cases"].values())
    rows = [
        [name, f"{case.get('samples', 0) / 1e6:.4g}", *(_time(case["contestants"].get(n)) for n in names)]
        for name, case in result["cases"].items()
    ]
    return "Times, shortest call (median):\n\n" + table(["case", "M samples", *names], rows)


def ratios(result: Result) -> str:
    """How many times longer the rivals take, and what was aimed at."""
    rows: Rows = []
    for name, case in result["cases"].items():
        for rival, by_precision in case["ratios"].items():
            for precision, ratio in by_precision.items():
                target = case["targets"].get(rival, {}).get(precision)
                verdict = (
                    "" if target is None else f"{target}× {'reached' if ratio['min'] >= target else 'missed'}"
                )
                row = [name, precision, rival, f"{ratio['min']:.1f}×", f"{ratio['median']:.1f}×", verdict]
                rows.append(row)
    columns = ["case", "jaxbragg", "rival", "shortest calls", "medians", "target"]
    return "Time of rivals over time of jaxbragg:\n\n" + table(columns, rows) if rows else ""


def first_calls(result: Result) -> str:
    """First call and its stages, rates and memory of jaxbragg; first call and memory of rivals."""
    columns = ["case", "contestant", "first call s", "its CPU s", "trace", "lower", "compile"]
    columns += [
        "M samples/s",
        "of limit",
        "memory before MiB",
        "peak",
        "compiled temporary",
        "device ms",
        "difference from float64",
    ]
    rows: Rows = []
    for name, case in result["cases"].items():
        for contestant, entry in case["contestants"].items():
            if "failed" in entry:
                rows.append([name, contestant, entry["failed"], *[""] * (len(columns) - 3)])
                continue
            stages = ("first_call_s", "first_call_cpu_s", "trace_s", "lower_s", "compile_s")
            row = [name, contestant, *(_number(entry, key, "{:.2f}") for key in stages)]
            row += [_number(entry, "samples_per_s", "{:.0f}", 1e-6)]
            row += [_number(entry, "fraction_of_limit", "{:.0f} %", 100)]
            row += [_mebibytes(entry, k) for k in ("memory_before", "memory_peak", "compiled_temporary")]
            row += [_number(entry, "device_s", "{:.3g}", 1e3)]
            row += [_number(entry.get("difference", {}), "sum_of_differences", "{:.1e}")]
            rows.append(row)
    return "First call, rate, memory:\n\n" + table(columns, rows)


def gradients(result: Result) -> str:
    """Value and gradient, or derivative images, over the value alone, and a rival's over ours."""
    columns = ["case", "contestant", "time", "over the image", "rival over it"]
    columns += ["first call s", "peak MiB"]
    rows: Rows = []
    for name, case in result["cases"].items():
        entries = case.get("gradients", {})
        for contestant, entry in entries.items():
            image = entries.get(" ".join(contestant.split()[:2]), {})
            if len(contestant.split()) > 2:
                row = [name, contestant, _time(entry), _over(entry, image)]
                row.append(
                    "" if contestant == RIVAL_GRADIENT else _over(entries.get(RIVAL_GRADIENT, {}), entry)
                )
                row.append(_number(entry, "first_call_s", "{:.2f}"))
                rows.append([*row, _mebibytes(entry, "memory_peak")])
    return "Gradients:\n\n" + table(columns, rows) if rows else ""


def _over(entry: dict[str, Any], other: dict[str, Any]) -> str:
    """Ratio of shortest calls; empty if one is missing."""
    known = "min_s" in entry and "min_s" in other
    return f"{entry['min_s'] / other['min_s']:.1f}×" if known else ""


def history(results: Sequence[tuple[str, Result]]) -> str:
    """Shortest calls of jaxbragg, file by file."""
    first = results[0][1]["cases"]
    rows: Rows = []
    for case in dict.fromkeys(case for _, result in results for case in result["cases"]):
        found = [result["cases"].get(case, {"contestants": {}})["contestants"] for _, result in results]
        for contestant in _names(found):
            if contestant.startswith("jaxbragg"):
                base = first.get(case, {"contestants": {}})["contestants"].get(contestant, {})
                rows.append([case, contestant, *(_relative(c.get(contestant, {}), base) for c in found)])
    return table(["case", "contestant", *(name for name, _ in results)], rows)


def table(columns: Sequence[str], rows: Rows) -> str:
    """A Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _names(entries: Iterable[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for entry in entries for name in entry))


def _time(entry: dict[str, Any] | None) -> str:
    if entry is None:
        return ""
    if "failed" in entry:
        return "failed"
    return f"{_duration(entry['min_s'])} ({_duration(entry['median_s'])})"


def _duration(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _relative(entry: dict[str, Any], base: dict[str, Any]) -> str:
    if "min_s" not in entry:
        return ""
    ratio = f" ({entry['min_s'] / base['min_s']:.2f})" if "min_s" in base else ""
    return _duration(entry["min_s"]) + ratio


def _number(entry: dict[str, Any], key: str, pattern: str, scale: float = 1.0) -> str:
    show: Callable[[float], str] = pattern.format
    return show(entry[key] * scale) if entry.get(key) is not None else ""


def _mebibytes(entry: dict[str, Any], key: str) -> str:
    return _number(entry, key, "{:.0f}", 2**-20)


if __name__ == "__main__":
    main(sys.argv[1:])
