"""Derived quantities that the host wants to know before or beside the image."""

import contextlib
import math
import warnings
from collections.abc import Iterator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg import units
from jaxbragg.backend import on_accelerator
from jaxbragg.config.choices import Convention
from jaxbragg.config.detector import DetectorConfig
from jaxbragg.config.experiment import Experiment
from jaxbragg.config.tree import is_concrete
from jaxbragg.errors import ConfigError, JaxbraggWarning
from jaxbragg.exact import product, quotient
from jaxbragg.geometry.cell import length
from jaxbragg.geometry.conventions import BeamCenter, beam_center
from jaxbragg.geometry.crystal_size import clipped_sample_size
from jaxbragg.kept_jit import kept_jit
from jaxbragg.precision import widen
from jaxbragg.shapes import Array
from jaxbragg.simulation.setup import Setup, prepare, prepare_on_host
from jaxbragg.traced import is_traced


class Derived(NamedTuple):
    """Pixel-independent quantities that the image does not need.

    Attributes:
      setup: those that it needs.
      largest_edge: longest edge of the crystal, m.
      resolved_edge: edge of a crystal whose spots are one pixel wide, m.
      center: the beam centre as the convention reads it.
    """

    setup: Setup
    largest_edge: Array
    resolved_edge: Array
    center: BeamCenter


def derive(experiment: Experiment) -> Derived:
    """Compute what no pixel changes: axes, placement, sources, real vectors, cell counts, fluence.

    Args:
      experiment: with or without a chosen oversampling.

    Returns:
      Quantities in m, radians, photons/m² as float64 arrays.
    """
    with jax.enable_x64(True):
        wide = widen(experiment)
        known = all(is_concrete(leaf) for leaf in jax.tree.leaves(wide))
        setup = prepare_on_host(wide).unpack() if known and on_accelerator() else prepare(wide)
        return Derived(setup, *_derive(setup, wide.detector, wide.beam.wavelength))


@kept_jit
def _derive(setup: Setup, detector: DetectorConfig, wavelength: Array) -> tuple[Array, Array, BeamCenter]:
    """What is not part of `Setup`; that one is compiled once for derived numbers and image."""
    cell = setup.lattice
    edges = [n * length(v) for n, v in zip(setup.cells, (cell.a, cell.b, cell.c), strict=True)]
    wavelength_m = units.angstroms_to_metres(wavelength)
    resolved = quotient(product(wavelength_m, setup.placement.distance), setup.pixel_size)
    return jnp.max(jnp.stack(edges)), resolved, beam_center(detector)


@contextlib.contextmanager
def on_host() -> Iterator[None]:
    """Evaluates known numbers at once where a program of the caller is being traced."""
    # Elsewhere it would change nothing but JAX's settings, and so compile everything a second time.
    with jax.ensure_compile_time_eval() if is_traced(()) else contextlib.nullcontext():
        yield


@on_host()
def check_plane(experiment: Experiment) -> None:
    """Refuse a detector plane that is parallel to the beam or holds the sample.

    Looks only at detectors that are turned or free, and whose numbers are not traced.

    Raises:
      ConfigError: no point of the plane lies on the beam, or the sample lies on the plane.

    Source: specs/geometry.md GEO-6.
    """
    detector = experiment.detector
    if not all(is_concrete(leaf) for leaf in jax.tree.leaves(experiment)):
        return
    turned = np.any(detector.rotations) or np.any(detector.twotheta)
    if not turned and detector.convention is not Convention.CUSTOM:
        return
    setup = derive(experiment).setup
    cosine = float(np.dot(np.stack(setup.frame.beam), np.stack(setup.placement.normal)))
    if abs(cosine) < PARALLEL:
        raise ConfigError(
            f"the detector plane must meet the beam, but the cosine of beam and normal is {cosine:.1e}; "
            "change `rotations` or `twotheta` by a little"
        )
    if float(setup.placement.close_distance) == 0.0:
        raise ConfigError(
            "the detector plane must not hold the sample, but its `close_distance` is 0 mm; "
            "move `pix0` or turn the axes"
        )


PARALLEL = 1e-9
"""Cosine between beam and plane normal below which the plane is parallel to the beam up to rounding."""


@on_host()
def recommended_oversample(experiment: Experiment) -> int:
    """Sub-pixels per edge that sample a spot of the whole crystal three times, at least 1.

    Raises:
      ConfigError: the number depends on traced values, or is absurd.

    Source: specs/sampling.md SAMP-6.
    """
    if not all(is_concrete(leaf) for leaf in jax.tree.leaves(experiment)):
        raise ConfigError(
            "`oversample` must be given when an experiment is built from traced values, got None"
        )
    derived = derive(experiment)
    resolved = float(derived.resolved_edge)
    wanted = 3.0 * float(derived.largest_edge) / resolved if resolved != 0 else math.inf
    if not math.isfinite(wanted) or wanted > 10_000:
        raise ConfigError(
            f"`oversample` chosen from the crystal size would be {wanted:g}; give `oversample` or a smaller "
            "crystal"
        )
    return max(1, math.ceil(wanted))


@on_host()
def warn_if_clipped(experiment: Experiment) -> None:
    """Warn when the beam is smaller than the sample, so that only part of it is simulated."""
    sample = experiment.crystal.sample_size
    if not (is_concrete(sample) and is_concrete(experiment.beam.beamsize)) or not np.any(sample):
        return
    clipped = np.asarray(clipped_sample_size(experiment.crystal, experiment.beam))
    for axis, before, after in zip("xyz", np.asarray(sample), clipped, strict=True):
        if after < before:
            warnings.warn(
                f"the sample is {before:g} mm along {axis} but the beam only {after:g} mm: "
                f"clipped to the beam; enlarge `beamsize` to illuminate all of it",
                JaxbraggWarning,
                stacklevel=5,
            )
