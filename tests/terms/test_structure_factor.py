"""Nearest lookup and the rule outside the table."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.shapes import Vec3
from jaxbragg.terms.structure_factor import nearest_amplitude
from tests.doubles import float64, number

__all__ = ["float64"]

TABLE = np.arange(1.0, 61.0).reshape(3, 4, 5)
FACTORS = jax.tree.map(number, jb.StructureFactorConfig(table=TABLE, index_min=(-1, 2, -3), default_f=0.5))


def indices(values):
    h, k, l = np.asarray(values).T
    return Vec3(*(jnp.asarray(x, float) for x in (h, k, l)))


@pytest.mark.spec("SF-1", "SF-2")
def test_every_index_in_and_around_the_box():
    everywhere = list(itertools.product(range(-3, 4), range(0, 8), range(-5, 4)))
    found = nearest_amplitude(indices(everywhere), FACTORS)
    amplitudes, insides = np.asarray(found.amplitude), np.asarray(found.inside)
    for (h, k, l), amplitude, inside in zip(everywhere, amplitudes, insides, strict=True):
        is_listed = -1 <= h <= 1 and 2 <= k <= 5 and -3 <= l <= 1
        assert bool(inside) is is_listed
        assert float(amplitude) == (TABLE[h + 1, k - 2, l + 3] if is_listed else 0.5)


@pytest.mark.spec("SF-1", "PREC-7")
def test_a_table_with_more_entries_than_the_type_can_count():
    """Places in 13³ entries go beyond float16's whole numbers, which end at 2048; rows and columns do not."""
    n = 13
    table = np.arange(n**3).reshape(n, n, n) % 2039.0
    factors = jb.StructureFactorConfig(table=table, index_min=(0, 0, 0))
    factors = jax.tree.map(lambda x: jnp.asarray(x, jnp.float16), factors)
    everywhere = Vec3(*(jnp.asarray(x, jnp.float16) for x in np.indices((n, n, n)).reshape(3, -1)))
    assert nearest_amplitude(everywhere, factors).amplitude.tolist() == table.ravel().tolist()


@pytest.mark.spec("SF-2")
def test_without_a_table_the_default_is_everywhere():
    factors = jax.tree.map(number, jb.StructureFactorConfig(default_f=7.0))
    found = nearest_amplitude(indices([(0, 0, 0), (100, -3, 5)]), factors)
    assert found.amplitude.tolist() == [7.0, 7.0]
    assert found.inside.tolist() == [False, False]


@pytest.mark.spec("SF-1", "SF-2", "SUM-9")
def test_derivative_counts_how_often_an_entry_is_used():
    used = indices([(-1, 2, -3), (-1, 2, -3), (1, 5, 1), (9, 9, 9)])
    gradient = jax.grad(lambda factors: jnp.sum(nearest_amplitude(used, factors).amplitude))(FACTORS)
    assert (float(gradient.table[0, 0, 0]), float(gradient.table[2, 3, 4])) == (2.0, 1.0)
    assert float(jnp.sum(gradient.table)) == 3.0
    assert float(gradient.default_f) == 1.0
