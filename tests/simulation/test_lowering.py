"""The main programs as other backends get them: lowered without such a device, and read as text."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb
from tests.physics.experiments import still


def single(tree):
    """An experiment as a float32 program has it."""
    return jax.tree.map(lambda x: x.astype(np.float32) if x.dtype == np.float64 else x, tree)


def image(precision):
    return lambda experiment: jb.simulate(experiment, precision=precision)


def value_and_gradient(precision):
    def loss(experiment):
        return jnp.sum(jb.simulate(experiment, precision=precision) ** 2)

    return jax.value_and_grad(loss, allow_int=True)


@pytest.mark.spec("PREC-11", "PREC-15")
@pytest.mark.parametrize("precision", ["mixed", "float32"])
@pytest.mark.parametrize("program", [image, value_and_gradient])
def test_programs_lower_for_accelerators(program, precision):
    traced = jax.jit(program(precision)).trace(single(still()))
    for platform in ("cuda", "tpu"):
        text = traced.lower(lowering_platforms=(platform,)).as_text()
        assert "stablehlo.while" in text
        assert not re.findall(r"tensor<[^>]*\?", text)  # dynamic shapes
        assert not re.findall(r"stablehlo\.(?:custom_call|infeed|outfeed|send|recv|dynamic_reshape)", text)
        # outside derivative rules; Python's numbers inside them are folded when the program is compiled
        assert bool(re.findall(r"tensor<\d[^>]*(?:f64|i64)>", text)) == (precision == "mixed")
