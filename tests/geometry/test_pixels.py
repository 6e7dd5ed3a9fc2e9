"""Positions of pixel points on flat and curved detectors."""

import functools

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.geometry.conventions import frame
from jaxbragg.geometry.pixels import detector_point
from jaxbragg.geometry.placement import place
from jaxbragg.geometry.vectors import dot, norm
from jaxbragg.sampling.points import detector_coordinate
from jaxbragg.shapes import Vec3
from tests.doubles import float64, number, plain

__all__ = ["float64"]


def point(fast_mm, slow_mm, depth_mm=0.0, model=jb.CORRECTED, **fields):
    chosen = {"pixels": (40, 24), "pixel_size": 0.5, "distance": 60.0} | fields
    config = jax.tree.map(number, jb.DetectorConfig(**chosen))
    axes = frame(config, model)
    coordinates = (number(x) * 1e-3 for x in (fast_mm, slow_mm, depth_mm))
    return detector_point(*coordinates, place(config, axes, model), config, axes.beam, model)


CENTERED = {"convention": "custom", "beam_x": 0.0, "beam_y": 0.0}


@pytest.mark.spec("GEO-7")
def test_worked_pixel_of_the_program():
    seen = point(9.5 * 0.5, 20.5 * 0.5, beam_x=5.1, beam_y=8.2, rotations=(3, -5, 7), twotheta=15)
    np.testing.assert_allclose(
        plain(seen.position), [0.059686969825379, -0.00470183422961357, -0.00393633928758826], atol=1e-15
    )
    np.testing.assert_allclose(
        plain(seen.direction), [0.994763988245432, -0.0783624195365087, -0.0656044121566968], atol=1e-14
    )
    assert float(seen.path) == pytest.approx(0.0600011364812824, abs=1e-15)
    assert float(seen.path * seen.inverse_path) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.spec("GEO-7", "SENS-1")
def test_depth_goes_along_the_normal():
    front, behind = point(3.0, 4.0, 0.0, rotations=(0, 20, 0)), point(3.0, 4.0, 0.2, rotations=(0, 20, 0))
    normal = [np.cos(np.radians(20)), 0, -np.sin(np.radians(20))]
    np.testing.assert_allclose(
        plain(behind.position) - plain(front.position), 2e-4 * np.array(normal), atol=1e-16
    )


@pytest.mark.spec("GEO-7")
@pytest.mark.parametrize("n", [1, 2, 5])
def test_sub_pixels_divide_the_pixel_evenly(n):
    places = [float(detector_coordinate(number(7), number(j), n, number(0.5))) for j in range(n)]
    np.testing.assert_allclose(places, 3.5 + 0.5 * (np.arange(n) + 0.5) / n, rtol=1e-14)
    assert np.mean(places) == pytest.approx(3.75, rel=1e-14)


@pytest.mark.spec("GEO-8")
def test_on_a_curved_detector_lateral_distance_is_arc_length():
    for fast, slow in [(3.0, 7.0), (-20.0, 5.0), (0.0, 40.0)]:
        seen = point(fast, slow, curved=True, **CENTERED)
        flat = plain(point(fast, slow, **CENTERED).position)
        assert float(seen.path) == pytest.approx(0.06, rel=1e-14)
        polar = np.arccos(plain(seen.direction)[0])
        assert polar == pytest.approx(np.hypot(fast, slow) / 60, rel=1e-12)
        azimuth, azimuth_on_plane = (np.arctan2(v[2], v[1]) for v in (plain(seen.position), flat))
        assert azimuth == pytest.approx(azimuth_on_plane, abs=1e-12)


@pytest.mark.spec("GEO-8")
def test_all_layers_of_a_curved_detector_lie_on_one_sphere():
    for depth in (0.0, 1.0):
        assert float(point(3.0, 7.0, depth, curved=True, **CENTERED).path) == pytest.approx(0.06, rel=1e-14)


@pytest.mark.spec("GEO-8", "SUM-9")
def test_the_beam_centre_of_a_curved_detector_is_a_removable_singularity():
    def lateral(fast):
        return jnp.stack(point(fast, 0.0, curved=True, **CENTERED).position)

    here, slope = jax.jvp(lateral, (number(0.0),), (number(1.0),))
    np.testing.assert_array_equal(here, [0.06, 0, 0])
    np.testing.assert_allclose(slope, [0, 0, 1e-3], atol=1e-18)  # m per mm along the fast axis, +z
    near = lateral(number(1e-6))
    np.testing.assert_allclose(near, [0.06, 0, 1e-9], rtol=1e-12, atol=1e-20)


@pytest.mark.spec("GEO-8", "MOD-2")
def test_the_programs_curved_detector_exchanges_the_axes():
    program = plain(point(3.0, 7.0, curved=True, model=jb.NANOBRAGG, **CENTERED).position)
    ours = plain(point(7.0, 3.0, curved=True, **CENTERED).position)
    np.testing.assert_allclose(np.abs(program), np.abs(ours), atol=2e-5)  # to third order in 7/60
    assert np.linalg.norm(program) == pytest.approx(0.06, rel=1e-14)


@pytest.mark.spec("SUM-9")
@pytest.mark.parametrize(
    ("curved", "model"), [(False, jb.CORRECTED), (True, jb.CORRECTED), (True, jb.NANOBRAGG)]
)
def test_lengths_and_directions_are_derived_as_the_position_is(curved, model):
    """By numbers that move the pixel and by the vector that the direction is projected on."""

    def terms(numbers, of):
        seen = point(numbers[0], 7.0, depth_mm=numbers[1], curved=curved, model=model, distance=numbers[2])
        return jnp.stack(of(seen, Vec3(*numbers[3:])))

    def ours(seen, onto):
        return seen.path, seen.inverse_path, seen.direction_along(onto)

    def by_position(seen, onto):
        length = norm(seen.position)
        return length, 1.0 / length, dot(seen.position, onto) / length

    numbers = jnp.asarray([3.0, 0.2, 60.0, 0.3, -0.4, 0.5])
    for derivative in (lambda f: f, jax.jacfwd, jax.jacrev, jax.hessian):
        functions = (functools.partial(terms, of=of) for of in (ours, by_position))
        got, expected = (jax.jit(derivative(function))(numbers) for function in functions)
        chex.assert_trees_all_close(got, expected, rtol=1e-11, atol=1e-13 * float(jnp.abs(expected).max()))
