"""Functions of few numbers in larger programs: what is computed, and what the compiler is told."""

import re

import chex
import jax
import jax.numpy as jnp
import pytest

from jaxbragg.one_function import IS_READ, MARK, jit_as_one_function


def few_numbers(x, passed_through):
    sine = jnp.sin(x)
    return jnp.stack([sine[0] / x[1], jnp.sqrt(sine[1]) * x[0]]), passed_through


one_function = jit_as_one_function(few_numbers)


@jax.jit
def of_the_caller(x):
    return jnp.sort(x)


def total(function):
    def summed(x):
        result, same = function(x, of_the_caller(x))
        return jnp.sum(result**2) + jnp.sum(same)

    return summed


X = jnp.array([0.7, 1.1])


@pytest.mark.parametrize(
    "transformed",
    [
        jax.jit,
        lambda f: jax.jit(jax.grad(f)),
        lambda f: jax.jit(jax.hessian(f)),
        lambda f: jax.jit(lambda x: jax.jvp(f, (x,), (jnp.ones(2),))),
        lambda f: jax.jit(lambda x: jax.vmap(jax.grad(f))(jnp.stack([x, 2 * x]))),
        jax.grad,
    ],
    ids=["jit", "grad", "hessian", "jvp", "vmap", "without jit"],
)
def test_values_and_derivatives_are_those_of_the_function(transformed):
    found, expected = (transformed(total(function))(X) for function in (one_function, few_numbers))
    chex.assert_trees_all_close(found, expected, rtol=1e-6)


@pytest.mark.parametrize(("program", "calls"), [(total(one_function), 1), (jax.grad(total(one_function)), 2)])
def test_its_calls_are_marked_for_cpus_and_no_others(program, calls):
    traced = jax.jit(program).trace(X)
    marked = [line for line in traced.lower().as_text().splitlines() if "small_call" in line]
    assert len(marked) == calls * IS_READ
    assert all(re.search(r"call @\w*few_numbers", line) for line in marked)
    assert all(f'{name} = "{text}"' in line for line in marked for name, text in MARK.items())
    for platform in ("cuda", "tpu"):
        assert "small_call" not in traced.lower(lowering_platforms=(platform,)).as_text()


def test_the_compiler_keeps_each_as_one_call():
    text = jax.jit(jax.grad(total(one_function))).lower(X).compile().as_text()
    assert len(re.findall(r" call\(.*few_numbers.*xla_cpu_small_call", text)) == 2 * IS_READ


def test_known_numbers_are_evaluated_as_ever():
    chex.assert_trees_all_close(one_function(X, X), few_numbers(X, X), rtol=1e-6)
