"""Experiments of few pixels that hold every continuous parameter, for awkward points of each.

A compiled program serves all numbers of one structure, so awkward points are changes of numbers only. The
amplitudes are a cubic polynomial of the indices, which interpolation reproduces and which is so smooth that
differences may step over a whole index.
"""

from typing import Any

import numpy as np

import jaxbragg as jb

PIXELS = (9, 7)
PIXEL_SIZE = 2.0
MIDDLE = (9.0, 7.0)
"""Centre of pixel (4, 3), mm along fast and slow."""


def polynomial(half: int = 5) -> Any:
    """Amplitudes for indices -half to half: cubic, between 50 and 150."""
    h, k, l = np.meshgrid(*(np.arange(-half, half + 1) / half,) * 3, indexing="ij")
    return 100 + 10 * h**3 - 7 * k**3 + 9 * l * k - 8 * h * k * l + 6 * h - 5 * l**2


def structure_factors(**fields: Any) -> jb.StructureFactorConfig:
    return jb.StructureFactorConfig(
        **{"table": polynomial(), "index_min": (-5, -5, -5), "default_f": 60.0} | fields
    )


def axes(count: int) -> Any:
    drawn = np.random.default_rng(3).normal(size=(count, 3))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def many(shape: str = "square", **changes: Any) -> jb.Experiment:
    """Two or three of every kind of sample, and a number for every field of a custom frame."""
    experiment = jb.Experiment(
        crystal=jb.CrystalConfig(
            cell=(40, 50, 60, 85, 95, 105),
            misset=(3, 4, 5),
            n_cells=(5, 4, 3),
            shape=shape,
            fudge=1.2,
            mosaic_spread=0.7,
            mosaic_axes=axes(3),
            mosaic_fractions=(0.2, 0.7, 1.0),
        ),
        beam=jb.BeamConfig(
            wavelength=1.1,
            flux=1e16,
            exposure=0.1,
            beamsize=0.05,
            polarization=0.9,
            divergence=(3, 2),
            dispersion=1.0,
            source_grid=((-0.5, 0.2, -0.3), (0.4, -0.3, 0.5)),
        ),
        detector=custom(sensor_thickness=320, attenuation_depth=234, sensor_layers=2),
        rotation=jb.RotationConfig(phi=1.0, osc=2.0, steps=2),
        structure_factors=structure_factors(),
        sampling=jb.SamplingConfig(oversample=2, dmin=2.0),
        background=jb.BackgroundConfig(water=0.002),
    )
    return experiment.with_fields(**changes)


def custom(**fields: Any) -> jb.DetectorConfig:
    """A tilted detector in a frame of its own, nearly MOSFLM's."""
    chosen = {
        "convention": "custom",
        "pixels": PIXELS,
        "pixel_size": PIXEL_SIZE,
        "distance": 60.0,
        "beam_x": 8.3,
        "beam_y": 6.4,
        "rotations": (3, -5, 7),
        "twotheta": 10.0,
        "fast_axis": (0.1, 0.0, 1.0),
        "slow_axis": (0.0, -1.0, 0.1),
        "beam_axis": (1.0, 0.05, 0.0),
        "polarization_axis": (0.1, 0.0, 1.0),
        "spindle_axis": (0.0, 0.1, 1.0),
        "twotheta_axis": (0.0, 0.2, -1.0),
    }
    return jb.DetectorConfig(**chosen | fields)


def single(**changes: Any) -> jb.Experiment:
    """One of every kind of sample: one source, still, one domain, one point, no sensor."""
    return many().with_fields(
        **{
            "crystal": jb.CrystalConfig(
                cell=(40, 50, 60, 85, 95, 105), misset=(3, 4, 5), n_cells=(5, 4, 3), fudge=1.2
            ),
            "beam": jb.BeamConfig(wavelength=1.1, fluence=1e26, polarization=0.9, source_grid=((0, 0, 0),)),
            "detector": custom(),
            "rotation": jb.RotationConfig(phi=1.0),
            "sampling": jb.SamplingConfig(oversample=1, dmin=2.0),
        }
        | changes
    )


def listed() -> jb.Experiment:
    """Three listed sources, one of which has no weight yet."""
    sources = jb.SourceList(
        positions=((-1, 0.001, 0), (-2, 0, 0.003), (-1, -0.002, 0.001)),
        wavelengths=(1.1, 1.12, 1.08),
        weights=(1.0, 2.0, 0.0),
    )
    return single(beam=jb.BeamConfig(wavelength=1.1, fluence=1e26, polarization=0.9, sources=sources))
