"""Orientation of the crystal at every sample, with the sample axes of a trace."""

import jax
import jax.numpy as jnp

from jaxbragg.shapes import Array, Vec3
from jaxbragg.simulation.all_samples import serial_visits
from jaxbragg.simulation.orientations import Orientations, domain_changes
from jaxbragg.simulation.serial_order import angles_in_use
from jaxbragg.simulation.visits import Job, SerialOrder, orientations_in_use


def turned_crystal(job: Job, order: SerialOrder) -> dict[str, Array]:
    """Spindle angle in use and cell vectors after spindle and mosaic rotation; keys as in trace_keys.py.

    They belong to a pixel if one visit differs from the others, else to all pixels.
    """
    if order.first_visit is None:
        phi, used = job.setup.phi[None, None, None], _with_visit_axes(job.orientations)
    else:
        visits = serial_visits(job)
        first, others = (angles[None, None, None] for angles in angles_in_use(job.setup.phi))
        phi = jnp.where(visits[..., None] == order.first_visit, first, others)
        used = _at_visits(job, order, visits)
    rows = zip("abc", used.base, domain_changes(*used, job.precision.narrow), strict=True)
    return {"phi": phi[..., None], **{name: _moved(base, change) for name, base, change in rows}}


def _with_visit_axes(orientations: Orientations) -> Orientations:
    used: Orientations = jax.tree.map(lambda x: x[None, None, None], orientations)
    return used


def _at_visits(job: Job, order: SerialOrder, visits: Array) -> Orientations:
    """Orientations in use, with the axes of the visits in front."""

    def at_visit(visit: Array) -> Orientations:
        return orientations_in_use(job, visit, order)

    used: Orientations = jax.vmap(jax.vmap(jax.vmap(at_visit)))(visits)
    return used


def _moved(base: Vec3, change: Vec3) -> Array:
    """A cell vector of every domain, m, (S, 3)."""
    return jnp.stack([b[..., None] + c.astype(b.dtype) for b, c in zip(base, change, strict=True)], -1)
