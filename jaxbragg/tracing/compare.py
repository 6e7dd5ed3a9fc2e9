"""Two traces side by side, and where they part."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaxbragg.shapes import HostArray
from jaxbragg.simulation.trace_keys import Trace
from jaxbragg.tracing.as_json import read_trace_json
from jaxbragg.tracing.lines import (
    CAUSAL_ORDER,
    Line,
    components,
    detector_lines,
    require_single_pixel,
    trace_lines,
)
from jaxbragg.tracing.text import read_trace_text

Entries = dict[str, HostArray]
"""Numbers of every key, (entries, components), keys in the order of cause."""


@dataclass(frozen=True)
class ComparedKey:
    """One key of both traces.

    Attributes:
      key: the quantity; `group.key` of a trace, or the reference program's word.
      ours, theirs: its numbers at the worst entry; None where a trace does not have the key.
      error: largest relative error over all entries: largest difference of a component over the largest
        component; infinite if the numbers of entries differ; None if only one trace has the key.
      entry: which entry that is (point of the pixel, or sample), counted from 0.
      entries: how many there are.
    """

    key: str
    ours: tuple[float, ...] | None
    theirs: tuple[float, ...] | None
    error: float | None
    entry: int
    entries: int


@dataclass(frozen=True)
class TraceComparison:
    """Result of `compare_traces`; printing it shows the table.

    Attributes:
      rows: all keys, causes before effects.
      tolerance: relative error up to which numbers count as equal.
    """

    rows: tuple[ComparedKey, ...]
    tolerance: float

    @property
    def first_divergence(self) -> ComparedKey | None:
        """The first key in the order of cause that differs by more than the tolerance."""
        parted = (row for row in self.rows if row.error is not None and not row.error <= self.tolerance)
        return next(parted, None)

    @property
    def largest_error(self) -> float:
        """Largest relative error of all keys that both traces have."""
        return max((row.error for row in self.rows if row.error is not None), default=0.0)

    def __str__(self) -> str:
        first = self.first_divergence
        table = [("key", "ours", "theirs", "relative error", "")]
        for row in self.rows:
            error = "-" if row.error is None else f"{row.error:.2g}"
            note = f"entry {row.entry} of {row.entries}" if row.entries > 1 else ""
            mark = "<- first divergence" if row is first else ""
            table.append((row.key, _shown(row.ours), _shown(row.theirs), error, f"{note} {mark}".strip()))
        widths = [max(len(row[i]) for row in table) for i in range(5)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]
        if first is None:
            lines.append(f"no divergence above {self.tolerance:g}")
        return "\n".join(lines)


def _shown(values: tuple[float, ...] | None) -> str:
    return "-" if values is None else " ".join(f"{x:.10g}" for x in values)


def compare_traces(
    ours: Trace | str, theirs: Trace | str | Mapping[str, Any], *, tolerance: float = 1e-9
) -> TraceComparison:
    """Compare two traces key by key and find where they part.

    Two traces of jaxbragg are compared in all their keys. With text of the reference program, or a dict of
    its words, on either side, both are put into its vocabulary first.

    Args:
      ours, theirs: a trace of one pixel, its JSON text, a log text of the reference program, or a dict of its
        words with one value, or a list of one value per entry.
      tolerance: relative error up to which numbers count as equal.

    Returns:
      One row per key in the order of cause; `first_divergence` is the first row above the tolerance.

    Raises:
      ConfigError: a trace is of several pixels.
      FormatError: a text holds no trace.

    Source: specs/trace.md TRACE-9.
    """
    both = _parsed(ours), _parsed(theirs)
    read = _all_keys if all(map(_is_trace, both)) else _in_vocabulary
    pair = read(both[0]), read(both[1])
    order = [*pair[0], *(key for key in pair[1] if key not in pair[0])]
    rows = (_compared(key, pair[0].get(key), pair[1].get(key)) for key in order)
    return TraceComparison(tuple(rows), tolerance)


def _parsed(trace: Any) -> Any:
    """A trace, or the lines of a log."""
    if not isinstance(trace, str):
        return trace
    return read_trace_json(trace) if trace.lstrip().startswith("{") else read_trace_text(trace)


def _is_trace(trace: Any) -> bool:
    return isinstance(trace, Mapping) and "accumulation" in trace


def _all_keys(trace: Any) -> Entries:
    """Every key of a trace; sample axes count entries, components stay together."""
    require_single_pixel(trace)
    entries: Entries = {}
    for group, values in trace.items():
        for key, value in values.items():
            array = np.asarray(value, dtype=np.float64)
            is_vector = array.ndim in (1, 6)
            entries[f"{group}.{key}"] = array.reshape(-1, array.shape[-1] if is_vector else 1)
    return entries


def _in_vocabulary(trace: Any) -> Entries:
    """The program's words of a trace, of lines, or of a dict."""
    if _is_trace(trace):
        pixel = Line("pixel", (float(trace["pixel"]["slow"]), float(trace["pixel"]["fast"])))
        trace = [pixel, *detector_lines(trace), *trace_lines(trace)]
    if not isinstance(trace, Mapping):
        keys = {line.key for line in trace}
        trace = {key: [line.values for line in trace if line.key == key] for key in keys}
    return {
        key: np.asarray(trace[key], dtype=np.float64).reshape(-1, components(key))
        for key in CAUSAL_ORDER
        if key in trace
    }


def _compared(key: str, ours: HostArray | None, theirs: HostArray | None) -> ComparedKey:
    entries = max(len(x) for x in (ours, theirs) if x is not None)
    if ours is None or theirs is None:
        return ComparedKey(key, _numbers(ours), _numbers(theirs), None, 0, entries)
    if ours.shape != theirs.shape:
        return ComparedKey(key, _numbers(ours), _numbers(theirs), np.inf, 0, entries)
    errors = _relative_errors(ours, theirs)
    worst = int(np.argmax(errors))
    return ComparedKey(
        key, _numbers(ours, worst), _numbers(theirs, worst), float(errors[worst]), worst, entries
    )


def _numbers(entries: HostArray | None, entry: int = 0) -> tuple[float, ...] | None:
    return None if entries is None else tuple(float(x) for x in entries[entry])


def _relative_errors(x: HostArray, y: HostArray) -> HostArray:
    """Per entry, the largest difference over the largest component; infinite where only one is a number."""
    same = (x == y) | (np.isnan(x) & np.isnan(y))
    finite = np.isfinite(x) & np.isfinite(y)
    difference = np.where(finite & ~same, np.abs(np.where(finite, x - y, 0.0)), 0.0).max(axis=1)
    scale = np.where(finite, np.maximum(np.abs(x), np.abs(y)), 0.0).max(axis=1)
    relative = difference / np.where(scale > 0, scale, 1.0)
    return np.where((finite | same).all(axis=1), relative, np.inf)
