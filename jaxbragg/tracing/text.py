"""The reference program's trace as text, written and read."""

import re

from jaxbragg.errors import FormatError
from jaxbragg.simulation.trace_keys import Trace
from jaxbragg.tracing.lines import (
    CAUSAL_ORDER,
    DETECTOR_KEYS,
    Line,
    components,
    detector_lines,
    require_single_pixel,
    trace_lines,
)


def trace_text(trace: Trace) -> str:
    """The trace of one pixel in the vocabulary of the reference program, 15 significant digits.

    Args:
      trace: result of `jaxbragg.trace` for one pixel; its "float64" precision fills the digits.

    Returns:
      The `DETECTOR_` lines, the line that names the pixel, and one `TRACE_C: key value…` line per quantity;
      no such line if the image does not have the pixel. Units are in specs/trace.md TRACE-8.

    Raises:
      ConfigError: the trace is of several pixels.
    """
    require_single_pixel(trace)
    lines = [f"{line.key} {_numbers(line)}" for line in detector_lines(trace)]
    slow, fast = trace["pixel"]["slow"], trace["pixel"]["fast"]
    lines.append(f"TRACE_CONFIG: tracing pixel (spixel={int(slow)}, fpixel={int(fast)})")
    lines += [f"TRACE_C: {line.key} {_numbers(line)}" for line in trace_lines(trace)]
    return "\n".join(lines) + "\n"


def _numbers(line: Line) -> str:
    return " ".join(f"{value:.15g}" for value in line.values)


_TERM = re.compile(rf"\s*TRACE_C:\s*({'|'.join(CAUSAL_ORDER)})\s(.*)")
_DETECTOR = re.compile(rf"\s*({'|'.join(DETECTOR_KEYS)})[:=]?\s(.*)")
_PIXEL = re.compile(r"\s*TRACE_CONFIG:.*spixel=(-?\d+).*fpixel=(-?\d+)")


def read_trace_text(text: str) -> list[Line]:
    """The traced terms in a log of the reference program, in the order printed; other lines are passed over.

    Args:
      text: the log, or what `trace_text` returns.

    Raises:
      FormatError: there is nothing traced in it, or a term without numbers.
    """
    lines = []
    for number, row in enumerate(text.splitlines(), start=1):
        if match := _PIXEL.match(row):
            lines.append(Line("pixel", (float(match[1]), float(match[2]))))
        elif match := _TERM.match(row) or _DETECTOR.match(row):
            lines.append(Line(match[1], _read_numbers(match[1], match[2], number)))
    if not any(line.key not in DETECTOR_KEYS for line in lines):
        raise FormatError(
            "expected lines that begin with TRACE_C: or TRACE_CONFIG:, found none; "
            "run the instrumented program with -trace_pixel SLOW FAST"
        )
    return lines


def _read_numbers(key: str, text: str, number: int) -> tuple[float, ...]:
    try:
        values = tuple(float(word) for word in text.split())
    except ValueError:
        values = ()
    if len(values) != components(key):
        raise FormatError(
            f"line {number}: expected {components(key)} numbers after {key}, got {text.strip()!r}; "
            "is the log cut off?"
        )
    return values
