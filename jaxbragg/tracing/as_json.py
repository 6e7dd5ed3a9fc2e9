"""A trace as JSON text, and back."""

import json
from typing import Any, cast

import numpy as np

from jaxbragg.simulation.trace_keys import Trace


def trace_json(trace: Trace) -> str:
    """The trace as JSON: the same groups and keys, one line each, arrays as nested lists, all digits.

    Infinities and NaN, which JSON does not have, are the texts "inf", "-inf" and "nan".

    Args:
      trace: result of `jaxbragg.trace`.
    """
    groups = cast(dict[str, dict[str, Any]], trace)
    written = (f" {json.dumps(group)}: {{\n{_keys(values)}\n }}" for group, values in groups.items())
    return "{\n" + ",\n".join(written) + "\n}"


def _keys(values: dict[str, Any]) -> str:
    """One line per key."""
    plain = ((json.dumps(key), _plain(np.asarray(value).tolist())) for key, value in values.items())
    return ",\n".join(f"  {key}: {json.dumps(value)}" for key, value in plain)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(x) for x in value]
    return str(value) if isinstance(value, float) and not np.isfinite(value) else value


def read_trace_json(text: str) -> Trace:
    """The trace that `trace_json` wrote, with NumPy arrays.

    Args:
      text: the JSON text.
    """
    groups = json.loads(text)
    return cast(Trace, {name: {key: _array(x) for key, x in keys.items()} for name, keys in groups.items()})


def _array(values: Any) -> Any:
    array = np.asarray(values)
    return array.astype(np.float64) if array.dtype.kind == "U" else array
