"""The sum over mosaic domains and its block-wise derivative, against the loop derived by JAX itself.

Both evaluate the same terms in float64 and differ in the order of sums: 1e-12 of the largest derivative of a
kind bounds that with hundreds of terms of one sign or another.
"""

import dataclasses

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg import StructureFactorConfig
from jaxbragg.config.choices import Shape
from jaxbragg.geometry.vectors import apply
from jaxbragg.shapes import Mat33, Vec3
from jaxbragg.simulation.domain_blocks import (
    DOMAINS_PER_BLOCK,
    PIXELS_PER_BLOCK,
    in_blocks,
    over_pixels,
    pixels_per_block,
)
from jaxbragg.simulation.domains import domain_sum as sum_of_index
from jaxbragg.simulation.orientations import Orientations, domain_changes, single_domain_turned
from jaxbragg.simulation.sample import BlockRules, SampleConstants, domain_index, index_terms, sample_terms
from jaxbragg.terms.lattice import ReciprocalAxes
from tests.doubles import float64

__all__ = ["float64"]

CELLS = np.array([3.0, 5.0, 4.0])
PIXELS = (2, 7)


def vectors(rng, scale, shape):
    return Vec3(*(jnp.asarray(rng.uniform(-scale, scale, shape)) for _ in range(3)))


def inputs(domains, shape=Shape.SQUARE, interpolate=False):
    """A ray in some pixels, domains that move its index by up to 0.2, factors, constants with a table."""
    rng = np.random.default_rng(1)
    q = vectors(rng, 1.0, PIXELS)
    base = Mat33(*(vectors(rng, 1.2, ()) for _ in range(3)))
    rotations = Mat33(*(vectors(rng, 0.05, domains) for _ in range(3)))
    table = StructureFactorConfig(
        table=rng.uniform(50, 150, (9, 9, 9)), index_min=(-4, -4, -4), interpolate=interpolate
    )
    cells = Vec3(*map(jnp.asarray, CELLS))
    constants = SampleConstants(
        cells=cells,
        fudge=jnp.asarray(1.2),
        axes=ReciprocalAxes(*(Vec3(*map(jnp.asarray, row)) for row in np.eye(3) / 40)),
        factors=jax.tree.map(jnp.asarray, table),
        rules=BlockRules(shape, full_index_sines=False),
    )
    return q, base, rotations, jnp.asarray(rng.uniform(0.5, 1, PIXELS)), cells, constants


def domain_sum(q, base, *others):
    return sum_of_index(apply(base, q), q, base, *others)


def plain_sum(q, base, rotations, factor, cells, constants):
    split = index_terms(apply(base, q), q, cells, factor.dtype)

    def add(total, change):
        moved = domain_index(split, change, constants.cells)
        return total + factor * sample_terms(moved, constants).intensity, None

    changes = domain_changes(base, rotations, factor.dtype)
    return jax.lax.scan(add, jnp.zeros_like(factor), changes)[0]


ALL = (0, 1, 2, 3, 5)
WITHOUT_ROTATIONS = (0, 1, 3)
"""Arguments for which images of derivatives are enough."""

SOME = (ALL, WITHOUT_ROTATIONS, (0,), (1,))
"""Which of them move."""


def gradients(function, arguments, argnums):
    weights = jnp.asarray(np.random.default_rng(2).normal(size=PIXELS))
    total = jax.grad(lambda *a: (function(*a) * weights).sum(), argnums=argnums, allow_int=True)
    return jax.jit(total)(*arguments)


def assert_close(ours, theirs):
    for x, y in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        if x.dtype != jax.dtypes.float0:
            chex.assert_trees_all_close(x, y, rtol=1e-12, atol=1e-12 * float(jnp.abs(y).max()))


@pytest.mark.spec("SUM-9")
@pytest.mark.parametrize("argnums", SOME)
@pytest.mark.parametrize("domains", [1, 3, 2 * DOMAINS_PER_BLOCK + 5])
def test_blocks_of_domains_give_the_derivative_of_the_loop(domains, argnums):
    arguments = inputs(domains)
    assert_close(domain_sum(*arguments), plain_sum(*arguments))
    assert_close(*(gradients(f, arguments, argnums) for f in (domain_sum, plain_sum)))


