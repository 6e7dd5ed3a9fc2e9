"""The dtype policies' helpers."""

import jax
import jax.numpy as jnp
import pytest

from jaxbragg import precision


@pytest.mark.spec("PREC-14")
def test_an_option_that_xla_does_not_know_is_left_out(monkeypatch):
    monkeypatch.setattr(precision, "COMPILER_OPTIONS", {"xla_cpu_gone_since_long": 1})
    compiled = precision.jit_for_this_processor(lambda x, *, power: x**power, static_argnames="power")
    assert [float(compiled(jnp.float32(3), power=2)) for _ in range(2)] == [9.0, 9.0]


@pytest.mark.spec("PREC-14")
def test_other_failures_are_not_hidden():
    def fails(x):
        raise jax.errors.JaxRuntimeError("out of memory")

    with pytest.raises(jax.errors.JaxRuntimeError, match="out of memory"):
        precision.jit_for_this_processor(fails)(jnp.float32(1))
