"""Small arrays travel as one and come back as they were."""

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.packing import MOST_NUMBERS, Packed, pack, unpacked
from jaxbragg.precision import widen
from jaxbragg.simulation import program, setup
from tests.physics.experiments import still

TREE = {
    "number": np.float64(1.5),
    "none": None,
    "matrix": np.arange(6.0).reshape(2, 3),
    "counts": np.array([3, 4], np.int32),
    "truth": np.array(True),
    "empty": np.zeros((0, 3)),
    "large": np.arange(MOST_NUMBERS + 1.0),
}


def assert_same(found, expected):
    chex.assert_trees_all_equal_shapes_and_dtypes(found, expected)
    chex.assert_trees_all_equal(found, expected)


def test_what_is_packed_comes_back():
    packed = pack(TREE)
    assert sorted(packed.vectors) == ["<f8", "<i4", "|b1"]
    assert [x.size for x in packed.others] == [MOST_NUMBERS + 1]
    assert_same(packed.unpack(), TREE)


def test_packed_inside_packed():
    nested = {"here": pack(TREE), "beside": np.float32(2.0)}
    assert_same(unpacked(nested), {"here": TREE, "beside": np.float32(2.0)})
    assert_same(unpacked(unpacked(pack(nested))), {"here": TREE, "beside": np.float32(2.0)})


def test_traced_arrays_are_packed():
    with jax.enable_x64(True):
        packed = jax.jit(lambda tree: pack(jax.tree.map(jnp.asarray, tree)))(TREE)
        assert isinstance(packed, Packed)
        assert len(jax.tree.leaves(packed)) == 4
        assert_same(jax.tree.map(np.asarray, packed).unpack(), jax.tree.map(np.asarray, TREE))


def test_a_stack_is_packed_along_its_last_axis():
    with jax.enable_x64(True):
        stack = jax.tree.map(lambda x: jnp.stack([jnp.asarray(x), jnp.asarray(x) * 2]), still().beam)
        packed = jax.jit(jax.vmap(pack))(stack)
        assert {x.shape[0] for x in packed.vectors.values()} == {2}
        assert_same(jax.tree.map(np.asarray, packed).unpack(), jax.tree.map(np.asarray, stack))


@pytest.mark.parametrize("elsewhere", [True, False])
@pytest.mark.parametrize("argv", ["-phi 3 -osc 1 -phisteps 3 -mosaic 0.3 -mosaic_dom 4", "-water 5"])
def test_setup_on_the_host_is_the_setup(monkeypatch, argv, elsewhere):
    monkeypatch.setattr(setup, "on_accelerator", lambda: elsewhere)
    experiment = jb.from_nanobragg(f"-cell 70 80 90 85 95 105 -N 5 -lambda 1 -default_F 100 {argv}".split())
    with jax.enable_x64(True):
        wide = widen(experiment)
        found, expected = setup.prepare_on_host(wide).unpack(), setup.prepare(wide)
        chex.assert_trees_all_equal_shapes_and_dtypes(found, expected)
        chex.assert_trees_all_close(found, expected, rtol=1e-15)


@pytest.mark.parametrize("precision", ["float64", "mixed", "float32"])
def test_a_program_of_packed_numbers_gives_the_image(monkeypatch, precision):
    experiment = still()
    expected = np.asarray(jb.simulate(experiment, precision=precision))
    monkeypatch.setattr(program, "on_accelerator", lambda: True)
    found = np.asarray(jb.simulate(experiment, precision=precision))
    tolerance = 1e-13 if precision == "float64" else 1e-6
    chex.assert_trees_all_close(found, expected, rtol=0, atol=tolerance * expected.max())
