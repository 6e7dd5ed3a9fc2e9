"""Small images with known truth, and rough experiments to start from."""

import functools

import numpy as np
import numpy.typing as npt

import jaxbragg

Image = npt.NDArray[np.float64]

LEVEL = 3.0
"""Background, photons per pixel."""

PEAK = 300.0
"""Photons of the brightest pixel without background."""


@functools.cache
def crystal(pixels: int = 64, **crystal_fields) -> jaxbragg.Experiment:
    """A still of a monoclinic crystal, some dozens of spots wide enough to be seen by several pixels."""
    fields = {
        "cell": (40.0, 50.0, 60.0, 90.0, 100.0, 90.0),
        "misset": (10.0, 20.0, 30.0),
        "n_cells": (8.0, 7.0, 6.0),
        "mosaic_spread": 0.5,
        "mosaic_domains": 4,
    }
    rng = np.random.default_rng(7)
    return jaxbragg.Experiment(
        crystal=jaxbragg.CrystalConfig(**{**fields, **crystal_fields}),
        beam=jaxbragg.BeamConfig(wavelength=1.5, flux=1e12, exposure=1.0, beamsize=0.1),
        detector=jaxbragg.DetectorConfig(pixels=(pixels, pixels), pixel_size=32.0 / pixels, distance=25.0),
        structure_factors=jaxbragg.StructureFactorConfig(
            table=rng.uniform(50.0, 150.0, (41, 41, 41)), index_min=(-20, -20, -20)
        ),
        sampling=jaxbragg.SamplingConfig(oversample=1),
    )


@functools.cache
def photons(experiment: jaxbragg.Experiment) -> Image:
    """Expected photons: the brightest pixel has PEAK, plus LEVEL everywhere."""
    image = np.asarray(jaxbragg.simulate(experiment), np.float64)
    return image * (PEAK / image.max()) + LEVEL


def scale_of(experiment: jaxbragg.Experiment) -> float:
    """The factor that `photons` has applied."""
    return PEAK / float(np.asarray(jaxbragg.simulate(experiment)).max())


def counted(experiment: jaxbragg.Experiment, seed: int = 0) -> Image:
    """Photons as a detector counts them."""
    return np.random.default_rng(seed).poisson(photons(experiment)).astype(np.float64)


def rough(experiment: jaxbragg.Experiment, degrees: float = 0.1) -> jaxbragg.Experiment:
    """The experiment turned by a little and with a detector and a spread that are a little off."""
    turn = np.array([0.6, -0.5, 0.6]) * degrees
    return experiment.with_fields(
        crystal__misset=np.asarray(experiment.crystal.misset) + turn,
        crystal__mosaic_spread=float(experiment.crystal.mosaic_spread) * 1.2,
        detector__distance=float(experiment.detector.distance) * 1.002,
    )


def brightest_reflections(experiment: jaxbragg.Experiment, count: int) -> tuple[tuple[int, int, int], ...]:
    """Indices of the reflections in the brightest pixels, each once, but not 0 0 0."""
    image = np.asarray(jaxbragg.simulate(experiment))
    slow, fast = np.unravel_index(np.argsort(-image, axis=None)[:40], image.shape)
    samples = jaxbragg.trace(experiment, slow, fast)["samples"]
    share = np.asarray(samples["contribution"]).reshape(40, -1)
    nearest = np.asarray(samples["nearest"]).reshape(40, -1, 3)[np.arange(40), share.argmax(axis=1)]
    return tuple(dict.fromkeys((h, k, l) for h, k, l in nearest.tolist() if h or k or l))[:count]
