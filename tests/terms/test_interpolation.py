"""Tricubic interpolation: exact for cubic polynomials, and only where all its nodes are in the table."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jaxbragg as jb
from jaxbragg.terms.interpolation import interpolation_range, tricubic_amplitude
from tests.doubles import float64, number, vec3

__all__ = ["float64"]

interpolated = jax.jit(tricubic_amplitude)
INDEX_MIN, SHAPE = (-3, 1, -2), (7, 6, 8)


def polynomial(h, k, l):
    """A cubic in each index."""
    return (h**3 - 2 * h + 1) * (0.5 * k**3 + k**2 - 3) * (l**3 - 4 * l**2 + 2)


def factors(values):
    return jax.tree.map(number, jb.StructureFactorConfig(table=values, index_min=INDEX_MIN, interpolate=True))


GRID = np.meshgrid(*(np.arange(n) + start for n, start in zip(SHAPE, INDEX_MIN, strict=True)), indexing="ij")
CUBIC = factors(polynomial(*(g.astype(float) for g in GRID)))


def split(index):
    nearest = np.ceil(np.asarray(index) - 0.5)
    whole = vec3(nearest)
    return whole, vec3(np.asarray(index) - nearest)


inside = st.tuples(st.floats(-1, 1), st.floats(3, 4), st.floats(0, 3))


@pytest.mark.spec("SF-3")
@settings(max_examples=40, deadline=None)
@given(index=inside)
def test_cubic_polynomials_are_reproduced(index):
    nearest, distance = split(index)
    usable = interpolation_range(nearest, distance, CUBIC)
    assert bool(usable)
    got = interpolated(nearest, distance, usable, CUBIC)
    # 64 nodes of up to 25·183·400 with weights that sum to at most 2 each axis: 1e-16 · 1e7
    assert float(got) == pytest.approx(polynomial(*index), abs=1e-8)


@pytest.mark.spec("SF-3")
def test_whole_indices_give_the_entries_of_the_table():
    rng = np.random.default_rng(3)
    table = rng.normal(size=SHAPE)
    for index in [(-1, 3, 0), (0, 4, 2), (1, 3, 3)]:
        nearest, distance = split(np.asarray(index, float))
        got = interpolated(nearest, distance, jnp.asarray(True), factors(table))
        assert float(got) == table[tuple(np.subtract(index, INDEX_MIN))]


@pytest.mark.spec("SF-3")
def test_it_is_continuous_where_the_cell_changes():
    table = factors(np.random.default_rng(4).normal(size=SHAPE))
    for at in [(0.0, 3.5, 1.4), (0.5, 3.5, 1.4)]:  # where the floor changes, and where the nearest does
        below, above = (
            float(interpolated(*split((at[0] + e, *at[1:])), jnp.asarray(True), table)) for e in (-1e-9, 1e-9)
        )
        assert below == pytest.approx(above, abs=1e-7)


@pytest.mark.spec("SF-4")
@pytest.mark.parametrize(
    ("index", "usable"),
    [
        ((-1.0, 3.5, 1.0), True),
        ((1.0, 3.5, 1.0), True),
        ((-1.0 - 1e-9, 3.5, 1.0), False),
        ((1.0 + 1e-9, 3.5, 1.0), False),
        ((0.0, 3.0, 3.0), True),
        ((0.0, 4.0, 0.0), True),
        ((0.0, 2.9, 1.0), False),
        ((0.0, 4.1, 1.0), False),
        ((0.0, 3.5, -0.1), False),
        ((0.0, 3.5, 3.1), False),
        ((50.0, 3.5, 1.0), False),
    ],
)
def test_range_ends_two_indices_before_the_table(index, usable):
    assert bool(interpolation_range(*split(index), CUBIC)) is usable


@pytest.mark.spec("SF-4")
def test_four_indices_are_too_few():
    small = jax.tree.map(number, jb.StructureFactorConfig(table=np.ones((4, 9, 9)), index_min=(0, 0, 0)))
    for h in (0.0, 1.0, 1.5, 2.0):
        assert not bool(interpolation_range(*split((h, 4.0, 4.0)), small))


@pytest.mark.spec("SF-3", "SUM-9")
def test_derivative_with_respect_to_the_index():
    nearest, distance = split((0.3, 3.6, 1.2))

    def amplitude(d):
        return interpolated(nearest, distance._replace(x=d), jnp.asarray(True), CUBIC)

    expected = (3 * 0.3**2 - 2) * polynomial(0.3, 3.6, 1.2) / (0.3**3 - 2 * 0.3 + 1)
    assert float(jax.grad(amplitude)(distance.x)) == pytest.approx(expected, rel=1e-10)
