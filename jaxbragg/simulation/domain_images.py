"""Derivatives of the sum over mosaic domains as images, computed together in one pass over the domains."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.domain_blocks import in_blocks
from jaxbragg.simulation.loops import fold
from jaxbragg.simulation.orientations import domain_changes
from jaxbragg.simulation.point import IndexTerms, SampleConstants, domain_index, sample_terms


class DomainImages(NamedTuple):
    """Sums over the domains of a pixel's intensities and of their derivatives, (n_pixels,) unless stated.

    With g_i the derivative of a domain's intensity by its index h, k or l, v_i what the domain changes in the
    real vector a, b or c, and X its rotation less the identity:

    Attributes:
      intensity: the sum itself.
      by_index: sums of g_i, (3, n_pixels).
      by_change: sums of g_i v_i, (3, 3, n_pixels).
      by_rotation: sums of g_i X, (3, 9, n_pixels).
      by_number: sums of the derivatives by shared numbers.
    """

    intensity: Array
    by_index: Array
    by_change: Array
    by_rotation: Array
    by_number: list[Array]


def domain_images(
    index: IndexTerms, base: Mat33, turns: Mat33, constants: SampleConstants, asked: list[int]
) -> DomainImages:
    """Sum intensities and derivatives over the domains of one ray at one spindle angle.

    Args:
      index, base, turns, constants: as in `domain_sum`.
      asked: which leaves of the constants to derive by; each one number.
    """
    narrow = index.rest.x.dtype
    pixels: IndexTerms = jax.tree.map(lambda x: x.reshape(1, -1), index)
    changes = domain_changes(base, turns, narrow)
    narrow_turns = jax.tree.map(lambda x: x.astype(narrow), turns)
    blocks = in_blocks((jnp.ones_like(changes.row_0.x), changes, narrow_turns))
    of_block = functools.partial(_block_images, pixels, constants, asked)

    def add(total: DomainImages, block: tuple[Array, Mat33, Mat33]) -> DomainImages:
        images: DomainImages = jax.tree.map(jnp.add, total, of_block(*block))
        return images

    shapes = jax.eval_shape(of_block, *jax.tree.map(lambda x: x[0], blocks))
    start: DomainImages = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)
    return fold(add, start, blocks)


def _block_images(
    pixels: IndexTerms,
    constants: SampleConstants,
    asked: list[int],
    count: Array,
    changes: Mat33,
    turns: Mat33,
) -> DomainImages:
    """Sums over one block of domains.

    Args:
      pixels: components (1, n_pixels).
      constants, asked: as in `domain_images`.
      count: 1 for a domain, 0 for what only fills up the block, (n_domains,).
      changes, turns: components (n_domains,).
    """
    domains = domain_index(pixels, jax.tree.map(lambda x: x[:, None], changes), constants.cells)
    leaves, structure = jax.tree.flatten(constants)

    def intensities(rest: Vec3, numbers: list[Array]) -> Array:
        filled = list(leaves)
        for position, number in zip(asked, numbers, strict=True):
            filled[position] = number
        return sample_terms(domains._replace(rest=rest), jax.tree.unflatten(structure, filled)).intensity

    numbers = [jnp.full(domains.rest.x.shape, leaves[position]) for position in asked]
    intensity, pull = jax.vjp(intensities, domains.rest, numbers)
    by_rest, by_number = pull(jnp.ones_like(intensity))
    rotation = jnp.stack(jax.tree.leaves(turns))
    weights = (jnp.concatenate([count[None], jnp.stack(change), rotation]) for change in changes)
    sums = jnp.stack([weight @ g for weight, g in zip(weights, by_rest, strict=True)])
    return DomainImages(
        intensity=count @ intensity,
        by_index=sums[:, 0],
        by_change=sums[:, 1:4],
        by_rotation=sums[:, 4:],
        by_number=[count @ g for g in by_number],
    )


def tangent_from_images(
    images: DomainImages,
    index_dot: Vec3,
    scattering: tuple[Vec3, Vec3],
    base_dot: Mat33,
    number_dots: list[Array],
) -> Array:
    """Tangent of the sum of intensities, (n_pixels,).

    Args:
      images: of the sum.
      index_dot: tangent of the index in the unrotated domain; None stands for zero, component by component.
      scattering: q as in `domain_sum`, and its tangent.
      base_dot: tangent of the base, which acts through what a domain's rotation changes in it.
      number_dots: tangents of the numbers that were asked for.
    """
    dtype = images.intensity.dtype

    def narrow(x: Array) -> Array:
        return x.astype(dtype).ravel()

    q, q_dot = scattering
    pixels = Vec3(*map(narrow, q))
    pairs = [*zip(images.by_number, number_dots, strict=True), *zip(images.by_index, index_dot, strict=True)]
    for component, dot in enumerate(q_dot):
        pairs.append((images.by_change[:, component].sum(0), dot))
    for axis, row_dot in enumerate(base_dot):
        pairs.extend(zip(_by_real_vector(images, pixels, axis), row_dot, strict=True))
    terms = [image * narrow(dot) for image, dot in pairs if dot is not None]
    return functools.reduce(jnp.add, terms, jnp.zeros_like(images.intensity))


def _by_real_vector(images: DomainImages, q: Vec3, axis: int) -> list[Array]:
    """Derivatives by the components of a, b or c: a domain adds X a . q to its index."""
    rotation = images.by_rotation[axis].reshape(3, 3, -1)
    return [
        functools.reduce(jnp.add, (row[component] * x for row, x in zip(rotation, q, strict=True)))
        for component in range(3)
    ]
