"""Batches are the images of their experiments; tolerances are SUM-10's."""

import functools

import chex
import jax
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.errors import ConfigError
from jaxbragg.precision import PRECISIONS
from jaxbragg.simulation.run import image_program
from tests.compilations import compilations
from tests.physics.experiments import RANDOM, factors, still

TOLERANCE = {"mixed": 1e-6, "float32": 1e-6, "float64": 1e-13}


def various(count):
    """Experiments that differ in every kind of number, tables too."""
    return [
        still(structure_factors=factors(RANDOM[::-1] if number % 2 else RANDOM)).with_fields(
            crystal__misset=(number, 2, -number),
            beam__wavelength=1.1 + 0.01 * number,
            detector__distance=60 + number,
        )
        for number in range(count)
    ]


def stacked(experiments):
    return jax.tree.map(lambda *leaves: np.stack(leaves), *experiments)


def bytes_held(count):
    """What XLA plans for so many images at a time."""
    return image_program.compiled_batch(stacked(various(count)), precision=PRECISIONS["mixed"])[1]


def assert_the_same(images, experiments, precision="mixed"):
    expected = np.stack([np.asarray(jb.simulate(one, precision=precision)) for one in experiments])
    assert images.shape == expected.shape and images.dtype == expected.dtype
    assert len({image.tobytes() for image in expected}) == len(experiments)
    largest = expected.max(axis=(1, 2), keepdims=True)
    assert (np.abs(images - expected) <= TOLERANCE[precision] * largest).all()


@pytest.mark.spec("SUM-12")
@pytest.mark.parametrize("precision", TOLERANCE)
def test_a_batch_is_the_images_of_its_experiments(precision):
    experiments = various(5)
    assert_the_same(jb.simulate_batch(experiments, precision=precision), experiments, precision)


@pytest.mark.spec("SUM-12")
def test_stacked_experiments_are_a_list_of_them():
    experiments = various(5)
    np.testing.assert_array_equal(jb.simulate_batch(stacked(experiments)), jb.simulate_batch(experiments))


@pytest.mark.spec("SUM-12")
@pytest.mark.parametrize("at_a_time", [1, 2, 3, 4])
def test_any_number_at_a_time_gives_the_same(at_a_time, monkeypatch, capsys):
    """Five images do not divide by two, three and four; the line tells how far it is."""
    experiments = various(5)
    monkeypatch.setattr("jaxbragg.simulation.batch.PIXELS_AT_ONCE", {"cpu": at_a_time * 120})
    assert_the_same(jb.simulate_batch(experiments, progress=True), experiments)
    assert "5/5" in capsys.readouterr().err


@pytest.mark.spec("SUM-12")
def test_the_program_keeps_to_the_memory(monkeypatch):
    experiments = various(5)
    one, two, three = map(bytes_held, (1, 2, 3))
    held = []
    compiled_batch = image_program.compiled_batch

    def watched(*args, **kwargs):
        program, used = compiled_batch(*args, **kwargs)
        held.append(used)
        return program, used

    monkeypatch.setattr(image_program, "compiled_batch", watched)
    for memory, expected in ((one, one), (two - 1, one), (three, three)):
        assert_the_same(jb.simulate_batch(experiments, memory=memory), experiments)
        assert held[-1] == expected
    with pytest.raises(ConfigError, match=rf"`memory` must be at least {one} bytes, .* got {one - 1}"):
        jb.simulate_batch(experiments, memory=one - 1)


@pytest.mark.spec("CFG-10")
@pytest.mark.parametrize("at_once", [1, 2, 3, 7])
@pytest.mark.parametrize("nested", [False, True])
def test_a_mapped_batch_is_the_images_of_its_experiments_in_turn(at_once, nested, monkeypatch):
    """Six images side by side, by twos, by threes, and one by one."""
    monkeypatch.setattr("jaxbragg.simulation.tiles.PIXELS_PER_TILE", at_once * 120)
    experiments = various(6)
    mapped = jax.vmap(jb.simulate)
    with jax.enable_x64(True):
        given = stacked(experiments)
        if nested:
            by_twos = jax.tree.map(lambda x: x.reshape(3, 2, *x.shape[1:]), given)
            images = np.asarray(jax.vmap(mapped)(by_twos)).reshape(6, 10, 12)
        else:
            images = np.asarray(mapped(given))
    assert_the_same(images, experiments)


@pytest.mark.spec("CFG-10", "SUM-9")
def test_derivatives_of_a_mapped_batch_are_those_of_its_experiments(monkeypatch):
    monkeypatch.setattr("jaxbragg.simulation.tiles.PIXELS_PER_TILE", 120)

    experiments = various(2)

    def total(misset, table, experiment):
        moved = experiment.with_fields(crystal__misset=misset, structure_factors__table=table)
        return (jb.simulate(moved, precision="float64") ** 2).sum()

    def slope(function):
        return jax.jit(jax.grad(function, argnums=(0, 1)))

    def start(experiment):
        return experiment.crystal.misset, experiment.structure_factors.table, experiment

    with jax.enable_x64(True):
        of_batch = jax.jit(jax.vmap(slope(total)))(*start(stacked(experiments)))
        through_batch = slope(lambda *start: jax.vmap(total)(*start).sum())(*start(stacked(experiments)))
        of_one = slope(total)
        expected = stacked([of_one(*start(one)) for one in experiments])
    assert all(np.abs(np.asarray(x)).max() > 1e3 for by in expected for x in by)
    chex.assert_trees_all_close(of_batch, expected, rtol=1e-9, atol=1e-8)
    chex.assert_trees_all_close(through_batch, expected, rtol=1e-9, atol=1e-8)


