"""What XLA for CPUs makes of computations that are to be one kernel, or apart."""

import re
from collections.abc import Callable

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg.apart import apart
from jaxbragg.cotangents import cotangents_together
from jaxbragg.together import MOST_STORED, stored, together

X = np.linspace(-1, 1, 60, dtype=np.float32).reshape(3, 4, 5)


def both(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    common = x * x + 1.0
    return together((common * x, jnp.round(3.0 * common).astype(jnp.int32)))


@pytest.mark.spec("PREC-9")
@pytest.mark.parametrize("transform", [jax.jit, jax.vmap])
def test_arrays_together_are_the_arrays(transform) -> None:
    cubed, whole = transform(both)(X)
    np.testing.assert_allclose(cubed, X**3 + X, rtol=3e-7)  # two roundings and one of the expectation
    np.testing.assert_array_equal(whole, np.round(3 * (X * X + 1)))
    assert whole.dtype == np.int32


@pytest.mark.spec("PREC-17")
def test_arrays_together_keep_zeros_and_infinities() -> None:
    special = jnp.asarray([0.0, -0.0, jnp.inf, -jnp.inf, jnp.nan])
    chex.assert_trees_all_equal(jax.jit(together)((special, -special)), (special, -special))
    first, second = jax.jit(together)((special, -special))
    np.testing.assert_array_equal(np.signbit([first[:2], second[:2]]), [[False, True], [True, False]])


@pytest.mark.spec("PREC-17")
@pytest.mark.parametrize("derivative", [jax.jacfwd, jax.jacrev])
def test_derivatives_of_arrays_together(derivative) -> None:
    def cubed(x: jax.Array) -> jax.Array:
        return together((x**3, 2.0 * x))[0].sum()

    chex.assert_trees_all_close(jax.jit(derivative(cubed))(X), 3 * X**2, rtol=1e-6)
    chex.assert_trees_all_close(
        jax.jit(derivative(jax.grad(lambda x: cubed(x))))(X[0, 0]), np.diag(6 * X[0, 0])
    )


@pytest.mark.spec("PREC-9")
def test_arrays_together_are_written_by_one_kernel() -> None:
    program = jax.jit(both).lower(X).compile().as_text()
    entry = program[program.index("ENTRY") :]
    assert len(re.findall(r"= .* fusion\(", entry)) == 1


@pytest.mark.spec("PREC-9")
@pytest.mark.parametrize(("size", "kernels"), [(MOST_STORED, 2), (MOST_STORED + 1, 1)])
def test_what_fits_the_cache_is_stored_in_a_kernel_of_its_own(size: int, kernels: int) -> None:
    def many_uses(x: jax.Array) -> jax.Array:
        return together((stored(x * x + 1.0) * x, x + 1.0))[0]

    entry = jax.jit(many_uses).lower(jnp.ones(size)).compile().as_text().split("ENTRY")[1]
    assert len(re.findall(r"= .* (fusion|reduce)\(", entry)) == kernels


@pytest.mark.spec("PREC-17")
@pytest.mark.parametrize("derivative", [jax.jacfwd, jax.jacrev])
def test_cotangents_together_change_no_derivative(derivative) -> None:
    def with_any(join: Callable[[tuple[jax.Array, ...]], tuple[jax.Array, ...]]) -> tuple[jax.Array, ...]:
        def product(x: jax.Array) -> jax.Array:
            u, v = join((x**2, jnp.sin(x)))
            return (u * v).sum()

        first = jax.jit(derivative(product))(X)
        second = jax.jit(derivative(jax.grad(product)))(X[0, 0])
        batched = jax.jit(jax.vmap(derivative(product)))(X)
        return first, second, batched

    chex.assert_trees_all_close(with_any(cotangents_together), with_any(lambda x: x), rtol=1e-6)


@pytest.mark.spec("PREC-17")
def test_cotangents_together_are_written_by_one_kernel() -> None:
    def product(x: jax.Array, y: jax.Array) -> jax.Array:
        u, v = cotangents_together((x, y))
        return (u * v + u) ** 2

    def pulled_back(x: jax.Array, y: jax.Array) -> tuple[jax.Array, ...]:
        value, pull = jax.vjp(product, x, y)
        return pull(jnp.ones_like(value))

    program = jax.jit(pulled_back).lower(X, X).compile().as_text()
    entry = program[program.index("ENTRY") :]
    assert len(re.findall(r"= .* fusion\(", entry)) == 1


@pytest.mark.spec("PREC-9")
def test_what_is_apart_stays_so_in_a_batch() -> None:
    def of_one(x: jax.Array) -> jax.Array:
        return 2.0 * apart(jnp.sin, x[0, 0] < 2.0, x)

    batched = jax.jit(jax.vmap(of_one))
    np.testing.assert_allclose(batched(X), 2 * np.sin(X), rtol=1e-6)
    assert " conditional(" in batched.lower(X).compile().as_text()
