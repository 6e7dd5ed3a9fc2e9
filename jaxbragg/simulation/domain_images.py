"""Derivatives of the sum over mosaic domains as images, computed together in one pass over the domains."""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg.products import matrix_product
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.domain_blocks import in_blocks
from jaxbragg.simulation.loops import fold
from jaxbragg.simulation.orientations import domain_changes
from jaxbragg.simulation.point import IndexTerms, SampleConstants, domain_index, sample_terms


class DomainImages(NamedTuple):
    """Sums over the domains of a pixel's intensities and of their derivatives, (n_pixels,) unless stated.

    With g_i the derivative of a domain's intensity by its index h, k or l, and X its rotation less the
    identity:

    Attributes:
      intensity: the sum itself.
      by_index: sums of g_i, (3, n_pixels).
      by_rotation: sums of g_i X, (3, 9, n_pixels).
      by_number: sums of the derivatives by shared numbers.
    """

    intensity: Array
    by_index: Array
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
    blocks = in_blocks((jnp.ones_like(changes.row_0.x), changes, _narrow(turns, narrow)))
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
    weights = jnp.stack([count, *jax.tree.leaves(turns)])
    sums = jnp.stack([matrix_product(weights, g) for g in by_rest])
    return DomainImages(
        intensity=matrix_product(count, intensity),
        by_index=sums[:, 0],
        by_rotation=sums[:, 1:],
        by_number=[matrix_product(count, g) for g in by_number],
    )


def tangent_from_images(
    images: DomainImages,
    index_dot: Vec3,
    scattering: tuple[Vec3, Vec3],
    unturned: tuple[Mat33, Mat33],
    number_dots: list[Array],
) -> Array:
    """Tangent of the sum of intensities, (n_pixels,).

    Args:
      images: of the sum.
      index_dot: tangent of the index in the unrotated domain; None stands for zero, component by component.
      scattering: q as in `domain_sum`, and its tangent.
      unturned: base as in `domain_sum`, and its tangent; both act through what a domain's rotation changes.
      number_dots: tangents of the numbers that were asked for.
    """
    dtype = images.intensity.dtype
    q, q_dot = scattering
    base, base_dot = unturned
    pixels = _narrow(Vec3(*(x.ravel() for x in q)), dtype)
    pairs = [*zip(images.by_number, number_dots, strict=True), *zip(images.by_index, index_dot, strict=True)]
    if any(dot is not None for dot in q_dot):
        pairs.extend(zip(_by_scattering_vector(images, _narrow(base, dtype)), q_dot, strict=True))
    for axis, row_dot in enumerate(base_dot):
        if any(dot is not None for dot in row_dot):
            pairs.extend(zip(_by_real_vector(images, pixels, axis), row_dot, strict=True))
    terms = [image * dot.astype(dtype).ravel() for image, dot in pairs if dot is not None]
    return functools.reduce(jnp.add, terms, jnp.zeros_like(images.intensity))


def _narrow(tree: Any, dtype: Any) -> Any:
    return jax.tree.map(lambda x: x.astype(dtype), tree)


def _by_scattering_vector(images: DomainImages, base: Mat33) -> list[Array]:
    """Derivatives by the components of q: a domain adds X a . q to its index."""
    of_axes = zip(images.by_rotation.reshape(3, 3, 3, -1), base, strict=True)
    by_axis = [[_sum_of_products(row, a) for row in rotation] for rotation, a in of_axes]
    return [functools.reduce(jnp.add, of_component) for of_component in zip(*by_axis, strict=True)]


def _by_real_vector(images: DomainImages, q: Vec3, axis: int) -> list[Array]:
    """Derivatives by the components of a, b or c, likewise."""
    rotation = images.by_rotation[axis].reshape(3, 3, -1)
    return [_sum_of_products(rotation[:, component], q) for component in range(3)]


def _sum_of_products(rows: Array, numbers: Vec3) -> Array:
    total: Array = functools.reduce(jnp.add, (row * x for row, x in zip(rows, numbers, strict=True)))
    return total
