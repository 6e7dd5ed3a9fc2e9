"""Where a refinement is, in a file from which a killed run goes on."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from jaxbragg.errors import FormatError
from jaxbragg.io.atomic import replace_file
from jaxbragg.io.text import StrPath
from jaxbragg.refine.arrow import Vector
from jaxbragg.refine.fit import Fit
from jaxbragg.refine.schedule import Stage

FORMAT = "jaxbragg refinement checkpoint 3"


@dataclass
class State:
    """Everything that the rest of a refinement depends on.

    Attributes:
      local, shared: free numbers.
      places: those where the first stage began, and where every stage so far ended, as [local, shared].
      stage: number of the stage.
      taken: steps taken in it; -1 before its start is known.
      damping: of its next step; None at its beginning.
      reasons: why the stages before ended.
      history: of all steps so far, as `Step` turned into a dict.
    """

    local: list[list[float]]
    shared: list[float]
    places: list[list[Any]]
    stage: int = 0
    taken: int = -1
    damping: float | None = None
    reasons: list[str] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)

    @staticmethod
    def at_start(at: Vector) -> "State":
        """Nothing done yet."""
        local, shared = at.local.tolist(), at.shared.tolist()
        return State(local, shared, [[local, shared]])

    @property
    def at(self) -> Vector:
        """Free numbers."""
        return _vector(self.local, self.shared)

    @property
    def visited(self) -> list[Vector]:
        """Free numbers where the first stage began, and where every stage so far ended."""
        return [_vector(*place) for place in self.places]

    def move(self, at: Vector) -> None:
        """Other free numbers."""
        self.local, self.shared = at.local.tolist(), at.shared.tolist()

    def end_stage(self, at: Vector, reason: str) -> None:
        """A stage has ended there; the next one begins."""
        self.move(at)
        self.places.append([self.local, self.shared])
        self.reasons.append(reason)
        self.stage, self.taken, self.damping = self.stage + 1, -1, None


def _vector(local: list[list[float]], shared: list[float]) -> Vector:
    n = len(local)
    return Vector(np.array(local, np.float64).reshape(n, -1), np.array(shared, np.float64))


def fingerprint(fit: Fit, stages: list[Stage]) -> str:
    """What must be the same for a refinement to go on: data, start, parameters and stages."""
    digest = hashlib.sha256()
    for array in (*fit.start, *(np.asarray(leaf) for leaf in fit.batch.pixels)):
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(repr((fit.problem, stages)).encode())
    return digest.hexdigest()


def save(path: StrPath, state: State, mark: str) -> None:
    """Write a checkpoint; the file appears complete or not at all.

    Source: specs/refinement.md REF-19.
    """
    text = json.dumps({"format": FORMAT, "fingerprint": mark, "state": asdict(state)})
    with replace_file(path) as file:
        file.write(text.encode("ascii"))


def load(path: StrPath, mark: str) -> State | None:
    """The state in a checkpoint; None when there is no such file.

    Raises:
      FormatError: the file is no checkpoint, or of another refinement.

    Source: specs/refinement.md REF-19.
    """
    if not os.path.exists(path):
        return None
    name = os.fspath(path)
    try:
        content = json.loads(Path(path).read_text("ascii"))
        known = content["format"] == FORMAT
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise FormatError(
            f"{name}: expected a checkpoint of a refinement, found something else; name another"
        )
    if content["fingerprint"] != mark:
        raise FormatError(
            f"{name}: this checkpoint is of a refinement with other data, starts, parameters or stages; "
            "remove the file to begin anew, or name another"
        )
    return State(**content["state"])