@pytest.mark.spec("PREC-4", "SUM-9")
@pytest.mark.parametrize("argnums", [ALL, WITHOUT_ROTATIONS])
@pytest.mark.parametrize("table", [True, False])
def test_a_single_domain_may_be_turned_beforehand(argnums, table):
    arguments = inputs(1)
    if not table:
        factors = dataclasses.replace(arguments[-1].factors, table=None)
        arguments = (*arguments[:-1], arguments[-1]._replace(factors=factors))

    def turned(q, base, turns, *others):
        base, turns = single_domain_turned(Orientations(base, turns))
        assert turns is None
        return domain_sum(q, base, turns, *others)

    assert_close(turned(*arguments), domain_sum(*arguments))
    assert_close(*(gradients(f, arguments, argnums) for f in (turned, domain_sum)))


@pytest.mark.spec("SUM-9")
@pytest.mark.parametrize(
    ("shape", "interpolate", "argnums"),
    [
        *((shape, False, WITHOUT_ROTATIONS) for shape in Shape),
        (Shape.GAUSS, False, ALL),
        (Shape.SQUARE, True, ALL),
    ],
)
def test_every_shape_and_table_lookup(shape, interpolate, argnums):
    arguments = inputs(5, shape, interpolate)
    assert_close(*(gradients(f, arguments, argnums) for f in (domain_sum, plain_sum)))


@pytest.mark.spec("SUM-9")
def test_forward_mode_and_second_derivatives():
    q, base, rotations, factor, _, constants = inputs(3)

    def of_numbers(function):
        def total(numbers):
            cells, edge, default = Vec3(*numbers[:3]), numbers[3], numbers[4]
            moved = base._replace(row_0=base.row_0._replace(y=edge))
            factors = jax.tree.map(lambda x: default if x.ndim == 0 else x, constants.factors)
            numbers = constants._replace(cells=cells, factors=factors)
            return function(q, moved, rotations, factor, cells, numbers).sum()

        return total

    numbers = jnp.asarray([*CELLS, 0.3, 80.0])
    for derivative in (jax.jacfwd, jax.hessian):
        assert_close(*(jax.jit(derivative(of_numbers(f)))(numbers) for f in (domain_sum, plain_sum)))


@pytest.mark.spec("SUM-9")
@pytest.mark.parametrize("domains", [1, 3])
def test_second_derivatives_by_rays_and_orientation(domains):
    q, base, rotations, *others = inputs(domains)

    def of_scales(function, turned):
        def total(scales):
            ray = Vec3(*(scale * x for scale, x in zip(scales[:3], q, strict=True)))
            rows = (Vec3(*(scale * x for x in row)) for scale, row in zip(scales[3:], base, strict=True))
            return function(ray, *turned(Orientations(Mat33(*rows), rotations)), *others).sum()

        return jax.jit(jax.hessian(total))(jnp.ones(6))

    assert_close(of_scales(domain_sum, single_domain_turned), of_scales(plain_sum, lambda given: given))


def test_blocks_are_equal_and_filled_with_zeros():
    domains = 2 * DOMAINS_PER_BLOCK + 1
    blocks = in_blocks(jnp.ones(domains))
    assert len(blocks) == 3
    assert float(blocks.sum()) == domains
    assert blocks.shape[1] <= DOMAINS_PER_BLOCK


@pytest.mark.spec("PREC-17")
@pytest.mark.parametrize("per_block", [4, 5, 10, 11])
def test_pixels_in_blocks_are_evaluated_one_by_one(per_block):
    pixels = {"x": jnp.arange(10.0), "y": jnp.linspace(1.0, 2.0, 10)}
    done = over_pixels(lambda p: (p["x"] * p["y"], p["y"] ** 2), pixels, per_block)
    chex.assert_trees_all_close(done, (pixels["x"] * pixels["y"], pixels["y"] ** 2), rtol=1e-15)


@pytest.mark.spec("PREC-17")
@pytest.mark.parametrize("domains", [1, 2, 5, 9, 10, 11, 1000])
def test_blocks_have_as_many_samples_for_any_number_of_domains(domains):
    sizes = []
    over_pixels(lambda x: sizes.append(len(x)) or x, jnp.zeros(65536), pixels_per_block(domains))
    per_block = in_blocks(jnp.ones(domains)).shape[1]
    assert sizes[0] * per_block <= 1.02 * PIXELS_PER_BLOCK * DOMAINS_PER_BLOCK
    assert sizes[0] == 65536 or sizes[0] % 1024
