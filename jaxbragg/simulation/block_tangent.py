"""Tangent of the sum over one block of domains.

Sums over pixels are matrix products: XLA does not vectorise such a sum for CPUs when it is fused with what it
adds up.
"""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.products import matrix_product
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.domain_totals import Domains, moved, totals
from jaxbragg.simulation.sample import IndexTerms, SampleConstants, sample_terms
from jaxbragg.simulation.slopes import sample_slopes


class Pixels(NamedTuple):
    """What differs between pixels, of one shape, with tangents, of which None is zero.

    Attributes:
      split: the ray's index in the unrotated domain.
      q_dot: tangent of the scattering vector, by component.
      factor, factor_dot: what every sample is multiplied with.
    """

    split: IndexTerms
    q_dot: Vec3
    factor: Array
    factor_dot: Array | None


def number_tangents(constants: SampleConstants, constants_dot: Any) -> dict[int, Array]:
    """Tangents of the shared numbers that move, by position among the leaves of the constants."""
    dots = jax.tree.structure(constants).flatten_up_to(constants_dot)  # type: ignore[attr-defined]
    return {place: dot for place, dot in enumerate(dots) if dot is not None and dot.ndim == 0}


def block_tangent(
    pixels: Pixels, domains: Domains, axes_dot: Mat33 | None, constants: SampleConstants, constants_dot: Any
) -> Array:
    """Tangent of the sum of factor times intensity over the domains but for the table's part.

    Of the pixels' shape.

    Args:
      pixels: what differs between pixels.
      domains: a block of domains.
      axes_dot: tangent of the real vectors of every domain, components (n_domains,), wide dtype, so that its
        transpose adds up blocks in it; None is zero.
      constants: what every sample shares.
      constants_dot: its tangent.
    """
    number_dots = number_tangents(constants, constants_dot)
    index = moved(pixels.split, domains.change, constants.cells)
    slopes = sample_slopes(index, constants, list(number_dots))
    sums = totals(slopes, domains, pixels.split.q)
    pairs = [(total, number_dots[place]) for place, total in sums.by_number.items()]
    if sums.by_q is not None:
        pairs.extend(zip(sums.by_q, pixels.q_dot, strict=True))
    tangents = [total * dot for total, dot in pairs if dot is not None]
    if axes_dot is not None:
        tangents.extend(_by_axes(pixels.split.q, axes_dot, slopes.by_index))
    parts = [pixels.factor * functools.reduce(jnp.add, tangents)] if tangents else []
    if pixels.factor_dot is not None:
        parts.append(pixels.factor_dot * sums.intensity)
    return functools.reduce(jnp.add, parts, jnp.zeros_like(pixels.factor))


def _by_axes(q: Vec3, axes_dot: Mat33, slopes: Vec3) -> list[Array]:
    """Tangents of the sum of intensities by the real vectors of the domains.

    Args:
      q: scattering vector, components of the pixels' shape.
      axes_dot: tangent of the vectors, components (n_domains,).
      slopes: derivatives by h, k, l, (n_domains, *pixels).
    """
    return [
        matrix_product(x.astype(slope.dtype), slope) * component
        for axis, slope in zip(axes_dot, slopes, strict=True)
        for x, component in zip(axis, q, strict=True)
    ]


def table_tangent(pixels: Pixels, domains: Domains, constants: SampleConstants, table_dot: Array) -> Array:
    """Tangent of the same sum by the table of structure factors, of the pixels' shape."""
    index = moved(pixels.split, domains.change, constants.cells)

    def intensities(table: Array) -> Array:
        factors = constants.factors
        with_table = jax.tree.map(lambda x: table if x is factors.table else x, factors)
        return sample_terms(index, constants._replace(factors=with_table)).intensity

    tangent: Array = jax.jvp(intensities, (constants.factors.table,), (table_dot,))[1]
    return pixels.factor * matrix_product(domains.counted, tangent)
