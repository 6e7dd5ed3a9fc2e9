"""Which arrays derivatives move, and by how much."""

import chex
import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg.tangents import derivatives_that_move


def arrays(vector):
    """One that moves with the first and the last number, one that is held, one that never moved."""
    return [vector[0] * jnp.arange(2.0) + vector[2] ** 2, jax.lax.stop_gradient(vector[1:]), jnp.ones(3)]


def test_arrays_that_never_move_have_no_derivative():
    chosen = np.array([True, False, True])
    moved, *others = derivatives_that_move(arrays, jnp.array([1.0, 2.0, 3.0]), chosen)
    assert others == [None, None]
    chex.assert_trees_all_close(moved, jnp.array([[0.0, 1.0], [6.0, 6.0]]))


def test_where_nothing_ever_moves():
    chosen = np.array([True, True, True])
    assert derivatives_that_move(lambda vector: arrays(vector)[1:], jnp.ones(3), chosen) == [None, None]


def test_without_a_chosen_number_nothing_moves():
    assert derivatives_that_move(arrays, jnp.ones(3), np.zeros(3, bool)) == [None, None, None]


def test_inside_a_compiled_function():
    """What moves is known when a program is traced."""

    @jax.jit
    def both(vector):
        return derivatives_that_move(jax.jit(arrays), vector, np.array([True, False, False]))

    moved, *others = both(jnp.ones(3))
    assert others == [None, None]
    chex.assert_trees_all_close(moved, jnp.array([[0.0, 1.0]]))
