"""Images and derivatives of a GPU against those of the same machine's CPU: `pytest -m gpu`.

The two differ in the order of sums and in which products are contracted: single samples by some roundings of
their terms, which specs/precision.md PREC-5 bounds for the narrow type.
"""

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb
from tests.physics.experiments import still

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.filterwarnings("ignore:The Pallas Triton backend:DeprecationWarning"),
    pytest.mark.skipif(jax.default_backend() != "gpu", reason="needs a GPU, and `-m gpu` to use it"),
]

CRYSTAL = "-cell 70 80 90 85 95 105 -misset 10 20 30 -N 7 -lambda 1 -default_F 100 -distance 100"
SCENES = {
    "one domain": "-detpixels 700",
    "domains": "-detpixels 600 -mosaic 0.5 -mosaic_dom 30",
    "one ray": "-detpixels 601 -oversample 1 -mosaic 0.5 -mosaic_dom 30",
    "one ray, region": "-detpixels 600 -roi 10 471 23 560 -oversample 1 -mosaic 0.5 -mosaic_dom 301",
    "spindle": "-detpixels 300 -mosaic 0.3 -mosaic_dom 7 -phi 10 -osc 1 -phisteps 5",
    "sub-pixels": "-detpixels 300 -oversample 3 -mosaic 0.3 -mosaic_dom 7",
    "rays": "-detpixels 300 -dispersion 1 -dispsteps 3 -hdivrange 2 -hdivsteps 3 -mosaic 0.3 -mosaic_dom 5",
    "round": "-detpixels 300 -round_xtal -mosaic 0.3 -mosaic_dom 7",
    "gauss": "-detpixels 300 -gauss_xtal -mosaic 0.3 -mosaic_dom 7",
}
TOLERANCE = {"float64": 1e-10, "mixed": 1e-5, "float32": 1e-5}
OF_GRADIENTS = {"float64": 1e-9, "mixed": 1e-4}


def on_cpu(function, *args):
    with jax.default_device(jax.devices("cpu")[0]):
        return jax.tree.map(np.asarray, function(*args))


@pytest.mark.parametrize("precision", ["float64", "mixed", "float32"])
@pytest.mark.parametrize("scene", SCENES)
def test_image(scene, precision):
    experiment = jb.from_nanobragg(f"{CRYSTAL} {SCENES[scene]}".split())
    found = np.asarray(jb.simulate(experiment, precision=precision))
    expected = on_cpu(lambda e: jb.simulate(e, precision="float64"), experiment)
    assert expected.max() > 0
    chex.assert_trees_all_close(
        found.astype(np.float64), expected, rtol=0, atol=TOLERANCE[precision] * expected.max()
    )


@pytest.mark.parametrize("precision", ["float64", "mixed"])
def test_many_domains_store_little_beside_the_image(precision):
    words = f"{CRYSTAL} -detpixels 1024 -oversample 1 -mosaic 0.5 -mosaic_dom 1000".split()
    with jax.enable_x64(True):
        image = jax.jit(lambda e: jb.simulate(e, precision=precision))
        plan = image.lower(jb.from_nanobragg(words)).compile().memory_analysis()
    assert plan.output_size_in_bytes + plan.temp_size_in_bytes <= 3 * plan.output_size_in_bytes


def test_image_with_a_table():
    experiment = still()
    expected = on_cpu(lambda e: jb.simulate(e, precision="float64"), experiment)
    found = np.asarray(jb.simulate(experiment, precision="float64"))
    chex.assert_trees_all_close(found, expected, rtol=0, atol=1e-10 * expected.max())


def gradient(precision):
    def loss(experiment):
        return jnp.sum(jb.simulate(experiment, precision=precision) ** 2)

    def evaluate(experiment):
        with jax.enable_x64(True):
            return jax.jit(jax.grad(loss, allow_int=True))(experiment)

    return evaluate


@pytest.mark.parametrize("precision", ["float64", "mixed"])
@pytest.mark.parametrize("scene", ["domains", "one ray", "spindle", "gauss"])
def test_gradient(scene, precision):
    experiment = jb.from_nanobragg(f"{CRYSTAL} {SCENES[scene]}".split())
    found = jax.tree.leaves(jax.tree.map(np.asarray, gradient(precision)(experiment)))
    expected = jax.tree.leaves(on_cpu(gradient("float64"), experiment))
    for x, y in zip(found, expected, strict=True):
        if x.dtype != jax.dtypes.float0:
            chex.assert_trees_all_close(x, y, rtol=0, atol=OF_GRADIENTS[precision] * np.abs(y).max())
