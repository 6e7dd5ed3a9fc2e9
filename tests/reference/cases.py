"""The saved runs of the reference program, as data: command lines, derived numbers, images and traces.

Where they come from is told in recipe.md. `experiment` turns a run into an `Experiment`.
"""

import functools
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import jaxbragg
from jaxbragg.cli.resolve import from_nanobragg
from jaxbragg.config.experiment import Experiment
from jaxbragg.errors import JaxbraggWarning

HERE = Path(__file__).parent
PROTEIN_HKL = Path(jaxbragg.__file__).parent / "data" / "2erl_P1.hkl.gz"
"""The structure factors that the command lines call 2erl.hkl."""

MODELS = ("nanobragg", "corrected")

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Run:
    """One command line.

    Attributes:
      name: of the run.
      argv: its words, without the program's name and without output options.
      folder: where its input files are.
    """

    name: str
    argv: tuple[str, ...]
    folder: Path

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Case(Run):
    """A small image in both models; numbers are the program's.

    Attributes:
      shape: of the image, (slow, fast).
      n_cells: unit cells along a, b, c.
      oversample: sub-pixels per edge.
      layers: of the sensor.
      sources, phi_steps, domains: samples of each kind.
      steps: what the sum is divided by.
      fluence: photons/m².
      pix0: outer corner of the first pixel, m.
      close_distance, distance: after placement, m.
      a, b, c: unrotated real vectors, m.
    """

    shape: tuple[int, int]
    n_cells: tuple[int, int, int]
    oversample: int
    layers: int
    sources: int
    phi_steps: int
    domains: int
    steps: int
    fluence: float
    pix0: Vector
    close_distance: float
    distance: float
    a: Vector
    b: Vector
    c: Vector


@dataclass(frozen=True)
class LargeCase(Run):
    """A cut-out of a large image; `roi` is xmin, xmax, ymin, ymax, ends included."""

    roi: tuple[int, int, int, int]


@dataclass(frozen=True)
class Trace(Run):
    """Every printed term of one pixel; a list holds one entry per layer and sub-pixel."""

    slow: int
    fast: int
    values: Mapping[str, Any]


@functools.cache
def load_cases() -> Mapping[str, Case]:
    """The small cases by name."""
    return {name: _case(name, raw) for name, raw in _read("cases.json").items()}


def _case(name: str, raw: Mapping[str, Any]) -> Case:
    plain = ("oversample", "layers", "sources", "domains", "steps", "fluence")
    vectors = {"shape": "shape", "n_cells": "N", "pix0": "pix0_m", "a": "a_m", "b": "b_m", "c": "c_m"}
    return Case(
        **_run(name, raw),
        **{key: raw[key] for key in plain},
        **{field: tuple(raw[key]) for field, key in vectors.items()},
        phi_steps=raw["phisteps"],
        close_distance=raw["close_distance_m"],
        distance=raw["distance_m"],
    )


@functools.cache
def load_large_cases() -> Mapping[str, LargeCase]:
    """The cut-outs by name."""
    return {
        name: LargeCase(**_run(name, raw), roi=tuple(raw["roi"])) for name, raw in _read("large.json").items()
    }


@functools.cache
def load_traces() -> Mapping[str, Trace]:
    """The traced pixels by name."""
    return {
        name: Trace(**_run(name, raw), slow=raw["slow"], fast=raw["fast"], values=raw["values"])
        for name, raw in _read("traces.json").items()
    }


def image(name: str, model: str) -> npt.NDArray[np.float64]:
    """The image of a small case in one of the models, photons per pixel, (slow, fast)."""
    return _images({"nanobragg": "program.npz", "corrected": "corrected.npz"}[model])[name]


def large_image(name: str) -> npt.NDArray[np.float32]:
    """The cut-out of a large case, photons per pixel, (slow, fast)."""
    return _images("large.npz")[name]


def experiment(run: Run, model: str) -> Experiment:
    """The experiment of a run, without its warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", JaxbraggWarning)
        return from_nanobragg(run.argv, model=model, folder=run.folder)


def _run(name: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    argv = tuple(str(PROTEIN_HKL) if word == "2erl.hkl" else word for word in raw["argv"])
    return {"name": name, "argv": argv, "folder": HERE / "files" / name}


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((HERE / name).read_text())
    return content


@functools.cache
def _images(name: str) -> dict[str, npt.NDArray[Any]]:
    with np.load(HERE / name) as archive:
        return {key: archive[key] for key in archive.files}
