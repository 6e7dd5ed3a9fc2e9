"""The groups of a trace, filled with the kernel's own terms; what the keys mean is in trace_keys.py."""

from typing import Any

import jax.numpy as jnp

from jaxbragg import units
from jaxbragg.constants import CLASSICAL_ELECTRON_RADIUS_SQ
from jaxbragg.shapes import Array, Vec3
from jaxbragg.simulation.accumulate import Sums, number_of_steps, scaled
from jaxbragg.simulation.all_samples import AllSamples, all_samples
from jaxbragg.simulation.factors import deferred
from jaxbragg.simulation.trace_crystal import turned_crystal
from jaxbragg.simulation.trace_samples import as_vectors, diffuse_photons, samples_group
from jaxbragg.simulation.visits import IN_ANY_ORDER, Job, SerialOrder

Group = dict[str, Any]


def shared_groups(job: Job, visit_matters: bool) -> dict[str, Group]:
    """What all pixels share; the orientations are not shared if they depend on the visit."""
    setup, beam = job.setup, job.experiment.beam
    axes = (..., None, None)  # a source's values do not depend on spindle angle and domain
    return {
        "pixel": {},
        "geometry": _placed_detector(job),
        "beam": {
            "incident": as_vectors(setup.sources.incident)[None, None, :, None, None, :],
            "wavelength": setup.sources.wavelength[None, None][axes],
            "weight": setup.sources.weight[None, None][axes],
            "fluence": setup.fluence,
            "flux": beam.flux,
            "exposure": beam.exposure,
            "beamsize": beam.beamsize,
            "given_fluence": beam.given_fluence,
            "polarization_axis": as_vectors(setup.frame.polarization),
            "polarization_fraction": beam.polarization,
        },
        "crystal": {**_unturned_crystal(job), **({} if visit_matters else turned_crystal(job, IN_ANY_ORDER))},
        "samples": {},
        "accumulation": _scale(job),
    }


def _placed_detector(job: Job) -> Group:
    placement = job.setup.placement
    return {
        "fast_axis": as_vectors(placement.fast),
        "slow_axis": as_vectors(placement.slow),
        "normal_axis": as_vectors(placement.normal),
        "pix0": as_vectors(placement.pix0),
        "close_distance": placement.close_distance,
        "distance": placement.distance,
        "pixel_size": job.setup.pixel_size,
    }


def _unturned_crystal(job: Job) -> Group:
    cell = job.setup.lattice
    return {
        "a_star": as_vectors(cell.a_star),
        "b_star": as_vectors(cell.b_star),
        "c_star": as_vectors(cell.c_star),
        "volume": cell.volume,
        "sample_size": units.millimetres_to_metres(job.setup.illuminated),
        "cells": as_vectors(job.setup.cells),
    }


def _scale(job: Job) -> Group:
    background, factors = job.setup.background, deferred(job.experiment)
    return {
        "background": jnp.zeros_like(job.setup.fluence) if background is None else background,
        "steps": jnp.asarray(number_of_steps(job.experiment), jnp.int32),
        "r_e_sq": jnp.asarray(CLASSICAL_ELECTRON_RADIUS_SQ, job.precision.wide),
        "own_capture": jnp.asarray(not factors.capture_deferred),
        "own_polarization": jnp.asarray(not factors.polarization_deferred),
        "own_solid_angle": jnp.asarray(not factors.solid_angle_deferred),
    }


def pixel_groups(
    job: Job, slow: Array, fast: Array, computed: Array, order: SerialOrder, sums: Sums
) -> dict[str, Group]:
    """What belongs to one pixel.

    Args:
      job: the experiment.
      slow, fast: pixel indices, int32, ().
      computed: whether the image has the pixel, bool, ().
      order: dependence on earlier samples.
      sums: what the pixel accumulates in the image.
    """
    place = (slow.astype(job.precision.wide), fast.astype(job.precision.wide))
    terms = all_samples(job, *place, order)
    return {
        "pixel": {"slow": slow, "fast": fast, "computed": computed},
        "geometry": _points(terms),
        "beam": {},
        "crystal": {} if order.first_visit is None else turned_crystal(job, order),
        "samples": samples_group(job, terms, sums),
        "accumulation": _accumulation(job, terms, sums, computed),
    }


def _points(terms: AllSamples) -> Group:
    point, seen = terms.point, terms.point.point

    def with_sample_axes(x: Array) -> Array:
        return x[..., None, None, None]

    def vectors(v: Vec3) -> Array:
        return as_vectors(Vec3(*(with_sample_axes(x) for x in v)))

    return {
        "position": vectors(seen.position),
        "path": with_sample_axes(seen.path),
        "direction": vectors(seen.direction),
        "obliquity": with_sample_axes(point.obliquity),
        "parallax": with_sample_axes(point.parallax),
        "solid_angle": with_sample_axes(point.solid_angle),
        "capture": with_sample_axes(point.capture),
    }


def _accumulation(job: Job, terms: AllSamples, sums: Sums, computed: Array) -> Group:
    photons = scaled(job, sums)
    one = jnp.ones_like(job.setup.fluence)
    return {
        "intensity_sum": sums.spots,
        "capture": one if sums.capture is None else sums.capture,
        "polarization": one if sums.polarization is None else sums.polarization,
        "solid_angle": one if sums.solid_angle is None else sums.solid_angle,
        "diffuse": diffuse_photons(job, terms, sums),
        "photons": photons,
        "pixel": jnp.where(computed, photons, jnp.zeros_like(photons)),
    }
