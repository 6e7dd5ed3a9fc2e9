"""What a refinement gives back."""

import functools
import json
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxbragg.config.experiment import Experiment
from jaxbragg.io.atomic import replace_file
from jaxbragg.io.text import StrPath
from jaxbragg.precision import jit_for_this_processor, widen
from jaxbragg.refine.prediction import Expected, expected, setup_of
from jaxbragg.refine.shot import Pixels, Shot
from jaxbragg.shapes import HostArray


@dataclass(frozen=True)
class RefinedValue:
    """One refined number.

    Attributes:
      name: such as "crystal.cell.a".
      shot: number of its shot; None where all shots share it.
      before, after: in user units.
      sigma: standard deviation from the expected curvature; NaN where the data do not determine it.
    """

    name: str
    shot: int | None
    before: float
    after: float
    sigma: float


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
      stage: number of its stage.
      objective: negative logarithm of the likelihood of the stage's pixels, with priors and restraint.
      reduced_chi_square: of the same pixels: chi-square over their number less that of the parameters.
      distance: from the predicted optimum, in standard deviations; NaN for methods without curvature.
      values: of all numbers, in user units, in the order of `Refinement.parameters`.
    """

    stage: int
    objective: float
    reduced_chi_square: float
    distance: float
    values: list[float]


class Pictures(NamedTuple):
    """Images of one shot, (slow, fast), NaN in pixels that were not compared.

    Attributes:
      data: measured photons.
      model: expected photons.
      residual: (data - model) over the standard deviation that the model expects.
    """

    data: HostArray
    model: HostArray
    residual: HostArray


@dataclass(frozen=True, eq=False)
class Refinement:
    """Result of a refinement.

    Attributes:
      experiments: refined, one for each shot.
      scales: factor on the simulated photons of each shot.
      surfaces: background coefficients of each shot, photons per pixel, (regions, terms).
      parameters: all refined numbers: shot by shot, shared ones last.
      correlations: of the numbers of each shot followed by the shared ones, (n, n), one for each shot.
      objective: at the end.
      reduced_chi_square: chi-square over pixels less parameters.
      n_pixels: pixels compared.
      history: every step.
      reasons: why each stage ended.
      seconds: wall-clock time.
      pixels: what was compared, for each shot.
      precision: of the simulation.
    """

    experiments: list[Experiment]
    scales: list[float]
    surfaces: list[HostArray]
    parameters: list[RefinedValue]
    correlations: list[HostArray]
    objective: float
    reduced_chi_square: float
    n_pixels: int
    history: list[Step]
    reasons: list[str]
    seconds: float
    pixels: list[Pixels]
    precision: str

    @property
    def experiment(self) -> Experiment:
        """The refined experiment of the first, or only, shot."""
        return self.experiments[0]

    @property
    def converged(self) -> bool:
        """Whether the last stage ended because it was done."""
        return "converged" in self.reasons[-1]

    def __getitem__(self, name: str) -> RefinedValue:
        """The number of that name, of the first shot."""
        for value in self.parameters:
            if value.name == name:
                return value
        raise KeyError(f"{name}; refined were {', '.join(v.name for v in self.parameters)}")

    def pictures(self, shot: int = 0) -> Pictures:
        """Data, model and residual of one shot."""
        pixels = self.pixels[shot]
        now = Shot(self.experiments[shot], np.float64(self.scales[shot]), self.surfaces[shot])
        model = expected_photons(now, pixels, self.precision)
        residual = (pixels.photons - model) / np.sqrt(model + pixels.variance)
        fast, slow = self.experiments[shot].detector.pixels
        images = []
        for values in (pixels.photons, model, residual):
            image = np.full((slow, fast), np.nan)
            image[pixels.slow, pixels.fast] = values
            images.append(image)
        return Pictures(*images)

    def as_dict(self) -> dict[str, Any]:
        """Everything but experiments and pixels, as plain numbers and text.

        Source: specs/refinement.md REF-18.
        """
        return {
            "parameters": [asdict(value) for value in self.parameters],
            "correlations": [matrix.tolist() for matrix in self.correlations],
            "objective": self.objective,
            "reduced_chi_square": self.reduced_chi_square,
            "pixels": self.n_pixels,
            "converged": self.converged,
            "reasons": self.reasons,
            "seconds": self.seconds,
            "history": [asdict(step) for step in self.history],
        }

    def write_json(self, path: StrPath) -> None:
        """Write `as_dict` as JSON; numbers that are not finite become null."""
        text = json.dumps(_without_nan(self.as_dict()), indent=1, allow_nan=False) + "\n"
        with replace_file(path) as file:
            file.write(text.encode("utf-8"))

    def table(self) -> str:
        """The refined numbers as text, a line for each."""
        width = max(len(value.name) for value in self.parameters)
        head = f"{'parameter':<{width}} shot {'before':>14} {'after':>14} {'sigma':>11}"
        lines = [
            f"{v.name:<{width}} {'all' if v.shot is None else v.shot:>4} "
            f"{v.before:14.6f} {v.after:14.6f} {v.sigma:11.2g}"
            for v in self.parameters
        ]
        return "\n".join([head, *lines])


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_without_nan(part) for part in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def expected_photons(shot: Shot, pixels: Pixels, precision: str) -> HostArray:
    """Expected photons in pixels, (n,), on the host."""
    with jax.enable_x64(True):
        found: Expected = _expected(*widen((shot, pixels)), precision)
        return np.asarray(found.total)


@functools.partial(jit_for_this_processor, static_argnames="precision")
def _expected(shot: Shot, pixels: Pixels, precision: str) -> Expected:
    return expected(shot, setup_of(shot.experiment, precision), pixels, precision)
