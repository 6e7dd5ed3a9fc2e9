"""Derivatives of the sum over mosaic domains as images, computed together in one pass over the domains."""

import functools

import jax
import jax.numpy as jnp

from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.domain_totals import Domains, DomainTotals, blocks_of_domains, moved, totals
from jaxbragg.simulation.loops import fold
from jaxbragg.simulation.sample import IndexTerms, SampleConstants
from jaxbragg.simulation.slopes import sample_slopes


def domain_images(
    index: IndexTerms,
    base: Mat33,
    turns: Mat33 | None,
    constants: SampleConstants,
    by_q: bool,
    by_base: bool,
    asked: list[int],
) -> DomainTotals:
    """Sum intensities and derivatives over the domains of one ray at one spindle angle.

    Args:
      index: as in `domain_index`, components of any one shape.
      base, turns, constants: as in `domain_sum`.
      by_q, by_base: whether to derive by these.
      asked: which leaves of the constants to derive by; each one number.
    """
    blocks = blocks_of_domains(base, turns, index.rest.x.dtype, by_q, by_base)

    def of_block(domains: Domains) -> DomainTotals:
        slopes = sample_slopes(moved(index, domains.change, constants.cells), constants, asked)
        return totals(slopes, domains, index.q)

    def with_block(total: DomainTotals, domains: Domains) -> DomainTotals:
        sums: DomainTotals = jax.tree.map(jnp.add, total, of_block(domains))
        return sums

    shapes = jax.eval_shape(of_block, jax.tree.map(lambda x: x[0], blocks))
    start: DomainTotals = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)
    return fold(with_block, start, blocks)


def tangent_from_images(
    images: DomainTotals, q_dot: Vec3, base_dot: Mat33, number_dots: dict[int, Array]
) -> Array:
    """Tangent of the sum of intensities, of the pixels' shape.

    Args:
      images: of the sum.
      q_dot: tangent of the scattering vector, of the pixels' shape; None stands for zero, component by
        component.
      base_dot: tangent of `base` as in `domain_sum`, likewise one number each.
      number_dots: tangents of the numbers that were asked for, by position.
    """
    pairs = [(image, number_dots[place]) for place, image in images.by_number.items()]
    if images.by_q is not None:
        pairs.extend(zip(images.by_q, q_dot, strict=True))
    if images.by_base is not None:
        for row, row_dot in zip(images.by_base, base_dot, strict=True):
            pairs.extend(zip(row, row_dot, strict=True))
    terms = [image * dot.astype(image.dtype) for image, dot in pairs if dot is not None]
    return functools.reduce(jnp.add, terms, jnp.zeros_like(images.intensity))
