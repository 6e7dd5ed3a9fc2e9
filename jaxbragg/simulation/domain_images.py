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
from jaxbragg.simulation.sample import IndexTerms, SampleConstants, domain_index
from jaxbragg.simulation.slopes import sample_slopes


class DomainImages(NamedTuple):
    """Sums over the domains of a pixel's intensities and of their derivatives, (n_pixels,).

    Attributes:
      intensity: the sum itself.
      by_q: derivatives by the scattering vector.
      by_base: derivatives by the rows a, b, c of the unrotated domain.
      by_number: derivatives by shared numbers, as in `Slopes`.
    """

    intensity: Array
    by_q: Vec3
    by_base: Mat33
    by_number: dict[int, Array]


class _Sums(NamedTuple):
    """Sums over domains.

    With g_i the derivative of a domain's intensity by its index h, k or l, and R its rotation:

    Attributes:
      intensity: of the intensities, (n_pixels,).
      by_rotation: of g_i R, (3, 9, n_pixels); of g_i, (3, 1, n_pixels), where nothing is rotated.
      by_number: as in `DomainImages`.
    """

    intensity: Array
    by_rotation: Array
    by_number: dict[int, Array]


def domain_images(
    index: IndexTerms, base: Mat33, turns: Mat33 | None, constants: SampleConstants, asked: list[int]
) -> DomainImages:
    """Sum intensities and derivatives over the domains of one ray at one spindle angle.

    Args:
      index: as in `domain_index`, components (n_pixels,).
      base, turns, constants: as in `domain_sum`.
      asked: which leaves of the constants to derive by; each one number.
    """
    narrow = index.rest.x.dtype
    pixels: IndexTerms = jax.tree.map(lambda x: x[None], index)
    changes = domain_changes(base, turns, narrow)
    blocks = in_blocks((jnp.ones_like(changes.row_0.x), changes, _narrow(_rotations(turns), narrow)))
    of_block = functools.partial(_block_sums, pixels, constants, asked)

    def add(total: _Sums, block: tuple[Array, Mat33, Mat33 | None]) -> _Sums:
        sums: _Sums = jax.tree.map(jnp.add, total, of_block(*block))
        return sums

    shapes = jax.eval_shape(of_block, *jax.tree.map(lambda x: x[0], blocks))
    start: _Sums = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)
    return _contracted(fold(add, start, blocks), index.q, _narrow(base, narrow))


def _block_sums(
    pixels: IndexTerms,
    constants: SampleConstants,
    asked: list[int],
    count: Array,
    changes: Mat33,
    rotations: Mat33 | None,
) -> _Sums:
    """Sums over one block of domains.

    Args:
      pixels: components (1, n_pixels).
      constants, asked: as in `domain_images`.
      count: 1 for a domain, 0 for what only fills up the block, (n_domains,).
      changes, rotations: components (n_domains,).
    """
    domains = domain_index(pixels, jax.tree.map(lambda x: x[:, None], changes), constants.cells)
    slopes = sample_slopes(domains, constants, asked)
    weights = jnp.stack([count] if rotations is None else jax.tree.leaves(rotations))
    return _Sums(
        intensity=matrix_product(count, slopes.intensity),
        by_rotation=jnp.stack([matrix_product(weights, g) for g in slopes.by_index]),
        by_number={place: matrix_product(count, g) for place, g in slopes.by_number.items()},
    )


def _rotations(turns: Mat33 | None) -> Mat33 | None:
    """Rotations of domains from what is left of them without the identity."""
    if turns is None:
        return None
    xx, yy, zz = turns.row_0.x + 1.0, turns.row_1.y + 1.0, turns.row_2.z + 1.0
    return Mat33(turns.row_0._replace(x=xx), turns.row_1._replace(y=yy), turns.row_2._replace(z=zz))


def _contracted(sums: _Sums, q: Vec3, base: Mat33) -> DomainImages:
    """Derivatives by q and by a, b, c, where R a . q is a domain's index."""
    if sums.by_rotation.shape[1] == 1:
        by_index = sums.by_rotation[:, 0]
        turned = [[g * x for x in axis] for g, axis in zip(by_index, base, strict=True)]
        by_base = [Vec3(*(g * x for x in q)) for g in by_index]
    else:
        rotations = sums.by_rotation.reshape(3, 3, 3, -1)
        turned = [
            [_dot(row, axis) for row in rotation] for rotation, axis in zip(rotations, base, strict=True)
        ]
        by_base = [Vec3(*(_dot(rotation[:, c], q) for c in range(3))) for rotation in rotations]
    return DomainImages(
        intensity=sums.intensity,
        by_q=Vec3(*(functools.reduce(jnp.add, of_axes) for of_axes in zip(*turned, strict=True))),
        by_base=Mat33(*by_base),
        by_number=sums.by_number,
    )


def _dot(images: Array, numbers: Vec3) -> Array:
    total: Array = functools.reduce(jnp.add, (x * y for x, y in zip(images, numbers, strict=True)))
    return total


def tangent_from_images(
    images: DomainImages, q_dot: Vec3, base_dot: Mat33, number_dots: dict[int, Array]
) -> Array:
    """Tangent of the sum of intensities, (n_pixels,).

    Args:
      images: of the sum.
      q_dot: tangent of the scattering vector, narrow dtype, (n_pixels,); None stands for zero, component by
        component.
      base_dot: tangent of `base` as in `domain_sum`, likewise one number each.
      number_dots: tangents of the numbers that were asked for, by position.
    """
    pairs = [(image, number_dots[place]) for place, image in images.by_number.items()]
    pairs.extend(zip(images.by_q, q_dot, strict=True))
    for row, row_dot in zip(images.by_base, base_dot, strict=True):
        pairs.extend(zip(row, row_dot, strict=True))
    terms = [image * dot.astype(image.dtype) for image, dot in pairs if dot is not None]
    return functools.reduce(jnp.add, terms, jnp.zeros_like(images.intensity))


def _narrow(tree: Any, dtype: Any) -> Any:
    return jax.tree.map(lambda x: x.astype(dtype), tree)
