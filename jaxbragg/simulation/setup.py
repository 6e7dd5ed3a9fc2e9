"""Everything about an experiment that no pixel changes, computed once, in double precision."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxbragg import units
from jaxbragg.config.beam import BeamConfig
from jaxbragg.config.crystal import CrystalConfig
from jaxbragg.config.detector import DetectorConfig
from jaxbragg.config.experiment import Experiment
from jaxbragg.config.model import Model
from jaxbragg.config.rotation import RotationConfig
from jaxbragg.geometry import crystal_size
from jaxbragg.geometry.cell import Lattice, lattice
from jaxbragg.geometry.conventions import Frame, frame
from jaxbragg.geometry.placement import Placement, place
from jaxbragg.precision import QUICK_OPTIONS, jit_for_this_processor
from jaxbragg.sampling.phi import phi_angles
from jaxbragg.sampling.points import layer_step
from jaxbragg.sampling.sources import Sources, sources
from jaxbragg.shapes import Array, Vec3
from jaxbragg.simulation.orientations import Orientations, orientations
from jaxbragg.terms.background import water_background
from jaxbragg.traced import is_traced


class Setup(NamedTuple):
    """Pixel-independent quantities; lengths in m, angles in radians.

    Attributes:
      frame: unrotated laboratory frame.
      placement: the placed detector.
      sources: incident directions, wavelengths, weights.
      lattice: the crystal at spindle angle zero.
      illuminated: edges of the sample that the beam hits, mm, (3,).
      cells: unit cells along a, b, c.
      phi: spindle angles, (n_phi,).
      orientations: real vectors for every spindle angle, and how mosaic domains are turned from them.
      fluence: photons/m².
      background: photons/steradian of diffuse scatter; None without.
      pixel_size: m.
      layer_step: thickness of a sensor layer, m.
      attenuation_depth: m; 1 without a sensor.
      dmin: finest resolution, m; None keeps all.
    """

    frame: Frame
    placement: Placement
    sources: Sources
    lattice: Lattice
    illuminated: Array
    cells: Vec3
    phi: Array
    orientations: Orientations
    fluence: Array
    background: Array | None
    pixel_size: Array
    layer_step: Array
    attenuation_depth: Array
    dmin: Array | None


def prepare(experiment: Experiment) -> Setup:
    """Compute the pixel-independent part of an experiment whose leaves are float64."""
    # Read here and not inside the compiled function, which would remember how they were derived.
    fluence = experiment.beam.fluence
    illuminated = crystal_size.clipped_sample_size(experiment.crystal, experiment.beam)
    given = (
        fluence,
        illuminated,
        experiment.beam,
        experiment.crystal,
        experiment.detector,
        experiment.rotation,
        experiment.background.water,
        experiment.sampling.dmin,
    )
    compiled = _inside if is_traced(given) else _alone
    setup: Setup = compiled(*given, model=experiment.model)
    return setup


def _prepare(
    fluence: Array,
    illuminated: Array,
    beam: BeamConfig,
    crystal: CrystalConfig,
    detector: DetectorConfig,
    rotation: RotationConfig,
    water: Array | None,
    dmin: Array | None,
    model: Model,
) -> Setup:
    """Compiled by itself: experiments that differ in their table or sampling share it."""
    axes = frame(detector, model)
    cell = lattice(crystal, beam.wavelength, model)
    phi = phi_angles(rotation)
    return Setup(
        frame=axes,
        placement=place(detector, axes, model),
        sources=sources(beam, axes, model),
        lattice=cell,
        illuminated=illuminated,
        cells=crystal_size.cell_counts(crystal, illuminated, cell),
        phi=phi,
        orientations=orientations(crystal, cell, phi, axes.spindle, model),
        fluence=fluence,
        background=None if water is None else water_background(water, fluence),
        pixel_size=units.millimetres_to_metres(detector.pixel_size),
        layer_step=layer_step(detector),
        attenuation_depth=_attenuation_depth(detector),
        dmin=None if dmin is None else units.angstroms_to_metres(dmin),
    )


_inside = jax.jit(_prepare, static_argnames="model")
_alone = jit_for_this_processor(_prepare, QUICK_OPTIONS, static_argnames="model")


def _attenuation_depth(detector: DetectorConfig) -> Array:
    if detector.sensor_thickness is None:
        return jnp.ones(())
    given = detector.attenuation_depth
    return units.micrometres_to_metres(detector.sensor_thickness if given is None else given)
