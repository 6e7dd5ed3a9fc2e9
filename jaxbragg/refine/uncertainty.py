"""Standard deviations and correlations from the expected curvature.

The inverse of the expected (Fisher) curvature is the covariance of the free numbers if the model is right;
derivatives of the values carry it over to user units.
"""

import numpy as np

from jaxbragg.refine.arrow import Arrow
from jaxbragg.refine.priors import Reported
from jaxbragg.shapes import HostArray

LARGEST_CONDITION = 1e13
"""Condition of the curvature, scaled to a unit diagonal, above which nothing can be said."""


def covariances(curvature: Arrow, reported: Reported) -> list[HostArray]:
    """Covariance of the values of each shot followed by the shared ones, user units squared, (n, n) each.

    All NaN where the curvature is singular.

    Source: specs/refinement.md REF-15.
    """
    n = sum(curvature.cross.shape[1:])
    try:
        blocks = curvature.inverse_blocks()
    except np.linalg.LinAlgError:
        return [np.full((n, n), np.nan) for _ in curvature.local]
    result = []
    for local, cross, slopes in zip(blocks.local, blocks.cross, reported.slopes, strict=True):
        free = np.block([[local, cross], [cross.T, blocks.shared]])
        usable = np.all(np.diagonal(free) > 0) and np.linalg.cond(correlation(free)) < LARGEST_CONDITION
        result.append(slopes @ free @ slopes.T if usable else np.full((n, n), np.nan))
    return result


def correlation(covariance: HostArray) -> HostArray:
    """Correlation coefficients, with ones on the diagonal."""
    sigma = np.sqrt(np.diagonal(covariance))
    return covariance / np.outer(sigma, sigma)


def undetermined(curvature: Arrow) -> HostArray:
    """Numbers that the data, and priors, leave free to move together, bool, (shots, local + shared).

    Of each shot by itself, the directions in which the curvature, scaled to a unit diagonal, has none.

    Source: specs/refinement.md REF-15.
    """
    found = []
    for local, cross in zip(curvature.local, curvature.cross, strict=True):
        unit = correlation(np.block([[local, cross], [cross.T, curvature.shared]]))
        values, vectors = np.linalg.eigh(unit)
        flat = vectors[:, values < values.max() / LARGEST_CONDITION]
        found.append(np.any(np.abs(flat) > SMALL_PART, axis=1))
    return np.array(found)


SMALL_PART = 0.01
"""Component of a direction that does not count."""
