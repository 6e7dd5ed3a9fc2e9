"""A trace as JSON text, and back."""

import json
from typing import Any, cast

import numpy as np

from jaxbragg.simulation.trace_keys import Trace


def trace_json(trace: Trace) -> str:
    """The trace as JSON: the same groups and keys, arrays as nested lists, numbers as in the trace.

    Infinities and NaN, which JSON does not have, are the texts "inf", "-inf" and "nan".

    Args:
      trace: result of `jaxbragg.trace`.
    """
    groups = cast(dict[str, dict[str, Any]], trace)
    plain = {
        group: {key: _plain(np.asarray(value).tolist()) for key, value in values.items()}
        for group, values in groups.items()
    }
    return json.dumps(plain, indent=1)


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
