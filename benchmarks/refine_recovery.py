"""Does a refinement find the truth, and know how well: `python -m benchmarks.refine_recovery --output FILE`.

Stills of 2ERL with Poisson noise are refined from random wrong starts, and the errors are compared with the
standard deviations that the refinement itself reports. Some images are our own, some the saved ones of the
reference program (tests/reference/), so that a mistake that simulation and refinement share would show.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import jaxbragg
from benchmarks.machine import describe_commit, describe_machine, load, now, use_cores
from jaxbragg.shapes import HostArray
from tests.reference import cases

PEAK, LEVEL = 1000.0, 5.0
"""Counts of the brightest pixel without background, and of the background."""

PARAMETERS = ("scale", "background", "misset", "cell", "distance", "mosaic_spread")


@dataclass(frozen=True)
class Scene:
    """An image without noise, and the experiment that made it.

    Attributes:
      truth: with the part of the detector that was saved as region of interest.
      photons: expected, (slow, fast).
      scale: what they were multiplied by.
    """

    truth: jaxbragg.Experiment
    photons: HostArray
    scale: float


def scene(name: str) -> Scene:
    """One of the scenes by name: "own", or a cut-out of the reference program."""
    if name == "own":
        truth = cases.experiment(cases.load_large_cases()["protein_mosaic"], "corrected")
        image = np.asarray(jaxbragg.simulate(truth), np.float64)
    else:
        case = cases.load_large_cases()[name]
        truth = cases.experiment(case, "nanobragg").with_fields(sampling__roi=case.roi)
        f0, f1, s0, s1 = case.roi
        fast, slow = truth.detector.pixels
        image = np.zeros((slow, fast))
        image[s0 : s1 + 1, f0 : f1 + 1] = cases.large_image(name)
    scale = PEAK / image.max()
    return Scene(truth, image * scale + LEVEL, scale)


def rough(one: Scene, rng: np.random.Generator) -> tuple[jaxbragg.Experiment, float]:
    """A start as wrong as an indexing program leaves it, and its scale.

    0.1 to 0.3 degrees of orientation about a random axis, 0.3 % of every free number of the cell, 0.2 % of
    the distance, a factor 1.5 of the scale, 30 % of the mosaic spread; signs at random.
    """
    crystal, detector = one.truth.crystal, one.truth.detector
    axis = rng.normal(size=3)
    turn = axis / np.linalg.norm(axis) * rng.uniform(0.1, 0.3)
    cell = np.array(crystal.cell)
    free = np.array([True, True, True, False, True, False])
    cell = np.where(free, cell * (1 + 0.003 * rng.choice([-1, 1], 6)), cell)
    spread, factor = (part ** rng.choice([-1, 1]) for part in (1.3, 1.5))
    start = one.truth.with_fields(
        crystal__misset=np.asarray(crystal.misset) + turn,
        crystal__cell=cell,
        crystal__mosaic_spread=float(crystal.mosaic_spread) * spread,
        detector__distance=float(detector.distance) * (1 + 0.002 * rng.choice([-1, 1])),
    )
    return start, one.scale * factor


def truth_of(one: Scene, result: jaxbragg.Refinement) -> HostArray:
    """What the refined numbers should be."""
    crystal = one.truth.crystal
    known = dict(zip(("a", "b", "c", "alpha", "beta", "gamma"), np.array(crystal.cell), strict=True))
    known = {f"crystal.cell.{key}": value for key, value in known.items()}
    known |= {f"crystal.misset.{key}": value for key, value in zip("xyz", crystal.misset, strict=True)}
    known |= {
        "scale": one.scale,
        "background.1": LEVEL,
        "detector.distance": one.truth.detector.distance,
        "crystal.mosaic_spread": crystal.mosaic_spread,
    }
    return np.array([float(known[value.name]) for value in result.parameters])


def repeat(name: str, starts: int, schedule: str) -> dict[str, Any]:
    """Refine a scene from several starts with a noise of its own each."""
    one = scene(name)
    wanted = [p for p in PARAMETERS if p != "mosaic_spread" or float(one.truth.crystal.mosaic_spread) > 0]
    runs, labels = [], []
    for seed in range(starts):
        rng = np.random.default_rng(seed)
        start, scale = rough(one, rng)
        groups = [jaxbragg.Scale(initial=scale), *wanted[1:]]
        began = time.perf_counter()
        result = jaxbragg.refine_image(
            start, rng.poisson(one.photons), groups, system="monoclinic", schedule=schedule
        )
        seconds = time.perf_counter() - began
        labels = [value.name for value in result.parameters]
        after, sigma = (np.array([getattr(v, key) for v in result.parameters]) for key in ("after", "sigma"))
        pulls = (after - truth_of(one, result)) / sigma
        runs.append(
            {
                "pulls": pulls.tolist(),
                "distance_sq": float(pulls @ np.linalg.solve(result.correlations[0], pulls)) / len(pulls),
                "reduced_chi_square": result.reduced_chi_square,
                "seconds": seconds,
                "steps": len(result.history) - 1,
                "converged": result.converged,
            }
        )
        print(f"{name} {seed}: {np.abs(pulls).max():.2f} sigma, {seconds:.1f} s", file=sys.stderr, flush=True)
    return {"parameters": labels, "runs": runs} | summary(runs, scatter_of_chi_square(one))


def scatter_of_chi_square(one: Scene) -> float:
    """Standard deviation of the reduced chi-square of one image with a perfect model.

    Of (d - M)²/M, d a Poisson number of mean M, the variance is 2 + 1/M.
    """
    fast, slow = one.truth.detector.pixels
    f0, f1, s0, s1 = one.truth.sampling.roi or (0, fast - 1, 0, slow - 1)
    compared = one.photons[s0 : s1 + 1, f0 : f1 + 1]
    return float(np.sqrt(np.mean(2.0 + 1.0 / compared) / compared.size))


def summary(runs: Sequence[dict[str, Any]], scatter: float) -> dict[str, Any]:
    """What the bars ask for.

    Args:
      runs: results.
      scatter: of a single reduced chi-square by chance; the mean of many is judged against 1.
    """
    pulls = np.array([run["pulls"] for run in runs])
    chi_squares = np.array([run["reduced_chi_square"] for run in runs])
    good = np.all(np.abs(pulls) < 3, axis=1)
    warm = [run["seconds"] for run in runs[1:]] or [runs[0]["seconds"]]
    return {
        "starts": len(runs),
        "within_3_sigma": int(np.count_nonzero(good)),
        "reduced_chi_square": {
            "mean": chi_squares.mean(),
            "least": chi_squares.min(),
            "most": chi_squares.max(),
            "scatter": chi_squares.std(),
            "expected_scatter": scatter,
            "within_2_percent": int(np.count_nonzero(np.abs(chi_squares - 1) <= 0.02)),
            "within_3_scatters": int(np.count_nonzero(np.abs(chi_squares - 1) <= 3 * scatter)),
        },
        "spread_over_sigma": {
            "all": float(np.sqrt(np.mean(pulls[good] ** 2))),
            "by_parameter": np.sqrt(np.mean(pulls[good] ** 2, axis=0)).tolist(),
            "distance_sq_with_correlations": float(
                np.mean([run["distance_sq"] for run, ok in zip(runs, good, strict=True) if ok])
            ),
        },
        "seconds": {"first": runs[0]["seconds"], "median": float(np.median(warm)), "most": max(warm)},
    }


def main(words: Sequence[str] | None = None) -> dict[str, Any]:
    """Repeat, summarise, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", nargs="+", default=["own", "protein_mosaic", "protein_still"])
    parser.add_argument("--starts", type=int, default=50)
    parser.add_argument("--schedule", default="shells", choices=["shells", "all", "staged"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args(words)
    use_cores(options.threads)
    result: dict[str, Any] = {
        "date": now(),
        **describe_commit(),
        "machine": describe_machine(),
        "load_before": load(),
        "schedule": options.schedule,
        "scenes": {name: repeat(name, options.starts, options.schedule) for name in options.scenes},
        "load_after": load(),
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    if options.output is not None:
        options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name, found in result["scenes"].items():
        rest = {key: value for key, value in found.items() if key not in ("runs", "parameters")}
        print(name, json.dumps(rest, indent=1))
    print(f"peak memory {result['peak_memory_bytes'] / 1e9:.2f} GB")
    return result


if __name__ == "__main__":
    main()
