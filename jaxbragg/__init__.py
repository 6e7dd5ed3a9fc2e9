"""Differentiable X-ray diffraction images of small crystals, in absolute photons per pixel, in JAX.

The names below are the public API, in the order in which data flows. They are loaded when first used, so that
the command can answer `-h` without starting JAX.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaxbragg.allocator import keep_memory as keep_memory
    from jaxbragg.config.background import BackgroundConfig as BackgroundConfig
    from jaxbragg.config.beam import BeamConfig as BeamConfig
    from jaxbragg.config.beam import SourceList as SourceList
    from jaxbragg.config.choices import Convention as Convention
    from jaxbragg.config.choices import Pivot as Pivot
    from jaxbragg.config.choices import Shape as Shape
    from jaxbragg.config.crystal import CrystalConfig as CrystalConfig
    from jaxbragg.config.detector import DetectorConfig as DetectorConfig
    from jaxbragg.config.experiment import Experiment as Experiment
    from jaxbragg.config.model import CORRECTED as CORRECTED
    from jaxbragg.config.model import NANOBRAGG as NANOBRAGG
    from jaxbragg.config.model import Model as Model
    from jaxbragg.config.rotation import RotationConfig as RotationConfig
    from jaxbragg.config.sampling import SamplingConfig as SamplingConfig
    from jaxbragg.config.structure_factors import StructureFactorConfig as StructureFactorConfig
    from jaxbragg.errors import ConfigError as ConfigError
    from jaxbragg.errors import FormatError as FormatError
    from jaxbragg.errors import JaxbraggError as JaxbraggError
    from jaxbragg.errors import JaxbraggWarning as JaxbraggWarning
    from jaxbragg.errors import UsageError as UsageError
    from jaxbragg.plots.refinement import plot_refinement as plot_refinement
    from jaxbragg.plots.trace import plot_trace as plot_trace
    from jaxbragg.precision import COMPILER_OPTIONS as COMPILER_OPTIONS
    from jaxbragg.refine.group import Prior as Prior
    from jaxbragg.refine.measurement import Measurement as Measurement
    from jaxbragg.refine.objectives import Gaussian as Gaussian
    from jaxbragg.refine.objectives import Poisson as Poisson
    from jaxbragg.refine.objectives import StudentT as StudentT
    from jaxbragg.refine.parameters import Orientation as Orientation
    from jaxbragg.refine.parameters import Parameter as Parameter
    from jaxbragg.refine.parameters import UnitCell as UnitCell
    from jaxbragg.refine.photon_parameters import Background as Background
    from jaxbragg.refine.photon_parameters import Reflections as Reflections
    from jaxbragg.refine.photon_parameters import Scale as Scale
    from jaxbragg.refine.pixels import shoeboxes as shoeboxes
    from jaxbragg.refine.result import Refinement as Refinement
    from jaxbragg.refine.run import refine_image as refine_image
    from jaxbragg.refine.run import refine_shots as refine_shots
    from jaxbragg.refine.schedule import Stage as Stage
    from jaxbragg.refine.starts import Starts as Starts
    from jaxbragg.refine.transforms import Bounded as Bounded
    from jaxbragg.refine.transforms import Identity as Identity
    from jaxbragg.refine.transforms import Positive as Positive
    from jaxbragg.simulation.batch import simulate_batch as simulate_batch
    from jaxbragg.simulation.run import simulate as simulate
    from jaxbragg.simulation.simulate_pixels import simulate_pixels as simulate_pixels
    from jaxbragg.simulation.trace import trace as trace
    from jaxbragg.tracing.compare import compare_traces as compare_traces
    from jaxbragg.tracing.text import trace_text as trace_text

__version__ = "0.1.0"

_HOME = {
    "CrystalConfig": "jaxbragg.config.crystal",
    "BeamConfig": "jaxbragg.config.beam",
    "SourceList": "jaxbragg.config.beam",
    "DetectorConfig": "jaxbragg.config.detector",
    "RotationConfig": "jaxbragg.config.rotation",
    "StructureFactorConfig": "jaxbragg.config.structure_factors",
    "SamplingConfig": "jaxbragg.config.sampling",
    "BackgroundConfig": "jaxbragg.config.background",
    "Experiment": "jaxbragg.config.experiment",
    "Convention": "jaxbragg.config.choices",
    "Pivot": "jaxbragg.config.choices",
    "Shape": "jaxbragg.config.choices",
    "Model": "jaxbragg.config.model",
    "CORRECTED": "jaxbragg.config.model",
    "NANOBRAGG": "jaxbragg.config.model",
    "from_nanobragg": "jaxbragg.cli.resolve",
    "read_hkl": "jaxbragg.io.hkl",
    "simulate": "jaxbragg.simulation.run",
    "simulate_batch": "jaxbragg.simulation.batch",
    "simulate_pixels": "jaxbragg.simulation.simulate_pixels",
    "derivative_images": "jaxbragg.simulation.derivative_images",
    "plot_derivative_images": "jaxbragg.plots.derivatives",
    "trace": "jaxbragg.simulation.trace",
    "trace_text": "jaxbragg.tracing.text",
    "compare_traces": "jaxbragg.tracing.compare",
    "plot_trace": "jaxbragg.plots.trace",
    "COMPILER_OPTIONS": "jaxbragg.precision",
    "keep_memory": "jaxbragg.allocator",
    "add_poisson_noise": "jaxbragg.images.noise",
    "Measurement": "jaxbragg.refine.measurement",
    "Parameter": "jaxbragg.refine.parameters",
    "Orientation": "jaxbragg.refine.parameters",
    "UnitCell": "jaxbragg.refine.parameters",
    "Scale": "jaxbragg.refine.photon_parameters",
    "Background": "jaxbragg.refine.photon_parameters",
    "Reflections": "jaxbragg.refine.photon_parameters",
    "Prior": "jaxbragg.refine.group",
    "Identity": "jaxbragg.refine.transforms",
    "Positive": "jaxbragg.refine.transforms",
    "Bounded": "jaxbragg.refine.transforms",
    "Poisson": "jaxbragg.refine.objectives",
    "Gaussian": "jaxbragg.refine.objectives",
    "StudentT": "jaxbragg.refine.objectives",
    "Stage": "jaxbragg.refine.schedule",
    "Starts": "jaxbragg.refine.starts",
    "shoeboxes": "jaxbragg.refine.pixels",
    "Refinement": "jaxbragg.refine.result",
    "refine_image": "jaxbragg.refine.run",
    "refine_shots": "jaxbragg.refine.run",
    "plot_refinement": "jaxbragg.plots.refinement",
    "JaxbraggError": "jaxbragg.errors",
    "ConfigError": "jaxbragg.errors",
    "FormatError": "jaxbragg.errors",
    "UsageError": "jaxbragg.errors",
    "JaxbraggWarning": "jaxbragg.errors",
}

__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'jaxbragg' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