@pytest.mark.spec("CFG-10")
def test_memory_of_a_mapped_batch_is_that_of_one_image_and_of_the_results():
    """One domain more than a single one needs tiles; of 512 x 512 pixels, none fits a tile with another."""

    two_domains = {"crystal__mosaic_domains": 2, "crystal__mosaic_spread": 0.1}
    one = still().with_fields(**two_domains, detector__pixels=(512, 512), sampling__mask=None)
    with jax.enable_x64(True):
        given = stacked([one] * 8)
        few = temporary_bytes(jax.vmap(jb.simulate), jax.tree.map(lambda x: x[:2], given))
        assert temporary_bytes(jax.vmap(jb.simulate), given) <= few + 2**16


def temporary_bytes(function, *arguments):
    return jax.jit(function).lower(*arguments).compile().memory_analysis().temp_size_in_bytes


@pytest.mark.spec("CFG-10")
def test_memory_of_a_batch_of_batches_is_that_of_a_tile():
    """Small images: three of them side by side, 20 times; the images themselves are 480 000 bytes."""
    two_domains = {"crystal__mosaic_domains": 2, "crystal__mosaic_spread": 0.1}
    one = still().with_fields(**two_domains, detector__pixels=(160, 125), sampling__mask=None)
    with jax.enable_x64(True):
        inner = stacked([one] * 3)
        outer = stacked([inner] * 20)
        one_batch = temporary_bytes(jax.vmap(jb.simulate), inner)
        nested = temporary_bytes(jax.vmap(jax.vmap(jb.simulate)), outer)
    assert nested <= 2 * one_batch + 20 * 3 * 160 * 125 * 4


@pytest.mark.spec("CFG-10", "PREC-2")
@pytest.mark.parametrize("transform", [lambda f: f, jax.jit, jax.checkpoint])
def test_what_is_traced_first_and_mapped_then_is_in_double_precision(transform, monkeypatch):
    """The caller has not enabled it, so that jit rounds what it is given; the table alone is mapped over."""
    monkeypatch.setattr("jaxbragg.simulation.tiles.PIXELS_PER_TILE", 120)
    one = various(1)[0]
    tables = [np.float32(scale * RANDOM) for scale in (1, 2, 3)]
    simulate = transform(functools.partial(jb.simulate, precision="float64"))

    def of_table(table):
        return simulate(one.with_fields(structure_factors__table=table))

    images, expected = jax.vmap(of_table)(np.stack(tables)), np.stack([of_table(x) for x in tables])
    assert images.dtype == np.float64
    chex.assert_trees_all_close(images, expected, rtol=1e-9, atol=1e-13 * expected.max())


@pytest.mark.spec("SUM-9", "PREC-2")
def test_what_is_traced_first_and_derived_then_is_in_double_precision():
    one = various(1)[0]
    simulate = jax.jit(functools.partial(jb.simulate, precision="mixed"))
    got = jax.grad(lambda e: (simulate(e) ** 2).sum())(one)
    expected = jax.grad(lambda e: (jb.simulate(e) ** 2).sum())(one)
    chex.assert_trees_all_close(got.crystal.misset, expected.crystal.misset, rtol=1e-5)


@pytest.mark.spec("SUM-12")
def test_a_backend_that_does_not_tell_its_memory_has_no_budget(monkeypatch):
    unknown = (lambda stacked: np.zeros((1, 10, 12)), np.nan)
    monkeypatch.setattr(image_program, "compiled_batch", lambda *args, **kwargs: unknown)
    assert jb.simulate_batch(various(1)).shape == (1, 10, 12)
    with pytest.raises(ConfigError, match="`memory` must be None on this backend"):
        jb.simulate_batch(various(1), memory=1e9)


@pytest.mark.spec("SUM-12", "PREC-14")
def test_a_second_batch_compiles_nothing():
    jb.simulate_batch(various(3))
    with compilations() as count:
        jb.simulate_batch(various(7)[4:])
    assert count == [0]


@pytest.mark.spec("SUM-12")
def test_unlike_experiments_are_refused_by_the_names_of_what_differs():
    one = various(1)[0]
    shaped = one.with_fields(detector__pixels=(12, 11), sampling__mask=np.ones((11, 12)))
    with pytest.raises(ConfigError, match=r"`detector\.pixels`, `sampling\.mask` in experiment 1"):
        jb.simulate_batch([one, shaped])
    with pytest.raises(ConfigError, match=r"another `model` in experiment 2"):
        jb.simulate_batch([one, one, one.with_fields(model="nanobragg")])
    with pytest.raises(ConfigError, match=r"another `sampling\.dmin` in"):
        jb.simulate_batch([one, one.with_fields(sampling__dmin=None)])


@pytest.mark.spec("SUM-12")
def test_what_is_no_batch_is_refused():
    one = various(1)[0]
    with pytest.raises(ConfigError, match="at least one experiment"):
        jb.simulate_batch([])
    with pytest.raises(ConfigError, match=r"a first axis of the same length .* got lengths"):
        jb.simulate_batch(one)
    with pytest.raises(ConfigError, match=r"use jax\.vmap"):
        jax.jit(lambda e: jb.simulate_batch([e]))(one)
    with pytest.raises(ConfigError, match="`precision` must be one of"):
        jb.simulate_batch([one], precision="half")
