"""Derivatives of the sum over mosaic domains as images, computed together in one pass over the domains."""

import functools
from typing import Any

import jax
import jax.numpy as jnp

from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.domain_blocks import in_blocks
from jaxbragg.simulation.domain_totals import Domains, Totals, moved, totals
from jaxbragg.simulation.loops import fold
from jaxbragg.simulation.orientations import domain_axes, domain_changes, rotations
from jaxbragg.simulation.sample import IndexTerms, SampleConstants
from jaxbragg.simulation.slopes import sample_slopes


def domain_images(
    index: IndexTerms,
    base: Mat33,
    turns: Mat33 | None,
    constants: SampleConstants,
    by_q: bool,
    by_base: bool,
    by_number: list[int],
) -> Totals:
    """Sum intensities and derivatives over the domains of one ray at one spindle angle.

    Args:
      index: as in `domain_index`, components (n_pixels,).
      base, turns, constants: as in `domain_sum`.
      by_q, by_base: whether to derive by these.
      by_number: which leaves of the constants to derive by; each one number.
    """
    narrow = index.rest.x.dtype
    changes = domain_changes(base, turns, narrow)
    counted = jnp.ones_like(changes.row_0.x)
    axes = _narrow(domain_axes(base, turns), narrow) if by_q else None
    blocks = in_blocks(
        Domains(counted, changes, axes, _narrow(rotations(turns), narrow) if by_base else None)
    )

    def of_block(domains: Domains) -> Totals:
        slopes = sample_slopes(moved(index, domains.change, constants.cells), constants, by_number)
        return totals(slopes, domains, index.q)

    def with_block(total: Totals, domains: Domains) -> Totals:
        sums: Totals = jax.tree.map(jnp.add, total, of_block(domains))
        return sums

    shapes = jax.eval_shape(of_block, jax.tree.map(lambda x: x[0], blocks))
    start: Totals = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)
    return fold(with_block, start, blocks)


def tangent_from_images(images: Totals, q_dot: Vec3, base_dot: Mat33, number_dots: dict[int, Array]) -> Array:
    """Tangent of the sum of intensities, (n_pixels,).

    Args:
      images: of the sum.
      q_dot: tangent of the scattering vector, narrow dtype, (n_pixels,); None stands for zero, component by
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


def _narrow(tree: Any, dtype: Any) -> Any:
    return jax.tree.map(lambda x: x.astype(dtype), tree)
