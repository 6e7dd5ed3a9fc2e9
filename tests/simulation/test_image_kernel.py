"""Images as one kernel of an NVIDIA GPU, step by step on this machine and as it is lowered for one."""

import dataclasses

import chex
import jax
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.simulation import run
from jaxbragg.simulation.image_kernel import image_in_one_kernel_of_gpu
from jaxbragg.simulation.one_kernel import fits_one_kernel_of_gpu
from jaxbragg.simulation.program import inputs
from jaxbragg.simulation.run import named_precision
from jaxbragg.simulation.tiles import region

CRYSTAL = "-cell 70 80 90 85 95 105 -misset 10 20 30 -N 7 -lambda 1 -default_F 100 -distance 100"
CASES = {
    "many domains": "-detpixels 32 -mosaic_dom 131",
    "region": "-detpixels 40 -roi 5 30 11 25 -mosaic_dom 4",
    "round": "-detpixels 32 -round_xtal -mosaic_dom 4",
    "resolution limit": "-detpixels 32 -dmin 3.1 -mosaic_dom 4",
    "sensor": "-detpixels 32 -detector_thick 450 -detector_abs 200 -thicksteps 1 -mosaic_dom 4",
    "curved": "-detpixels 32 -curved_det -mosaic_dom 4",
    "tilted": "-detpixels 32 -detector_rotx 5 -detector_roty 20 -polar 0.9 -mosaic_dom 4",
    "thousand cells": "-detpixels 32 -N 1000 -mosaic_dom 4",
}


def many_domains(words):
    return jb.from_nanobragg(f"{CRYSTAL} -pixel 3 -oversample 1 -mosaic 0.3 {words}".split())


def of_region(image, experiment):
    f0, f1, s0, s1 = region(experiment)
    return np.asarray(image)[s0:s1, f0:f1]


def in_one_kernel(experiment, precision):
    policy = named_precision(precision)
    given = inputs(experiment, policy)
    with jax.enable_x64(True):
        return image_in_one_kernel_of_gpu(given.setup, given.experiment, policy, interpret=True)


IN_FLOAT64 = ("many domains", "sensor", "thousand cells")


@pytest.mark.spec("PREC-9")
@pytest.mark.parametrize(
    ("case", "precision"), [*((case, "mixed") for case in CASES), *((case, "float64") for case in IN_FLOAT64)]
)
def test_kernel_computes_the_image(case, precision):
    experiment = many_domains(CASES[case])
    assert fits_one_kernel_of_gpu(experiment)
    expected = of_region(jb.simulate(experiment, precision="float64"), experiment)
    found = in_one_kernel(experiment, precision)
    assert expected.max() > 0
    error = np.abs(np.asarray(found, np.float64) - expected).sum() / expected.sum()
    if precision == "float64":
        assert error <= 1e-10
    else:
        assert error <= (3e-5 if case == "thousand cells" else 1e-6)


@pytest.mark.spec("PREC-9")
def test_batch_of_kernels():
    first = many_domains("-detpixels 32 -mosaic_dom 3")
    second = dataclasses.replace(first, detector=dataclasses.replace(first.detector, distance=120.0))
    stacked = jax.tree.map(lambda *x: np.stack(x), first, second)
    policy = named_precision("mixed")
    with jax.enable_x64(True):
        given = inputs(stacked, policy, stacked=True)
        found = jax.vmap(lambda g: image_in_one_kernel_of_gpu(g.setup, g.experiment, policy, interpret=True))(
            given
        )
    for image, experiment in zip(found, (first, second), strict=True):
        expected = np.asarray(jb.simulate(experiment))
        chex.assert_trees_all_close(np.asarray(image), expected, rtol=0, atol=1e-5 * expected.max())


OTHERS = {
    "one domain": "",
    "sub-pixels": "-mosaic 0.3 -mosaic_dom 3 -oversample 2",
    "angles": "-mosaic 0.3 -mosaic_dom 3 -phi 0 -osc 1 -phisteps 2",
    "rays": "-mosaic 0.3 -mosaic_dom 3 -dispersion 1 -dispsteps 2",
    "layers": "-mosaic 0.3 -mosaic_dom 3 -detector_thick 450 -detector_abs 200 -thicksteps 2",
    "water": "-mosaic 0.3 -mosaic_dom 3 -water 10",
    "deferred factors": "-mosaic 0.3 -mosaic_dom 3 -model nanobragg",
}


@pytest.mark.parametrize("case", OTHERS)
def test_other_images_come_in_tiles(case):
    words = f"{CRYSTAL} -detpixels 32 -oversample 1 {OTHERS[case]}".split()
    assert not fits_one_kernel_of_gpu(jb.from_nanobragg(words))


def test_images_with_a_table_or_such_defects_come_in_tiles():
    one = many_domains("-detpixels 32 -mosaic_dom 3")
    assert fits_one_kernel_of_gpu(one)
    products = {"running_products": True}
    flags = {f"sampling__oversample_{what}": True for what in ("thick", "polar", "omega")}
    for model, fields in ((products, flags), ({"full_index_sines": True}, {})):
        assert not fits_one_kernel_of_gpu(one.with_fields(model=jb.Model(**model), **fields))
    table = np.full((5, 5, 5), 10.0)
    assert not fits_one_kernel_of_gpu(one.with_fields(structure_factors__table=table))


@pytest.mark.spec("PREC-15")
@pytest.mark.parametrize(
    ("case", "precision"),
    [("many domains", "float64"), *((case, "mixed") for case in ("round", "sensor"))],
)
def test_kernel_lowers_for_cuda(case, precision):
    policy = named_precision(precision)
    given = inputs(many_domains(CASES[case]), policy)
    with jax.enable_x64(True):
        image = jax.jit(lambda g: image_in_one_kernel_of_gpu(g.setup, g.experiment, policy))
        text = image.trace(given).lower(lowering_platforms=("cuda",)).as_text()
    assert text.count("gpu.triton") == 1
    assert "stablehlo.while" not in text


@pytest.mark.spec("PREC-15")
def test_images_on_a_gpu_have_one_kernel_of_ours(monkeypatch):
    monkeypatch.setattr("jaxbragg.simulation.run.has_kernels_of_gpu", lambda: True)
    # a size of its own: what was traced for a CPU before would not be traced again
    experiment = many_domains("-mosaic_dom 3 -detpixels 43")
    policy = named_precision("mixed")
    given = inputs(experiment, policy)
    with jax.enable_x64(True):
        image = jax.jit(lambda g: run._image_on_accelerator(g.setup, g.experiment, policy))
        traced = image.trace(given)
    assert traced.lower(lowering_platforms=("cuda",)).as_text().count("gpu.triton") == 1
    assert "triton" not in traced.lower(lowering_platforms=("cpu",)).as_text()
