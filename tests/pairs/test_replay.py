"""Programs in float64 replayed in pairs: every kind of loop and call, derivatives, and what has no rule."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg.cotangents import cotangents_together
from jaxbragg.inverse_root import inverse_root
from jaxbragg.pairs.pair import Pair, split
from jaxbragg.pairs.replay import in_pairs
from jaxbragg.together import stored
from tests.pairs.values import value


@jax.custom_jvp
def kept(x):
    return jnp.where(x > 0, 1.0, x)


kept.defjvps(lambda dot, out, x: 7.0 * dot)


@jax.custom_jvp
def square(x):
    return jnp.sum(x * x)


@square.defjvp
def _(primals, tangents):
    """By a loop that makes a tangent of a start value that is none."""

    def step(total, both):
        return total + 2.0 * both[0] * both[1], None

    (x,), (x_dot,) = primals, tangents
    return square(x), jax.lax.scan(step, jnp.zeros(()), (x, x_dot))[0]


def program(x):
    """Scan, while, cond, checkpoint, jit, derivative rules, and moves between types and shapes."""

    def step(total, item):
        return total + jnp.sin(item) / 3.0, jnp.floor(total * item)

    total, floors = jax.lax.scan(jax.checkpoint(step), x[0] * 0.1, x)
    total = jax.lax.cond(total > 0, lambda t: t**3, lambda t: -t, total)
    number = jax.lax.stop_gradient(total)
    halved = jax.lax.while_loop(lambda t: jnp.abs(t) > 0.1, lambda t: t / 2.0, number) * total
    narrow = kept(x.astype(jnp.float32)).astype(jnp.float64)
    where = jnp.arange(3)[jnp.round(x[1]).astype(jnp.int32) % 3].astype(jnp.float64)
    shaped = jnp.concatenate([x[::2], floors]).reshape(-1, 1).sum(axis=(0, 1)) + narrow[1]
    same, doubled = cotangents_together((x, 2.0 * x))
    curved = square(same) * total + jnp.sum(doubled * same)
    roots = jnp.sqrt(jnp.linspace(1.0, 2.0, len(x)))[1] + stored(inverse_root(1.0 + x * x))[2]
    return curved + jnp.exp(-(halved**2)) + where + shaped + roots


X = np.array([0.3, 1.7, -0.2, 2.9, 1.1])


@pytest.fixture(name="double")
def _double():
    with jax.enable_x64(True):
        yield


@pytest.mark.spec("PREC-11")
def test_a_program_in_pairs_has_the_digits_of_pairs(double):
    expected = float(program(jnp.asarray(X)))
    assert value(jax.jit(in_pairs(program))(split(X))) == pytest.approx(expected, rel=2.0**-40)


@pytest.mark.spec("PREC-11")
def test_it_has_no_number_of_64_bits():
    compiled = jax.jit(in_pairs(program)).lower(split(X)).compile().as_text()
    assert "f32" in compiled
    assert not any(kind in compiled for kind in ("f64", "s64", "u64"))


@pytest.mark.spec("PREC-11")
def test_derivatives_go_through():
    def narrow(x):
        return in_pairs(program)(split(x)).hi

    with jax.enable_x64(True):
        expected = jax.grad(program)(jnp.asarray(X))
    single = jnp.asarray(X, jnp.float32)
    np.testing.assert_allclose(jax.jit(jax.grad(narrow))(single), expected, rtol=1e-5)
    np.testing.assert_allclose(jax.jit(jax.jacfwd(narrow))(single), expected, rtol=1e-5)
    batch = jnp.stack([single, single])
    np.testing.assert_allclose(jax.jit(jax.vmap(jax.grad(narrow)))(batch)[1], expected, rtol=1e-5)


@pytest.mark.spec("PREC-11")
def test_constants_and_whole_numbers_come_along(double):
    table = np.linspace(0, 1, 7) / 3

    def function(x, places):
        return x * jnp.asarray(table)[places] + places.astype(jnp.float64) / 3

    got = in_pairs(function)(split(X), jnp.arange(5))
    assert isinstance(got, Pair)
    np.testing.assert_allclose(value(got), X * table[:5] + np.arange(5) / 3, rtol=2.0**-44)


@pytest.mark.spec("PREC-11")
def test_an_operation_without_a_rule_is_refused():
    with pytest.raises(NotImplementedError, match="no rule for the operation `atan2` in pairs"):
        in_pairs(jnp.arctan2)(split(X), split(X))
