"""The constraint of every crystal system, bit by bit."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jaxbragg
from jaxbragg.refine.crystal_systems import RULES, cell_map
from jaxbragg.refine.parameters import UnitCell
from jaxbragg.refine.shot import Shot
from tests.refine import scenes

CELLS = {
    "triclinic": (30, 40, 50, 80, 95, 105),
    "monoclinic-a": (30, 40, 50, 95, 90, 90),
    "monoclinic-b": (30, 40, 50, 90, 95, 90),
    "monoclinic-c": (30, 40, 50, 90, 90, 95),
    "orthorhombic": (30, 40, 50, 90, 90, 90),
    "tetragonal-a": (30, 40, 40, 90, 90, 90),
    "tetragonal-b": (40, 30, 40, 90, 90, 90),
    "tetragonal-c": (40, 40, 30, 90, 90, 90),
    "trigonal-hexagonal": (40, 40, 30, 90, 90, 120),
    "trigonal-rhombohedral": (40, 40, 40, 80, 80, 80),
    "hexagonal": (40, 40, 30, 90, 90, 120),
    "cubic": (40, 40, 40, 90, 90, 90),
}
"""A cell of every system and setting (International Tables A, 2.1.3)."""


def equalities(system: str) -> list[tuple[int, int]]:
    """Pairs of the six numbers that are the same in this system's cell."""
    cell = CELLS[system]
    pairs = [(i, j) for i in range(3) for j in range(i)]
    pairs += [(i, j) for i in range(3, 6) for j in range(3, i)]
    return [(i, j) for i, j in pairs if cell[i] == cell[j]]


def test_there_is_a_cell_for_every_rule():
    assert set(CELLS) == set(RULES)


@pytest.mark.spec("REF-4")
@pytest.mark.parametrize("system", CELLS)
@given(changes=st.lists(st.floats(-0.1, 0.1), min_size=6, max_size=6))
@settings(max_examples=10, deadline=None)
def test_whatever_the_free_numbers_the_constraint_holds_to_the_last_bit(system, changes):
    group = UnitCell(system)
    shot = Shot(scenes.crystal().with_fields(crystal__cell=CELLS[system]), 1.0, np.zeros((1, 1)))
    with jax.enable_x64(True):
        free = group.start(shot)
        moved = group.put(shot, jax.numpy.asarray(free + changes[: len(free)]))
    cell = np.asarray(moved.experiment.crystal.cell)
    for i, j in equalities(system):
        assert cell[i] == cell[j]
    for value, expected in zip(cell[3:], CELLS[system][3:], strict=True):
        if expected in (90, 120) and not (system == "triclinic"):
            assert value == expected
    assert cell_map(system).free_values(cell).tolist() == [
        cell[RULES[system].index(p)] for p in group.map.free
    ]


@pytest.mark.spec("REF-4")
@pytest.mark.parametrize("system", CELLS)
def test_start_leaves_the_cell_as_it_is(system):
    group = UnitCell(system)
    shot = Shot(scenes.crystal().with_fields(crystal__cell=CELLS[system]), 1.0, np.zeros((1, 1)))
    with jax.enable_x64(True):
        same = group.put(shot, jax.numpy.asarray(group.start(shot)))
    np.testing.assert_allclose(same.experiment.crystal.cell, CELLS[system], rtol=1e-14)


@pytest.mark.spec("REF-4")
@pytest.mark.parametrize(
    ("system", "free"),
    [
        ("triclinic", 6),
        ("monoclinic", 4),
        ("orthorhombic", 3),
        ("tetragonal", 2),
        ("hexagonal", 2),
        ("cubic", 1),
    ],
)
def test_number_of_free_parameters(system, free):
    assert len(cell_map(system).free) == free


@pytest.mark.spec("REF-4")
@pytest.mark.parametrize(
    ("system", "text"),
    [
        ("trigonal", "trigonal-hexagonal, trigonal-rhombohedral, got 'trigonal'"),
        ("cubical", "cubic, got 'cubical'"),
    ],
)
def test_unknown_systems_and_unsaid_settings_are_refused(system, text):
    with pytest.raises(jaxbragg.ConfigError, match=text):
        cell_map(system)


@pytest.mark.spec("REF-4")
def test_a_start_of_another_system_is_refused():
    with pytest.raises(
        jaxbragg.ConfigError, match=r"tetragonal-c cell was expected, found b = 50 instead of 40"
    ):
        cell_map("tetragonal").free_values(np.array([40.0, 50.0, 60.0, 90.0, 90.0, 90.0]))
