"""What pixels share is evaluated outside; the rest has one result after the other."""

import chex
import jax
import jax.numpy as jnp
import pytest
from jax.extend.core import ClosedJaxpr, jaxpr_as_fun

from jaxbragg.hoisting import hoisted
from jaxbragg.inlined import inlined
from jaxbragg.inverse_root import inverse_root
from jaxbragg.together import together

BLOCK = jax.ShapeDtypeStruct((4,), jnp.float32)


def names(program):
    return [equation.primitive.name for equation in program.eqns]


def test_what_pixels_share_is_evaluated_outside():
    shared = jnp.arange(3.0)

    def function(x, y):
        scale = jnp.sin(shared[1]) * shared[2]
        unused = jnp.exp(x)
        del unused
        return {"sum": x * scale + y, "ones": jnp.ones_like(x), "shared": x + jnp.cos(scale)}

    parts = hoisted(function, BLOCK, BLOCK, platform="cuda")
    assert all(number.shape == () for number in parts.numbers)
    assert not {"sin", "cos", "exp", "slice"} & set(names(parts.rest))
    x, y = jnp.asarray([0.5, -1.0, 2.0, 0.0]), jnp.asarray([1.0, 2.0, 3.0, 4.0])
    results = jaxpr_as_fun(ClosedJaxpr(parts.rest, parts.numbers))(x, y)
    chex.assert_trees_all_close(jax.tree.unflatten(parts.structure, results), function(x, y), rtol=1e-6)


def test_one_result_is_finished_before_the_next():
    def function(x):
        return [jnp.tanh(root) for root in (jnp.sqrt(x), jnp.sqrt(x + 1.0), jnp.sqrt(x + 2.0))]

    parts = hoisted(function, BLOCK, platform="cuda")
    roots_and_tangents = [name for name in names(parts.rest) if name != "add"]
    assert roots_and_tangents == ["sqrt", "tanh"] * 3


@pytest.mark.parametrize(("platform", "expected"), [("cuda", 2.0), ("cpu", 3.0), ("tpu", 1.0)])
def test_the_platform_is_chosen_while_tracing(platform, expected):
    def function(x):
        factors = {"cuda": lambda x: 2.0 * x, "cpu": lambda x: 3.0 * x}
        return jax.lax.platform_dependent(x, **factors, default=lambda x: x)

    x = jnp.asarray(1.5)
    assert inlined(function, platform)(x) == expected * x
    assert names(jax.make_jaxpr(inlined(function, platform))(x).jaxpr) in (["mul"], [])


def test_loops_are_refused():
    with pytest.raises(NotImplementedError, match="`scan` cannot be written out"):
        inlined(lambda x: jax.lax.scan(lambda c, y: (c + y, None), 0.0, x)[0], "cuda")(jnp.ones(3))


def test_marks_and_calls_leave_plain_operations():
    @jax.custom_jvp
    def with_a_rule(x):
        return jax.jit(jnp.square)(x)

    with_a_rule.defjvp(lambda primals, tangents: (with_a_rule(*primals), 2.0 * primals[0] * tangents[0]))

    def function(x):
        x, y = together((x + 1.0, jax.checkpoint(with_a_rule)(x)))
        return inverse_root(x) + y

    x = jnp.asarray([0.5, 3.0])
    chex.assert_trees_all_close(inlined(function, "cuda")(x), function(x), rtol=1e-6)
    found = set(names(jax.make_jaxpr(inlined(function, "cuda"))(x).jaxpr))
    assert found == {"add", "square", "sqrt", "div", "mul"}
