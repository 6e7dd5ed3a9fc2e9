"""The built-in axes and pivots of the laboratory frames (specs/conventions.md): plain numbers, no JAX."""

from typing import NamedTuple

from jaxbragg.config.choices import Convention, Pivot


class AxisTable(NamedTuple):
    """The seven vectors of a convention, laboratory components, and its pivot."""

    beam: tuple[float, float, float]
    fast: tuple[float, float, float]
    slow: tuple[float, float, float]
    normal: tuple[float, float, float]
    twotheta: tuple[float, float, float]
    polarization: tuple[float, float, float]
    spindle: tuple[float, float, float]
    pivot: Pivot


_X, _Y, _Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
_MINUS_X, _MINUS_Y, _MINUS_Z = (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0)

AXES = {
    Convention.ADXV: AxisTable(_Z, _X, _MINUS_Y, _Z, _MINUS_X, _X, _X, Pivot.BEAM),
    Convention.MOSFLM: AxisTable(_X, _Z, _MINUS_Y, _X, _MINUS_Z, _Z, _Z, Pivot.BEAM),
    Convention.DENZO: AxisTable(_X, _Z, _MINUS_Y, _X, _MINUS_Z, _Z, _Z, Pivot.BEAM),
    Convention.XDS: AxisTable(_Z, _X, _Y, _Z, _X, _X, _X, Pivot.SAMPLE),
    Convention.DIALS: AxisTable(_Z, _X, _Y, _Z, _Y, _Y, _Y, Pivot.SAMPLE),
    Convention.CUSTOM: AxisTable(_X, _Z, _MINUS_Y, _X, _Y, _Z, _Z, Pivot.BEAM),
}
"""Built-in vectors; a CUSTOM frame replaces them one by one."""
