"""What was known before, as further terms of the objective."""

from typing import NamedTuple

import numpy as np

from jaxbragg.errors import ConfigError
from jaxbragg.refine.arrow import Arrow, Vector
from jaxbragg.refine.problem import Problem
from jaxbragg.shapes import HostArray


class Reported(NamedTuple):
    """Values in user units, and their derivatives with the free numbers of each shot, (shots, n, n)."""

    values: Vector
    slopes: HostArray


class PriorTerms(NamedTuple):
    """What priors add: half the squared distance, its gradient, its curvature in own and shared numbers."""

    loss: float
    slope: Vector
    local: HostArray
    shared: HostArray

    def plus(self, other: "PriorTerms") -> "PriorTerms":
        """Both."""
        return PriorTerms(
            self.loss + other.loss,
            self.slope.plus(other.slope),
            self.local + other.local,
            self.shared + other.shared,
        )


class Priors(NamedTuple):
    """Gaussians on the values of all groups.

    Attributes:
      mean: in user units.
      sigma: likewise; infinite where nothing was known.
    """

    mean: Vector
    sigma: Vector

    @staticmethod
    def of(problem: Problem, start: Vector) -> "Priors":
        """The priors of a problem; `start` is the mean of those that give none.

        Raises:
          ConfigError: a prior has not as many numbers as its parameter.
        """
        n, means, sigmas = problem.n_local, [], []
        for group, size in zip(problem.groups, problem.sizes, strict=True):
            known = np.nan if group.prior is None or group.prior.mean is None else group.prior.mean
            means.append(_elements(group.name, known, size))
            sigmas.append(_elements(group.name, np.inf if group.prior is None else group.prior.sigma, size))
        given, sigma = (np.concatenate(parts) for parts in (means, sigmas))
        mean = Vector(
            np.where(np.isnan(given[:n]), start.local, given[:n]),
            np.where(np.isnan(given[n:]), start.shared, given[n:]),
        )
        return Priors(mean, Vector(np.broadcast_to(sigma[:n], start.local.shape), sigma[n:]))

    def terms(self, reported: Reported) -> PriorTerms:
        """Their part of the objective; second derivatives of the values are left out of the curvature.

        Source: specs/refinement.md REF-5.
        """
        values, slopes = reported
        n = self.mean.local.shape[1]
        rest = Vector(*(_distances(*parts) for parts in zip(values, self.mean, self.sigma, strict=True)))
        own = slopes[:, :n, :n] / self.sigma.local[:, :, None]
        common = slopes[0, n:, n:] / self.sigma.shared[:, None]
        return PriorTerms(
            loss=0.5 * rest.dot(rest),
            slope=Vector(np.einsum("svl,sv->sl", own, rest.local), common.T @ rest.shared),
            local=np.einsum("svl,svm->slm", own, own),
            shared=common.T @ common,
        )


def _distances(values: HostArray, mean: HostArray, sigma: HostArray) -> HostArray:
    """In standard deviations; 0 where nothing was known, whatever the value."""
    known = np.isfinite(sigma)
    return np.where(known, (np.where(known, values, 0.0) - np.where(known, mean, 0.0)) / sigma, 0.0)


def _elements(name: str, given: float | tuple[float, ...], size: int) -> HostArray:
    """One number for every element of a group."""
    values = np.asarray(given, np.float64)
    if values.shape not in ((), (size,)):
        raise ConfigError(f"the prior of `{name}` needs one number or {size}, got {values.size}")
    return np.broadcast_to(values, (size,))


def prior_curvature(curvature: Arrow, terms: PriorTerms) -> Arrow:
    """A curvature with that of the priors added."""
    return curvature._replace(local=curvature.local + terms.local, shared=curvature.shared + terms.shared)
