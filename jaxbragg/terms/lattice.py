"""The finite crystal: amplitude scattered by N_a x N_b x N_c unit cells, for four shapes of block.

Everything is written in the distance of the index from the nearest integer: for whole numbers of cells the
square of sin(pi N h)/sin(pi h) does not change when h does by an integer, and near a Bragg peak only that
distance keeps its digits.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.constants import GAUSS_WIDTH, ROUND_VOLUME_FACTOR, TOPHAT_RADIUS_SQ
from jaxbragg.geometry.vectors import add, dot, scale
from jaxbragg.shapes import Array, Vec3
from jaxbragg.terms.reciprocal import reciprocal
from jaxbragg.terms.sine import sin_pi_over, sin_pi_over_slope, sine


class AxisFactor(NamedTuple):
    """The quotient sin(pi N d)/sin(pi d) along one axis, up to its sign.

    Kept as numerator and denominator: the product over three axes then needs one division. Inside the main
    maximum both are divided by d, so that the quotient of the arguments is N itself. Sines are in units of
    their own.

    Attributes:
      numerator, denominator: of the quotient.
      main: whether d lies inside the main maximum, where |N d| < 1/2.
      remainder: N d less the nearest integer.
    """

    numerator: Array
    denominator: Array
    main: Array
    remainder: Array


def less_whole(x: Array) -> Array:
    """The number less the nearest integer, -1/2 to 1/2."""
    return x - jnp.round(x)


@jax.custom_jvp
def _as_product(remainder: Array, distance: Array, cells: Array) -> Array:
    """The remainder, as a function of distance and cells: that of N d, whose digits it keeps."""
    del distance, cells
    return remainder


@_as_product.defjvp
def _as_product_jvp(
    primals: tuple[Array, Array, Array], tangents: tuple[Array, Array, Array]
) -> tuple[Array, Array]:
    remainder, distance, cells = primals
    _, distance_dot, cells_dot = tangents
    return _as_product(remainder, distance, cells), cells * distance_dot + distance * cells_dot


def square_axis(distance: Array, remainder: Array, cells: Array) -> AxisFactor:
    """Amplitude of a row of N cells, N at d = 0.

    Args:
      distance: d of the index from the nearest integer, -1/2 to 1/2.
      remainder: N d less the nearest integer. Given, because N times a rounded d is not good enough where N
        is large; derivatives take it for the function of d and N that it is.
      cells: N along this axis. A whole number, or a real one: then the amplitude of each reflection by
        itself, not the aliased sum over all of them.

    Source: specs/lattice.md LAT-1, LAT-2.
    """
    remainder = _as_product(remainder, distance, cells)
    main = distance * distance < 0.25 / (cells * cells)
    return AxisFactor(
        numerator=jnp.where(main, cells, remainder) * sin_pi_over(remainder),
        denominator=jnp.where(main, 1.0, distance) * sin_pi_over(distance),
        main=main,
        remainder=remainder,
    )


def _slope_numerator(distance: Array, cells: Array, axis: AxisFactor, value: Array) -> Array:
    """Derivative of the quotient with respect to the distance, times its denominator.

    Subtracts no large numbers: inside the main maximum the common factor 1/d has gone.
    """
    above, above_slope = sin_pi_over(axis.remainder), sin_pi_over_slope(axis.remainder)
    below, below_slope = sin_pi_over(distance), sin_pi_over_slope(distance)
    numerator_slope = jnp.where(axis.main, cells, axis.remainder) * above_slope
    numerator_slope += jnp.where(axis.main, 0.0, above)
    denominator_slope = jnp.where(axis.main, 1.0, distance) * below_slope + jnp.where(axis.main, 0.0, below)
    return numerator_slope * cells - value * denominator_slope


def _log_slope_of_sine(distance: Array, main: Array, inverse: Array) -> Array:
    """Derivative of log sin(pi d) with respect to log d: pi d cot(pi d).

    Args:
      distance: d.
      main: as in `AxisFactor`.
      inverse: reciprocal of its denominator.
    """
    lever = jnp.where(main, distance, distance * distance)
    return 1.0 + lever * inverse * sin_pi_over_slope(distance)


@jax.custom_jvp
def square_crystal(distance: Vec3, remainder: Vec3, cells: Vec3) -> Array:
    """Amplitude of a parallelepiped block, up to its sign: the product of its axis factors.

    Args:
      distance: of the index from the nearest reflection, along a*, b*, c*.
      remainder: as in `square_axis`.
      cells: unit cells along a, b, c.

    Source: specs/lattice.md LAT-1.
    """
    a, b, c = map(square_axis, distance, remainder, cells)
    return a.numerator * b.numerator * c.numerator / (a.denominator * b.denominator * c.denominator)


def _reciprocals(x: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
    """Reciprocals of three numbers, from that of their product."""
    inverse = reciprocal(x * y * z)
    return y * z * inverse, x * z * inverse, x * y * inverse


@square_crystal.defjvp
def _square_crystal_jvp(
    primals: tuple[Vec3, Vec3, Vec3], tangents: tuple[Vec3, Vec3, Vec3]
) -> tuple[Array, Array]:
    """The product rule.

    A larger N acts on sin(pi N d) as a larger d does; on sin(pi d) it does not, which the second term undoes.
    """
    distances, remainders, cells = primals
    distance_dots, _, cells_dots = tangents
    axes = tuple(map(square_axis, distances, remainders, cells))
    inverses = _reciprocals(*(axis.denominator for axis in axes))
    a, b, c = (axis.numerator * inverse for axis, inverse in zip(axes, inverses, strict=True))
    amplitude = a * b * c
    tangent = jnp.zeros_like(amplitude)
    others = (b * c, a * c, a * b)
    for d, n, axis, inverse, value, other, d_dot, n_dot in zip(
        distances, cells, axes, inverses, (a, b, c), others, distance_dots, cells_dots, strict=True
    ):
        relative = n_dot * reciprocal(n)
        slope = _slope_numerator(d, n, axis, value)
        tangent += other * slope * inverse * (d_dot + d * relative)
        tangent += amplitude * _log_slope_of_sine(d, axis.main, inverse) * relative
    return amplitude, tangent


def square_axis_sign(distance: Array, remainder: Array, cells: Array, nearest: Array) -> Array:
    """Sign that `square_axis` leaves out: of sin(pi N h)/sin(pi h) at h = nearest + distance, +1 or -1.

    Where N is not whole, the amplitude is that of one reflection, and its sign that of the nearest whole N.
    """
    whole = jnp.round(distance * cells - remainder)
    main = square_axis(distance, remainder, cells).main
    half_turns = jnp.where(main, 0.0, whole) + nearest * (jnp.round(cells) - 1.0)
    return 1.0 - 2.0 * jnp.mod(half_turns, 2.0)


@jax.custom_jvp
def square_axis_full(index: Array, cells: Array) -> Array:
    """The program's unprotected quotient of the sines (Q29, specs/lattice.md LAT-7); float64 only."""
    x = math.pi * index
    at_zero = x == 0.0
    safe = jnp.where(at_zero, 1.0, x)
    return jnp.where(at_zero, cells, sine(safe * cells) / sine(safe))


