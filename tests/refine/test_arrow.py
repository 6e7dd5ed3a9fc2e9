"""Arrow-shaped matrices against the same matrices written out."""

import numpy as np
import pytest

from jaxbragg.refine.arrow import Arrow, Vector


def random_arrow(shots: int, local: int, shared: int, seed: int = 0) -> tuple[Arrow, np.ndarray]:
    """A positive definite arrow, badly scaled, and the same as one matrix."""
    rng = np.random.default_rng(seed)
    n = shots * local + shared
    dense = np.zeros((n, n))
    for shot in range(shots):
        own = [*range(shot * local, (shot + 1) * local), *range(shots * local, n)]
        columns = rng.normal(size=(len(own) + 5, len(own))) * 10.0 ** rng.integers(-3, 4, len(own))
        dense[np.ix_(own, own)] += columns.T @ columns
    first, last = dense[: shots * local], dense[shots * local :]
    blocks = [first[i * local : (i + 1) * local] for i in range(shots)]
    return (
        Arrow(
            np.stack([b[:, i * local : (i + 1) * local] for i, b in enumerate(blocks)]),
            np.stack([b[:, shots * local :] for b in blocks]),
            last[:, shots * local :],
        ),
        dense,
    )


SHAPES = [(1, 4, 0), (1, 0, 4), (3, 2, 4), (5, 3, 0)]


@pytest.mark.spec("REF-13")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("damping", [0.0, 0.3])
def test_solution_is_that_of_the_whole_matrix(shape, damping):
    arrow, dense = random_arrow(*shape)
    shots, local, _ = shape
    right = np.random.default_rng(1).normal(size=len(dense)) * np.sqrt(np.diagonal(dense))
    split = Vector(right[: shots * local].reshape(shots, local), right[shots * local :])
    found = arrow.solve(split, damping).flat()
    expected = np.linalg.solve(dense + damping * np.diag(np.diagonal(dense)), right)
    np.testing.assert_allclose(
        found * np.sqrt(np.diagonal(dense)), expected * np.sqrt(np.diagonal(dense)), atol=1e-6
    )


@pytest.mark.spec("REF-15")
@pytest.mark.parametrize("shape", SHAPES)
def test_blocks_of_the_inverse(shape):
    arrow, dense = random_arrow(*shape)
    shots, local, _ = shape
    scale = np.sqrt(np.outer(np.diagonal(dense), np.diagonal(dense)))
    inverse = np.linalg.inv(dense / scale) / scale
    found = arrow.inverse_blocks()
    for shot in range(shots):
        own = slice(shot * local, (shot + 1) * local)
        np.testing.assert_allclose(
            found.local[shot] * scale[own, own], (inverse * scale)[own, own], atol=1e-5
        )
        cross = (own, slice(shots * local, None))
        np.testing.assert_allclose(found.cross[shot] * scale[cross], (inverse * scale)[cross], atol=1e-5)
    last = slice(shots * local, None)
    np.testing.assert_allclose(found.shared * scale[last, last], (inverse * scale)[last, last], atol=1e-5)


@pytest.mark.spec("REF-13")
def test_inactive_numbers_do_not_move():
    arrow, dense = random_arrow(2, 3, 2)
    local, shared = np.array([True, False, True]), np.array([False, True])
    right = Vector(np.ones((2, 3)) * local, np.ones(2) * shared)
    found = arrow.restricted(local, shared).solve(right)
    keep = np.array([*local, *local, *shared])
    expected = np.linalg.solve(dense[np.ix_(keep, keep)], np.ones(np.count_nonzero(keep)))
    assert np.all(found.flat()[~keep] == 0)
    np.testing.assert_allclose(found.flat()[keep], expected, rtol=1e-5)
