"""The kernel of NVIDIA GPUs, step by step on this machine and as it is lowered for one."""

import re

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental import pallas as pl
from jax.experimental.pallas import triton

import jaxbragg as jb
from jaxbragg import contraction
from jaxbragg.config.structure_factors import StructureFactorConfig
from jaxbragg.shapes import Mat33, Vec3
from jaxbragg.simulation import domain_kernel
from jaxbragg.simulation.domains import _sum_in_a_loop
from jaxbragg.simulation.sample import BlockRules, IndexTerms, SampleConstants
from jaxbragg.terms.lattice import ReciprocalAxes


def vectors(draw, size, shape):
    return Vec3(*(jnp.asarray(draw.uniform(-size, size, shape), jnp.float32) for _ in range(3)))


def arguments(shape, n_pixels=700, n_domains=3):
    """Indices near and between reflections, and domains that move some of them to the next one."""
    draw = np.random.default_rng(0)
    cells = Vec3(*map(jnp.float32, (5.0, 8.0, 2.5)))
    rest = vectors(draw, 0.5, (7, n_pixels // 7))
    turns = Vec3(*(x * n - jnp.round(x * n) for x, n in zip(rest, cells, strict=True)))
    index = IndexTerms(vectors(draw, 0.0, rest.x.shape), rest, turns, vectors(draw, 1.0, rest.x.shape))
    changes = Mat33(*(vectors(draw, 0.2, n_domains) for _ in range(3)))
    axes = ReciprocalAxes(*(Vec3(*map(jnp.float32, row)) for row in 0.01 * np.eye(3)))
    factors = StructureFactorConfig(default_f=jnp.float32(100.0))
    rules = BlockRules(jb.Shape[shape], full_index_sines=False)
    return index, changes, SampleConstants(cells, jnp.float32(1.0), axes, factors, rules)


@pytest.mark.spec("PREC-9")
@pytest.mark.parametrize("shape", ["SQUARE", "ROUND", "GAUSS", "TOPHAT"])
def test_kernel_adds_what_the_loop_adds(shape):
    given = arguments(shape)
    one_kernel = domain_kernel.sum_in_one_kernel(*given, interpret=True)
    chex.assert_trees_all_close(one_kernel, jax.jit(_sum_in_a_loop)(*given), rtol=1e-4, atol=1e-4)


@pytest.mark.spec("PREC-6")
def test_kernel_keeps_what_a_total_of_many_terms_loses():
    index, _, constants = arguments("GAUSS")
    n_domains = 5000
    changes = Mat33(*(Vec3(*(jnp.full(n_domains, 1e-3, jnp.float32) for _ in range(3))) for _ in range(3)))
    one = domain_kernel.sum_in_one_kernel(
        index, jax.tree.map(lambda x: x[:1], changes), constants, interpret=True
    )
    many = domain_kernel.sum_in_one_kernel(index, changes, constants, interpret=True)
    expected = n_domains * np.asarray(one, np.float64)
    # PREC-6: 64 terms by themselves, and one rounding of the whole
    assert (np.abs(many - expected) <= 65 * 2.0**-24 * expected).all()


@pytest.mark.spec("PREC-9")
@pytest.mark.parametrize("shape", ["SQUARE", "ROUND", "GAUSS", "TOPHAT"])
def test_kernel_lowers_for_cuda(shape):
    traced = jax.jit(domain_kernel.sum_in_one_kernel).trace(*arguments(shape))
    text = traced.lower(lowering_platforms=("cuda",)).as_text()
    assert "triton" in text
    assert not re.findall(r"[fi]64>", text)


@pytest.mark.spec("PREC-15")
@pytest.mark.parametrize("precision", ["mixed", "float64", "float32"])
def test_images_on_a_gpu_use_the_kernel(precision, monkeypatch):
    monkeypatch.setattr("jaxbragg.simulation.domains.has_kernels_of_gpu", lambda: True)
    # a size of its own: what was traced for a CPU before would not be traced again
    words = "-cell 70 80 90 85 95 105 -N 5 -lambda 1 -default_F 100 -mosaic 0.5 -mosaic_dom 3 -detpixels 41"
    spread = jb.from_nanobragg(words.split())
    traced = jax.jit(lambda e: jb.simulate(e, precision=precision)).trace(spread)
    assert "triton" in traced.lower(lowering_platforms=("cuda",)).as_text()
    assert "triton" not in traced.lower(lowering_platforms=("cpu",)).as_text()


@pytest.mark.spec("PREC-9")
def test_terms_by_whole_indices_are_the_loops(monkeypatch):
    """The program's unprotected sines (Q29) need what the kernel does not get."""
    monkeypatch.setattr("jaxbragg.simulation.domains.has_kernels_of_gpu", lambda: True)
    words = "-cell 70 80 90 85 95 105 -N 5 -lambda 1 -default_F 100 -mosaic 0.5 -mosaic_dom 3 -detpixels 39"
    program = jb.from_nanobragg([*words.split(), "-model", "nanobragg"])
    traced = jax.jit(lambda e: jb.simulate(e, precision="float64")).trace(program)
    assert "triton" not in traced.lower(lowering_platforms=("cuda",)).as_text()


def test_constants_in_products_lower_for_cuda():
    def kernel(x, result):
        result[...] = contraction.contracted(lambda x: x - 2.0 * x)(x[...])

    given = jnp.ones(128, jnp.float32)
    call = pl.pallas_call(kernel, out_shape=given, compiler_params=triton.CompilerParams(num_warps=1))
    lowered = jax.jit(call).trace(given).lower(lowering_platforms=("cuda",))
    assert "fma.rn.f32" in lowered.as_text()


def test_products_are_contracted_into_sums_and_roundings_replaced(monkeypatch):
    used = []

    def emulated(text, shape, *operands):
        used.append(text.split(".")[0])
        x, *others = (jnp.broadcast_to(operand, shape) for operand in operands)
        return x * others[0] + others[1] if others else jnp.round(x)

    monkeypatch.setattr(contraction, "_instruction", emulated)

    @jax.jit
    def inner(x, y):
        return x * y - 1.0

    def function(x, y, number):
        return {"result": (2.0 - x * number) + inner(x, y) * jnp.round(y) + jnp.round(number) * x}

    x, y, number = jnp.asarray([0.3, 1.7]), jnp.asarray([2.6, -0.4]), jnp.float32(1.3)
    chex.assert_trees_all_close(contraction.contracted(function)(x, y, number), function(x, y, number))
    assert sorted(used) == ["cvt", "fma", "fma", "fma", "fma"]
