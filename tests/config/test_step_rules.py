"""Numbers of samples from partly given ranges: every row of the tables in specs/sampling.md."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import jaxbragg as jb
from jaxbragg.config.step_rules import mosaic_domains, phi_steps, range_steps, sensor_layers, source_grid

ONE = (1, 0.0, 0.0)


@pytest.mark.spec("SAMP-1")
@pytest.mark.parametrize(
    ("count", "full_range", "step", "expected"),
    [
        (None, None, None, ONE),
        (0, -1.0, 0.0, ONE),
        (None, None, 0.2, (2, 0.2, 0.2)),
        (None, 0.3, None, (2, 0.3, 0.3)),
        (None, 0.3, 0.1, (3, 0.3, 0.1)),
        (None, 4.0, 1.5, (3, 4.0, 1.5)),
        (4, None, None, (4, 1.0, 0.25)),
        (4, None, 0.2, (2, 0.2, 0.2)),
        (4, 0.3, None, (4, 0.3, pytest.approx(0.1))),
        (1, 0.3, None, (2, 0.3, 0.3)),
        (4, 0.3, 0.2, (4, 0.3, 0.2)),
        (5, 0.0, None, ONE),
        (5, 0.0, 0.1, ONE),
        (None, 0.0, 0.1, ONE),
    ],
)
def test_range_rule(count, full_range, step, expected):
    assert tuple(range_steps(count, full_range, step)) == expected


@pytest.mark.spec("SAMP-1", "SAMP-2")
def test_points_start_at_minus_half_the_range():
    grid = source_grid(
        range_steps(None, 4.0, 1.5), range_steps(None, None, None), range_steps(3, 0.02, None), True
    )
    assert grid[:, 0].tolist() == [-0.5] * 3 + [-0.125] * 3 + [0.25] * 3  # -2, -0.5 and 1 of a range of 4
    assert grid[:, 1].tolist() == [0.0] * 9
    np.testing.assert_allclose(grid[:, 2], [-0.5, 0.0, 0.5] * 3, atol=1e-15)


@pytest.mark.spec("SAMP-2")
@pytest.mark.parametrize(("points", "kept"), [(2, 4), (3, 5), (4, 12), (5, 13)])
def test_a_round_beam_has_no_corners(points, kept):
    steps = range_steps(points, 1e-3, None)
    none = range_steps(None, None, None)
    assert len(source_grid(steps, steps, none, True)) == kept
    assert len(source_grid(steps, steps, none, False)) == points**2
    assert len(source_grid(steps, none, none, True)) == points


@pytest.mark.spec("SAMP-2")
@given(
    h=st.integers(1, 7),
    v=st.integers(1, 7),
    h_range=st.sampled_from([1e-3, 2e-3, 7e-3]),
    v_range=st.sampled_from([1e-3, 5e-3]),
)
def test_trimming_keeps_what_lies_inside_the_ellipse(h, v, h_range, v_range):
    horizontal, vertical = range_steps(h, h_range, None), range_steps(v, v_range, None)
    expected = []
    for i in range(horizontal.n):
        for j in range(vertical.n):
            x, y = i * horizontal.step - h_range / 2, j * vertical.step - v_range / 2
            x_sq = x**2 - (horizontal.step**2 / 4 if horizontal.n % 2 == 0 else 0)
            y_sq = y**2 - (vertical.step**2 / 4 if vertical.n % 2 == 0 else 0)
            if 4 * (x_sq / h_range**2 + y_sq / v_range**2) <= 1.1 + 1e-9:
                expected.append([x / h_range, y / v_range, 0.0])
    grid = source_grid(horizontal, vertical, range_steps(None, None, None), True)
    np.testing.assert_allclose(grid, expected, atol=1e-12)


@pytest.mark.spec("SAMP-3")
@pytest.mark.parametrize(
    ("count", "oscillation", "step", "expected"),
    [
        (None, None, None, (1, 0.0, 0.0)),
        (None, None, 0.3, (2, 0.3, 0.3)),
        (None, 3.0, None, (2, 3.0, 1.5)),
        (None, 3.0, 0.8, (4, 3.0, 0.8)),
        (None, 0.0, 0.8, (1, 0.0, 0.8)),
        (-1, -1.0, -1.0, (1, 0.0, 0.0)),
        (4, None, None, (4, 1.0, None)),
        (0, None, None, (1, 1.0, None)),
        (4, None, 0.3, (2, 0.3, 0.3)),
        (4, 3.0, None, (4, 3.0, None)),
        (4, 3.0, -1.0, (4, 3.0, None)),
        (4, 3.0, 0.0, (4, 3.0, 0.0)),
        (4, 3.0, 0.8, (4, 3.0, 0.8)),
    ],
)
def test_spindle_rule(count, oscillation, step, expected):
    assert tuple(phi_steps(count, oscillation, step)) == expected


@pytest.mark.spec("SAMP-4")
@pytest.mark.parametrize(
    ("count", "spread", "expected"),
    [(None, None, 1), (None, 0.0, 1), (None, 0.5, 10), (7, 0.5, 7), (7, 0.0, 1), (7, -1.0, 1), (0, 0.5, 10)],
)
def test_domain_rule(count, spread, expected):
    assert mosaic_domains(count, spread) == expected


@pytest.mark.spec("SAMP-5")
@pytest.mark.parametrize(
    ("count", "thickness", "corrected", "program"),
    [
        (None, 0.0, None, None),
        (3, 0.0, None, None),
        (None, -5.0, None, None),
        (3, -5.0, (3, 0.5, 0.5), (3, 0.5, 0.5)),
        (None, 100.0, (2, 100.0, 100.0), (2, 100.0, 100.0)),
        (1, 100.0, (1, 100.0, 100.0), (2, 200.0, 100.0)),
        (2, 100.0, (2, 100.0, 100.0), (2, 200.0, 100.0)),
        (5, 100.0, (5, 100.0, 100.0), (5, 125.0, 100.0)),
    ],
)
def test_layer_rule(count, thickness, corrected, program):
    for model, expected in ((jb.CORRECTED, corrected), (jb.NANOBRAGG, program)):
        layers = sensor_layers(count, thickness, None, model)
        assert (layers and tuple(layers)) == expected


@pytest.mark.spec("SAMP-5")
def test_a_given_attenuation_depth_is_kept():
    layers = sensor_layers(3, 100.0, 450.0, jb.CORRECTED)
    assert layers is not None
    assert layers.attenuation_depth == 450.0
