"""Conversions between the units users type and the kernel's metres, radians and 1/m (specs/units.md).

The order of operations is the reference program's, so that double-precision values agree to the last bit.
For scalars and small arrays, not for pixels.
"""

import math

from jaxbragg.exact import over_constant
from jaxbragg.shapes import Array

_DEGREES_PER_RADIAN = 180.0 / math.pi


def degrees_to_radians(angle: Array) -> Array:
    """Degrees to radians."""
    return over_constant(angle, _DEGREES_PER_RADIAN)


def millimetres_to_metres(length: Array) -> Array:
    """Millimetres to metres."""
    return over_constant(length, 1000.0)


def micrometres_to_metres(length: Array) -> Array:
    """Micrometres to metres."""
    return length * 1e-6


def angstroms_to_metres(length: Array) -> Array:
    """Ångström to metres."""
    return over_constant(length, 1e10)


def milliradians_to_radians(angle: Array) -> Array:
    """Milliradians to radians."""
    return over_constant(angle, 1000.0)


def percent_to_fraction(value: Array) -> Array:
    """Percent to a fraction of one."""
    return over_constant(value, 100.0)
