"""Springs that hold the free numbers near a point while little of the data is compared."""

from typing import NamedTuple

import numpy as np

from jaxbragg.refine.arrow import Vector
from jaxbragg.refine.priors import PriorTerms


class Restraint(NamedTuple):
    """A Gaussian on every free number.

    Attributes:
      center: free numbers.
      sigma: of each shot's own numbers, (local,), and of the shared ones, (shared,).
    """

    center: Vector
    sigma: Vector

    def terms(self, at: Vector) -> PriorTerms:
        """Its part of the objective.

        Source: specs/refinement.md REF-16.
        """
        sigma, shots = self.sigma, len(at.local)
        rest = Vector(*((x - x0) / s for x, x0, s in zip(at, self.center, sigma, strict=True)))
        return PriorTerms(
            loss=0.5 * rest.dot(rest),
            slope=Vector(rest.local / sigma.local, rest.shared / sigma.shared),
            local=np.repeat(np.diag(sigma.local**-2)[None], shots, axis=0),
            shared=np.diag(sigma.shared**-2),
        )
