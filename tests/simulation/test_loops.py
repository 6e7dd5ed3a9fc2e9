"""Sums over items: every item once, whatever their number, and few roundings."""

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg.pairs.replay import in_pairs
from jaxbragg.simulation.loops import NARROW_ADDITIONS, sum_of_terms

COUNTS = [1, 2, 7, 8, 13, 17, 128, 129, 131, 1009, 1024, 1030, 2100]


@pytest.mark.parametrize("most_per_turn", [1, 8])
@pytest.mark.parametrize("count", COUNTS)
def test_every_item_is_added_once(count, most_per_turn):
    items = {"a": jnp.arange(count, dtype=jnp.float32), "b": jnp.ones((count, 2), jnp.float32)}
    with jax.enable_x64(True):
        total = sum_of_terms(
            lambda item: item["a"] * item["b"], items, jnp.zeros(2, jnp.float32), most_per_turn
        )
    # whole numbers below 2**24 are exact
    chex.assert_trees_all_equal(total, jnp.full(2, count * (count - 1) // 2, jnp.float32))


@pytest.mark.parametrize("count", [1031, 1041])
def test_items_that_fill_no_turn_of_the_last_part_are_added(count):
    """In pairs and without `jit` a loop over nothing would be an error."""
    values = jnp.ones(count, jnp.float32)

    def total(values):
        return sum_of_terms(lambda x: x, values, jnp.zeros((), jnp.float32), 8)

    with jax.enable_x64(True), jax.disable_jit():
        assert total(values) == count
    assert in_pairs(total)(values) == count


@pytest.mark.spec("PREC-6")
@pytest.mark.parametrize("count", [131, 1009, 10_000, 10_007])
def test_many_terms_are_rounded_as_often_as_a_part_of_them(count):
    values = np.random.default_rng(count).uniform(0.5, 1.5, count).astype(np.float32)
    with jax.enable_x64(True):
        total = sum_of_terms(lambda x: x, jnp.asarray(values), jnp.zeros((), jnp.float32), 8)
    exact = values.astype(np.float64).sum()
    assert abs(float(total) - exact) <= (NARROW_ADDITIONS + 8 + 1) * 2.0**-24 * exact


@pytest.mark.parametrize(
    ("count", "loops", "terms"),
    [(8, 0, 1), (13, 0, 2), (16, 1, 1), (17, 1, 2), (1024, 1, 1), (1040, 2, 1), (1041, 2, 2)],
)
def test_loops_are_few(count, loops, terms):
    """Over turns, and over parts where there are several; items that fill no turn are a term apart."""
    with jax.enable_x64(True):
        total = jax.jit(lambda x: sum_of_terms(jnp.sin, x, jnp.zeros((), jnp.float32), 8))
        text = total.lower(jnp.zeros(count, jnp.float32)).as_text()
    assert text.count("stablehlo.while") == loops
    assert text.count("stablehlo.sine") == terms
