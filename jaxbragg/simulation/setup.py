"""Everything about an experiment that no pixel changes, computed once, in double precision."""

import itertools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg import units
from jaxbragg.backend import on_accelerator
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
from jaxbragg.geometry.vectors import add, norm, scale
from jaxbragg.packing import Packed, pack
from jaxbragg.precision import QUICK_OPTIONS, jit_for_this_processor
from jaxbragg.sampling.phi import phi_angles
from jaxbragg.sampling.points import layer_step
from jaxbragg.sampling.sources import Sources, sources
from jaxbragg.shapes import Array, Vec3
from jaxbragg.simulation.orientations import Orientations, orientations
from jaxbragg.terms.background import water_background
from jaxbragg.terms.scattering import scattering_vector
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
      largest_q: length of the longest scattering vector to a corner of the detector, 1/m.
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
    largest_q: Array


def prepare(experiment: Experiment) -> Setup:
    """Compute the pixel-independent part of an experiment whose leaves are float64."""
    given = _given(experiment)
    compiled = _inside if is_traced(given) else _alone
    setup: Setup = compiled(*given, model=experiment.model)
    return setup


def types_of_setup(experiment: Experiment) -> Setup:
    """Shapes and types of what `prepare` returns for an experiment of known numbers."""
    types: Setup = _alone.types(*jax.eval_shape(_given, experiment), model=experiment.model)
    return types


def prepare_on_host(experiment: Experiment, stacked: bool = False) -> Packed:
    """The same for known numbers, where hundreds of operations on single numbers take the least time.

    Args:
      experiment: one, or several that are stacked.
      stacked: whether they are.

    Returns:
      A `Setup`, packed, on the host.
    """
    with jax.ensure_compile_time_eval(), jax.default_device(_host()):
        if stacked:
            setup = _packed_stack(experiment)
        elif on_accelerator():
            setup = _packed(*_given(experiment), model=experiment.model)
        else:  # has been compiled where numbers were derived from the experiment
            return pack(jax.tree.map(np.asarray, prepare(experiment)))
        packed: Packed = jax.tree.map(np.asarray, setup)
        return packed


def _host() -> Any:
    """The processor that has float64; None where JAX was told to use other devices only."""
    try:
        return jax.devices("cpu")[0]
    except RuntimeError:
        return None


def _given(experiment: Experiment) -> tuple[Any, ...]:
    """What `_prepare` takes.

    What is derived is read here and not inside the compiled function, which would remember how it was.
    """
    return (
        experiment.beam.fluence,
        crystal_size.clipped_sample_size(experiment.crystal, experiment.beam),
        experiment.beam,
        experiment.crystal,
        experiment.detector,
        experiment.rotation,
        experiment.background.water,
        experiment.sampling.dmin,
    )


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
    placement, rays = place(detector, axes, model), sources(beam, axes, model)
    pixel_size = units.millimetres_to_metres(detector.pixel_size)
    return Setup(
        frame=axes,
        placement=placement,
        sources=rays,
        lattice=cell,
        illuminated=illuminated,
        cells=crystal_size.cell_counts(crystal, illuminated, cell),
        phi=phi,
        orientations=orientations(crystal, cell, phi, axes.spindle, model),
        fluence=fluence,
        background=None if water is None else water_background(water, fluence),
        pixel_size=pixel_size,
        layer_step=layer_step(detector),
        attenuation_depth=_attenuation_depth(detector),
        dmin=None if dmin is None else units.angstroms_to_metres(dmin),
        largest_q=_largest_q(placement, rays, detector.pixels, pixel_size),
    )


def _largest_q(placement: Placement, rays: Sources, pixels: tuple[int, int], pixel_size: Array) -> Array:
    """For all corners and sources; a curved detector counts as flat."""
    fast, slow = (n * pixel_size for n in pixels)
    lengths = []
    for f, s in itertools.product((jnp.zeros_like(fast), fast), (jnp.zeros_like(slow), slow)):
        corner = add(placement.pix0, add(scale(f, placement.fast), scale(s, placement.slow)))
        path = norm(corner)
        lengths.append(norm(scattering_vector(corner, path, 1.0 / path, rays.incident, rays.wavelength)))
    return jax.lax.stop_gradient(jnp.max(jnp.stack([x.astype(jnp.float32) for x in lengths])))


def _prepare_packed(*given: Any, **static: Any) -> Packed:
    return pack(_prepare(*given, **static))


_inside = jax.jit(_prepare, static_argnames="model")
_alone = jit_for_this_processor(_prepare, QUICK_OPTIONS, static_argnames="model")
_packed = jit_for_this_processor(_prepare_packed, QUICK_OPTIONS, static_argnames="model")
_packed_stack = jax.jit(jax.vmap(lambda experiment: pack(prepare(experiment))))


def _attenuation_depth(detector: DetectorConfig) -> Array:
    if detector.sensor_thickness is None:
        return jnp.ones(())
    given = detector.attenuation_depth
    return units.micrometres_to_metres(detector.sensor_thickness if given is None else given)
