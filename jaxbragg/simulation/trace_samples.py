"""The group of the samples, and what each sample contributes to the pixel."""

from typing import Any

import jax
import jax.numpy as jnp

from jaxbragg.config.choices import Shape
from jaxbragg.geometry.vectors import dot
from jaxbragg.shapes import Array, Vec3
from jaxbragg.simulation.accumulate import Sums, multiplies_running_sum, scaled
from jaxbragg.simulation.all_samples import AllSamples
from jaxbragg.simulation.factors import polarized
from jaxbragg.simulation.sample import SampleConstants, SampleTerms
from jaxbragg.simulation.visits import Job
from jaxbragg.terms.lattice import square_axis_sign


def as_vectors(v: Vec3) -> Array:
    """Components as a last axis."""
    return jnp.stack(v, -1)


def samples_group(job: Job, terms: AllSamples, sums: Sums) -> dict[str, Any]:
    """Every sample of a pixel; keys as in trace_keys.py."""
    ray, sample = terms.ray, terms.sample
    direction = jax.tree.map(lambda x: x[..., None], terms.point.point.direction)
    polarization = ray.polarization if polarized(job.experiment) else jnp.ones_like(ray.polarization)
    whole = as_vectors(sample.nearest).astype(jnp.int32)
    distance = as_vectors(sample.distance)
    interpolated = sample.interpolable & terms.may_interpolate
    return {
        "q": as_vectors(ray.q)[..., None, None, :],
        "cos_2theta": dot(ray.incident, direction)[..., None, None],
        "passes": ray.passes[..., None, None],
        "polarization": polarization[..., None, None],
        "factor": _factor(job, terms),
        "hkl": whole.astype(job.precision.wide) + distance.astype(job.precision.wide),
        "nearest": whole,
        "distance": distance,
        **_signed_lattice(sample, job.constants),
        "table_amplitude": sample.table_amplitude,
        "rule": jnp.where(interpolated, 2, jnp.where(sample.inside_table, 1, 0)).astype(jnp.int32),
        "amplitude": sample.amplitude,
        "intensity": sample.intensity,
        "contribution": _contribution(job, terms, sums),
    }


def _signed_lattice(sample: SampleTerms, constants: SampleConstants) -> dict[str, Array]:
    """Lattice amplitude, and its factors if the shape has them, with the signs that no image needs."""
    if constants.rules.shape is not Shape.SQUARE:
        return {"lattice": sample.lattice}
    if constants.rules.full_index_sines:
        return {"lattice_axes": as_vectors(sample.lattice_axes), "lattice": sample.lattice}
    nearest = Vec3(*(n.astype(d.dtype) for n, d in zip(sample.nearest, sample.distance, strict=True)))
    signs = Vec3(*map(square_axis_sign, sample.distance, sample.turns, constants.cells, nearest))
    axes = Vec3(*(sign * axis for sign, axis in zip(signs, sample.lattice_axes, strict=True)))
    return {
        "lattice_axes": as_vectors(axes),
        "lattice": signs.x * signs.y * signs.z * sample.lattice,
    }


def _factor(job: Job, terms: AllSamples) -> Array:
    """Own factor of every ray, narrow dtype, S."""
    return terms.ray.factor.astype(job.precision.narrow)[..., None, None]


def _contribution(job: Job, terms: AllSamples, sums: Sums) -> Array:
    """Photons that every sample adds to the pixel, S."""
    intensity, passes = terms.sample.intensity, terms.ray.passes[..., None, None]
    if multiplies_running_sum(job.experiment):
        counts, tail = _running_factors(job, terms)
        share = jnp.where(counts, intensity * tail, 0.0)
    else:
        share = jnp.where(passes, intensity * _factor(job, terms), 0.0)
    return scaled(job, sums._replace(spots=share, background=None))


def _running_factors(job: Job, terms: AllSamples) -> tuple[Array, Array]:
    """Which samples count, and the product of the factors of each counting sample and all after it (Q2)."""
    lattice = terms.sample.lattice
    counts = jnp.broadcast_to(terms.ray.passes[..., None, None], lattice.shape)
    if job.setup.background is None:
        counts &= lattice != 0.0
    factors = jnp.where(counts, _factor(job, terms), 1.0).swapaxes(0, 1)
    tail = jnp.cumprod(factors.reshape(-1)[::-1])[::-1]
    return counts, tail.reshape(factors.shape).swapaxes(0, 1)


def diffuse_photons(job: Job, terms: AllSamples, sums: Sums) -> Array:
    """What the background adds to the pixel, photons, ()."""
    background, nothing = job.setup.background, jnp.zeros_like(sums.spots)
    if background is None:
        return nothing
    if not job.experiment.model.background_scaled_twice:
        return scaled(job, sums._replace(spots=nothing))
    start = background.astype(nothing.dtype)
    if multiplies_running_sum(job.experiment):
        start = start * _running_factors(job, terms)[1][0, 0, 0, 0, 0]
    return scaled(job, sums._replace(spots=start))