@square_axis_full.defjvp
def _square_axis_full_jvp(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    """That of the exact quotient; next to a reflection its own terms would cancel to nothing but rounding."""
    index, cells = primals
    value = square_axis_full(index, cells)
    x = math.pi * index
    safe = jnp.where(x == 0.0, 1.0, x)
    below, phase = sine(safe), safe * cells
    by_index = math.pi * (cells * jnp.cos(phase) - value * jnp.cos(safe)) / below
    by_cells = jnp.where(x == 0.0, 1.0, safe * jnp.cos(phase) / below)
    nearest = jnp.round(index)
    distance = index - nearest
    axis = square_axis(distance, less_whole(distance * cells), cells)
    inverse = reciprocal(axis.denominator)
    quotient = axis.numerator * inverse
    slope = jnp.sign(value) * _slope_numerator(distance, cells, axis, quotient) * inverse
    repeats = (cells == jnp.round(cells)) | (nearest == 0.0)
    by_index = jnp.where(axis.main & repeats, slope, by_index)
    return value, by_index * tangents[0] + by_cells * tangents[1]


class ReciprocalAxes(NamedTuple):
    """a*, b*, c* of the crystal, 1/Å; their orientation does not matter."""

    a_star: Vec3
    b_star: Vec3
    c_star: Vec3


def round_crystal(distance: Vec3, cells: Vec3, fudge: Array) -> Array:
    """Amplitude of an ellipsoidal block.

    Source: specs/lattice.md LAT-4.
    """
    spot = Vec3(distance.x * cells.x, distance.y * cells.y, distance.z * cells.z)
    volume = cells.x * cells.y * cells.z
    return volume * ROUND_VOLUME_FACTOR * _sphere_transform(math.pi**2 * fudge * dot(spot, spot))


_SPHERE_SERIES = tuple((-1) ** k * 6.0 * (k + 1) / math.factorial(2 * k + 3) for k in range(10))


def _sphere_transform(x_sq: Array) -> Array:
    """3 (sin x/x - cos x)/x² as a function of x², by its series where the difference loses digits."""
    small = x_sq < 1.0
    series_sq = jnp.where(small, x_sq, 0.0)
    series = jnp.full_like(x_sq, _SPHERE_SERIES[-1])
    for coefficient in _SPHERE_SERIES[-2::-1]:
        series = series * series_sq + coefficient
    safe_sq = jnp.where(small, 1.0, x_sq)
    x = jnp.sqrt(safe_sq)
    return jnp.where(small, series, 3.0 * (jnp.sin(x) / x - jnp.cos(x)) / safe_sq)


def _reciprocal_distance_sq(distance: Vec3, cells: Vec3, axes: ReciprocalAxes) -> Array:
    """Squared distance to the nearest reflection, 1/Å², times the squared number of cells."""
    vector = add(
        add(scale(distance.x, axes.a_star), scale(distance.y, axes.b_star)), scale(distance.z, axes.c_star)
    )
    volume = cells.x * cells.y * cells.z
    return dot(vector, vector) * volume**2


def gauss_crystal(distance: Vec3, cells: Vec3, fudge: Array, axes: ReciprocalAxes) -> Array:
    """Amplitude of a block with Gaussian spots.

    Source: specs/lattice.md LAT-5.
    """
    rho = _reciprocal_distance_sq(distance, cells, axes)
    return cells.x * cells.y * cells.z * jnp.exp(-(rho / GAUSS_WIDTH * fudge))


def tophat_crystal(distance: Vec3, cells: Vec3, fudge: Array, axes: ReciprocalAxes) -> Array:
    """Amplitude of a block with spots of one value inside a radius and zero outside.

    Piecewise constant: its derivative with respect to the distance is zero.

    Source: specs/lattice.md LAT-6.
    """
    rho = _reciprocal_distance_sq(distance, cells, axes)
    volume = cells.x * cells.y * cells.z
    return jnp.where(rho * fudge < TOPHAT_RADIUS_SQ, volume, 0.0)
