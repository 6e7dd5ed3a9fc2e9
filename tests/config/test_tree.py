"""Configs as pytrees: what is a leaf, what the constructor does, and what JAX's rebuilding must not do."""

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb

CRYSTAL = jb.CrystalConfig(cell=(40.0, 50.0, 60.0, 85.0, 95.0, 105.0), n_cells=(5, 6, 7))


def experiment(**parts):
    return jb.Experiment(crystal=CRYSTAL, sampling=jb.SamplingConfig(oversample=1), **parts)


@pytest.mark.spec("CFG-1")
def test_numbers_are_leaves_and_choices_are_structure():
    detector = jb.DetectorConfig(pixels=(4, 6))
    names = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(detector)]
    assert names == [".pixel_size", ".distance", ".rotations", ".twotheta"]
    moved = jb.DetectorConfig(pixels=(4, 6), distance=70.0)
    other = jb.DetectorConfig(pixels=(4, 7))
    assert jax.tree.structure(detector) == jax.tree.structure(moved) != jax.tree.structure(other)
    hash(jax.tree.structure(experiment()))


@pytest.mark.spec("CFG-1")
def test_the_model_is_structure():
    assert jax.tree.structure(experiment()) != jax.tree.structure(experiment(model="nanobragg"))
    assert jax.tree.structure(experiment()) == jax.tree.structure(experiment(model=jb.CORRECTED))


@pytest.mark.spec("CFG-1")
def test_configs_are_frozen_and_take_keywords_only():
    with pytest.raises(AttributeError):
        CRYSTAL.misset = (1, 2, 3)
    with pytest.raises(TypeError):
        jb.BeamConfig(1.0)


@pytest.mark.spec("CFG-2")
@pytest.mark.parametrize("placeholder", [None, object(), "text", -1.0, np.zeros(17)])
def test_rebuilding_a_tree_checks_and_converts_nothing(placeholder):
    leaves, structure = jax.tree.flatten(CRYSTAL)
    rebuilt = jax.tree.unflatten(structure, [placeholder] * len(leaves))
    assert rebuilt.cell is placeholder
    assert rebuilt.shape is jb.Shape.SQUARE


@pytest.mark.spec("CFG-2")
def test_a_tree_survives_flattening():
    e = experiment(background=jb.BackgroundConfig(water=3.0))
    leaves, structure = jax.tree.flatten(e)
    chex.assert_trees_all_equal(jax.tree.unflatten(structure, leaves), e)


@pytest.mark.spec("CFG-2")
def test_traced_values_are_checked_for_shape_only():
    built = jax.jit(lambda d: jb.DetectorConfig(distance=d).distance)(jnp.float32(-80.0))
    assert built == -80.0
    with pytest.raises(jb.ConfigError, match="must have shape"):
        jax.jit(lambda d: jb.DetectorConfig(distance=d).distance)(jnp.ones(3))


@pytest.mark.spec("CFG-3")
def test_plain_numbers_keep_all_their_digits():
    beam = jb.BeamConfig(wavelength=0.1234567890123456)
    assert isinstance(beam.wavelength, np.ndarray)
    assert beam.wavelength.dtype == np.float64
    assert float(beam.wavelength) == 0.1234567890123456
    assert jb.DetectorConfig(rotations=[1, 2, 3]).rotations.dtype == np.float64


@pytest.mark.spec("CFG-3", "CFG-2")
def test_a_tuple_of_traced_values_becomes_one():
    def turned(angle):
        return jb.CrystalConfig(cell=CRYSTAL.cell, misset=(angle, 0.0, 2 * angle)).misset

    np.testing.assert_array_equal(jax.jit(turned)(jnp.float32(3.0)), [3, 0, 6])
    np.testing.assert_array_equal(jax.jacfwd(turned)(jnp.float32(3.0)), [1, 0, 2])


@pytest.mark.spec("CFG-3")
def test_jax_arrays_stay_as_they_are():
    wavelength = jnp.asarray(1.25, jnp.float32)
    assert jb.BeamConfig(wavelength=wavelength).wavelength is wavelength


@pytest.mark.spec("CFG-3")
def test_absent_values_are_another_structure():
    assert jb.DetectorConfig().beam_x is None
    given = jb.DetectorConfig(beam_x=51.2)
    assert jax.tree.structure(given) != jax.tree.structure(jb.DetectorConfig())


@pytest.mark.spec("CFG-10")
def test_experiments_stack_leaf_by_leaf():
    many = [experiment(beam=jb.BeamConfig(wavelength=w)) for w in (1.0, 1.1, 1.2)]
    stacked = jax.tree.map(lambda *x: jnp.stack([jnp.asarray(v, jnp.float32) for v in x]), *many)
    chex.assert_shape(stacked.beam.wavelength, (3,))
    chex.assert_shape(stacked.crystal.cell, (3, 6))
    assert jax.tree.structure(stacked) == jax.tree.structure(many[0])
