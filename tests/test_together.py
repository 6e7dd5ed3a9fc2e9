"""Arrays of one kernel are what they would be by themselves."""

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg.terms.reciprocal import reciprocal
from jaxbragg.together import together

NUMBERS = jnp.asarray(np.random.default_rng(3).uniform(0.5, 2.0, (5, 40)), jnp.float32)


def apart(x):
    shared = reciprocal(1.0 + x * x)
    return shared * x, shared * shared


def as_one(x):
    return together(*apart(x))


@pytest.mark.spec("PREC-17")
def test_values_stay_as_they_are():
    special = jnp.asarray([0.0, -0.0, jnp.inf, -jnp.inf, jnp.nan, 2e-38])
    chex.assert_trees_all_equal(jax.jit(together)(special, 2.0 * special), (special, 2.0 * special))
    signs = jax.jit(together)(jnp.asarray([-0.0]), jnp.asarray([0.0]))
    assert [float(np.signbit(x)[0]) for x in signs] == [1.0, 0.0]


@pytest.mark.spec("PREC-17")
def test_derivatives_and_vmap_pass_through():
    chex.assert_trees_all_close(jax.jit(as_one)(NUMBERS), apart(NUMBERS), rtol=1e-6)
    for change in (jax.jacfwd, jax.jacrev):
        derivatives = (change(lambda x, f=f: f(x)[1].sum())(NUMBERS) for f in (as_one, apart))
        chex.assert_trees_all_close(*derivatives, rtol=1e-5)
    chex.assert_trees_all_close(jax.jit(jax.vmap(as_one))(NUMBERS), apart(NUMBERS), rtol=1e-6)


@pytest.mark.spec("PREC-17")
@pytest.mark.skipif(jax.default_backend() != "cpu", reason="only XLA for CPUs needs it")
def test_one_kernel_writes_all():
    def kernels(function):
        text = jax.jit(function).lower(NUMBERS).compile().as_text()
        entry = text[text.index("\nENTRY") :]
        return entry.count(" fusion(") + entry.count(" reduce(") + entry.count(" call(")

    assert kernels(as_one) == 1 < kernels(apart)
