"""The sum over mosaic domains and its block-wise derivative, against the loop derived by JAX itself.

Both evaluate the same terms in float64 and differ in the order of sums: 1e-12 of the largest derivative of a
kind bounds that with hundreds of terms of one sign or another.
"""

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg import StructureFactorConfig
from jaxbragg.config.choices import Shape
from jaxbragg.shapes import Mat33, Vec3
from jaxbragg.simulation.domains import DOMAINS_PER_BLOCK, domain_sum, in_blocks
from jaxbragg.simulation.point import BlockRules, IndexTerms, SampleConstants, domain_index, sample_terms
from jaxbragg.terms.lattice import ReciprocalAxes, less_whole
from tests.doubles import float64

__all__ = ["float64"]

CELLS = np.array([3.0, 5.0, 4.0])
PIXELS = (2, 7)


def vectors(rng, scale, shape):
    return Vec3(*(jnp.asarray(rng.uniform(-scale, scale, shape)) for _ in range(3)))


def turns(rest, cells):
    return Vec3(*(less_whole(x * n) for x, n in zip(rest, cells, strict=True)))


def inputs(domains, shape=Shape.SQUARE, interpolate=False):
    """A ray's index in some pixels, domains that move it by up to 0.2, weights, constants with a table."""
    rng = np.random.default_rng(1)
    rest = vectors(rng, 0.5, PIXELS)
    index = IndexTerms(
        whole=Vec3(*(jnp.asarray(rng.integers(-1, 2, PIXELS), jnp.int32) for _ in range(3))),
        rest=rest,
        turns=turns(rest, CELLS),
        q=vectors(rng, 1.0, PIXELS),
    )
    change = Mat33(*(vectors(rng, 0.07, domains) for _ in range(3)))
    table = StructureFactorConfig(
        table=rng.uniform(50, 150, (9, 9, 9)), index_min=(-4, -4, -4), interpolate=interpolate
    )
    constants = SampleConstants(
        cells=Vec3(*map(jnp.asarray, CELLS)),
        fudge=jnp.asarray(1.2),
        axes=ReciprocalAxes(*(Vec3(*map(jnp.asarray, row)) for row in np.eye(3) / 40)),
        factors=jax.tree.map(jnp.asarray, table),
        rules=BlockRules(shape, full_index_sines=False),
    )
    return index, change, jnp.asarray(rng.uniform(0.5, 1, PIXELS)), constants


def plain_sum(index, change, factor, constants):
    def add(total, domain):
        moved = domain_index(index, domain, constants.cells)
        return total + factor * sample_terms(moved, constants).intensity, None

    return jax.lax.scan(add, jnp.zeros_like(factor), change)[0]


def gradients(function, arguments):
    weights = jnp.asarray(np.random.default_rng(2).normal(size=PIXELS))
    return jax.grad(lambda *a: (function(*a) * weights).sum(), argnums=range(4), allow_int=True)(*arguments)


def without_turns(tree):
    """All but the remainders of N·d, of which both derivatives know that they follow the distance."""
    index, *others = tree
    return index.rest, index.q, others


def assert_close(ours, theirs):
    for x, y in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        if x.dtype != jax.dtypes.float0:
            chex.assert_trees_all_close(x, y, rtol=1e-12, atol=1e-12 * float(jnp.abs(y).max()))


@pytest.mark.spec("SUM-9")
@pytest.mark.parametrize("domains", [1, 3, 2 * DOMAINS_PER_BLOCK + 5])
def test_blocks_of_domains_give_the_derivative_of_the_loop(domains):
    arguments = inputs(domains)
    assert_close(domain_sum(*arguments), plain_sum(*arguments))
    assert_close(*(without_turns(gradients(f, arguments)) for f in (domain_sum, plain_sum)))


@pytest.mark.spec("SUM-9")
@pytest.mark.parametrize(
    ("shape", "interpolate"), [*((shape, False) for shape in Shape), (Shape.SQUARE, True)]
)
def test_every_shape_and_table_lookup(shape, interpolate):
    arguments = inputs(5, shape, interpolate)
    assert_close(*(without_turns(gradients(f, arguments)) for f in (domain_sum, plain_sum)))


@pytest.mark.spec("SUM-9")
def test_forward_mode_and_second_derivatives():
    index, change, factor, constants = inputs(3)

    def of_cells(function):
        def total(cells):
            here = index._replace(turns=turns(index.rest, cells))
            return function(here, change, factor, constants._replace(cells=Vec3(*cells))).sum()

        return total

    cells = jnp.asarray(CELLS)
    for derivative in (jax.jacfwd, jax.jacrev, jax.hessian):
        assert_close(*(derivative(of_cells(f))(cells) for f in (domain_sum, plain_sum)))


def test_blocks_are_equal_and_filled_with_zeros():
    domains = 2 * DOMAINS_PER_BLOCK + 1
    blocks = in_blocks(jnp.ones(domains))
    assert len(blocks) == 3
    assert float(blocks.sum()) == domains
    assert blocks.shape[1] <= DOMAINS_PER_BLOCK
