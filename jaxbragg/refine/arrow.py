"""Curvature of many shots: a block for each, one for what they share, and what couples the two.

Shots do not couple with each other, so the whole matrix has the form of an arrow and is solved block by block
(Schur complement): time and memory grow with the number of shots, not with its square.
"""

from typing import NamedTuple

import numpy as np

from jaxbragg.shapes import HostArray


class Vector(NamedTuple):
    """Numbers of each shot, (shots, local), and shared ones, (shared,)."""

    local: HostArray
    shared: HostArray

    def dot(self, other: "Vector") -> float:
        """Scalar product."""
        return float(np.sum(self.local * other.local) + np.sum(self.shared * other.shared))

    def plus(self, other: "Vector", factor: float = 1.0) -> "Vector":
        """Sum with a multiple of another."""
        return Vector(self.local + factor * other.local, self.shared + factor * other.shared)

    def flat(self) -> HostArray:
        """All numbers, shot by shot, shared ones last."""
        return np.concatenate([self.local.ravel(), self.shared])

    def like(self, flat: HostArray) -> "Vector":
        """The inverse of `flat`."""
        return Vector(flat[: self.local.size].reshape(self.local.shape), flat[self.local.size :])


class Arrow(NamedTuple):
    """A symmetric matrix of the form of an arrow.

    Attributes:
      local: (shots, local, local).
      cross: (shots, local, shared).
      shared: (shared, shared).
    """

    local: HostArray
    cross: HostArray
    shared: HostArray

    def diagonal(self) -> Vector:
        """Diagonal elements."""
        return Vector(np.diagonal(self.local, axis1=1, axis2=2), np.diagonal(self.shared))

    def restricted(self, local: HostArray, shared: HostArray) -> "Arrow":
        """The matrix in the active numbers (bool) alone; ones on the diagonal of the others."""
        keep_l, keep_s = local.astype(float), shared.astype(float)
        return Arrow(
            self.local * np.outer(keep_l, keep_l) + np.diag(1.0 - keep_l),
            self.cross * np.outer(keep_l, keep_s),
            self.shared * np.outer(keep_s, keep_s) + np.diag(1.0 - keep_s),
        )

    def scaled(self, by: Vector) -> "Arrow":
        """Rows and columns multiplied by the numbers of a vector."""
        return Arrow(
            self.local * by.local[:, :, None] * by.local[:, None, :],
            self.cross * by.local[:, :, None] * by.shared,
            self.shared * np.outer(by.shared, by.shared),
        )

    def solve(self, right: Vector, damping: float = 0.0) -> Vector:
        """The solution x of (matrix + damping · its diagonal) x = right.

        Raises:
          numpy.linalg.LinAlgError: the matrix is singular.

        Source: specs/refinement.md REF-13.
        """
        scale = _inverse_root(self.diagonal())
        unit = self.scaled(scale)
        right = Vector(right.local * scale.local, right.shared * scale.shared)
        local = unit.local + damping * np.eye(unit.local.shape[1])
        shared = unit.shared + damping * np.eye(unit.shared.shape[0])
        by_cross = np.linalg.solve(local, unit.cross)
        by_right = np.linalg.solve(local, right.local[:, :, None])[:, :, 0]
        schur = shared - np.einsum("sla,slb->ab", unit.cross, by_cross)
        common = np.linalg.solve(schur, right.shared - np.einsum("sla,sl->a", unit.cross, by_right))
        own = by_right - np.einsum("sla,a->sl", by_cross, common)
        return Vector(own * scale.local, common * scale.shared)

    def inverse_blocks(self) -> "Arrow":
        """The same blocks of the inverse matrix.

        Raises:
          numpy.linalg.LinAlgError: the matrix is singular.

        Source: specs/refinement.md REF-15.
        """
        scale = _inverse_root(self.diagonal())
        unit = self.scaled(scale)
        inverse = np.linalg.inv(unit.local)
        by_cross = inverse @ unit.cross
        schur = np.linalg.inv(unit.shared - np.einsum("sla,slb->ab", unit.cross, by_cross))
        cross = -by_cross @ schur
        local = inverse - cross @ by_cross.transpose(0, 2, 1)
        return Arrow(local, cross, schur).scaled(scale)


def _inverse_root(diagonal: Vector) -> Vector:
    """Scale that makes the diagonal one."""

    def scale(x: HostArray) -> HostArray:
        return np.where(x > 0, 1.0 / np.sqrt(np.where(x > 0, x, 1.0)), 1.0)

    return Vector(scale(diagonal.local), scale(diagonal.shared))
