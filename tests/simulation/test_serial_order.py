"""The closed rules of the order-dependent defects against loops that carry the serial program's state."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxbragg.simulation.serial_order import NEVER, angles_in_use, first_place, interpolated_samples
from tests.doubles import float64, number

__all__ = ["float64"]

compiled_angles = jax.jit(angles_in_use)
angle_lists = st.lists(st.sampled_from([0.0, 0.0, 1.0, -2.0, 3.0]), min_size=4, max_size=4)


@pytest.mark.spec("SUM-6")
@settings(max_examples=60, deadline=None)
@given(angles=angle_lists)
def test_a_zero_angle_keeps_the_orientation_in_use(angles):
    in_use, visits = 0.0, []
    for _ in range(3):
        visit = []
        for angle in angles:
            in_use = angle if angle != 0 else in_use
            visit.append(in_use)
        visits.append(visit)
    first, others = compiled_angles(number(angles))
    assert first.tolist() == visits[0]
    assert others.tolist() == visits[1] == visits[2]


@pytest.mark.spec("SUM-7")
@settings(max_examples=60, deadline=None)
@given(outside=st.lists(st.booleans(), min_size=24, max_size=24))
def test_the_first_sample_outside_ends_interpolation(outside):
    """Six pixels (2 x 3) of four samples each, in serial order."""
    on, expected = True, []
    for is_outside in outside:
        on = on and not is_outside
        expected.append(on)
    numbers = [next((k for k in range(4) if outside[4 * pixel + k]), NEVER) for pixel in range(6)]
    switch = first_place(jnp.asarray(numbers, jnp.int32).reshape(2, 3))
    row, column = (jnp.asarray(index, jnp.int32) for index in np.divmod(np.arange(6), 3))
    leading = np.asarray(interpolated_samples(switch, row, column, 3))
    found = [k < leading[pixel] for pixel in range(6) for k in range(4)]
    assert found == expected


@pytest.mark.spec("SUM-5")
def test_pixels_are_visited_row_by_row():
    numbers = np.full((3, 4), NEVER)
    assert int(first_place(jnp.asarray(numbers, jnp.int32)).number) == NEVER
    numbers[1, 3], numbers[2, 0] = 7, 1
    place = first_place(jnp.asarray(numbers, jnp.int32))
    assert (int(place.row), int(place.column), int(place.number)) == (1, 3, 7)
