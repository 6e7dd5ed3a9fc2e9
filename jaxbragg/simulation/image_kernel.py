"""Images of many mosaic domains, one ray and one orientation as one kernel for NVIDIA GPUs.

XLA stores some ten arrays of all pixels in front of the sum over domains. Here each thread computes the index
of its pixels itself, and nothing but the image is stored, twice where its pixels fill no blocks. Terms are
those of all other images.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.experimental import pallas as pl
from jax.extend.core import ClosedJaxpr, jaxpr_as_fun

from jaxbragg.config.experiment import Experiment
from jaxbragg.contraction import contracted_program
from jaxbragg.hoisting import Hoisted, hoisted
from jaxbragg.precision import Precision
from jaxbragg.shapes import Array, Mat33, Vec3
from jaxbragg.simulation.accumulate import Totals, counted_factor, photons
from jaxbragg.simulation.domain_kernel import PIXELS_PER_BLOCK, for_every_block, sum_over_blocks
from jaxbragg.simulation.domains import with_amplitude
from jaxbragg.simulation.orientations import domain_changes
from jaxbragg.simulation.point import PointTerms, RayTerms, ray_index
from jaxbragg.simulation.sample import IndexTerms, index_terms
from jaxbragg.simulation.setup import Setup
from jaxbragg.simulation.tiles import region
from jaxbragg.simulation.visits import IN_ANY_ORDER, Job, fold_angles, fold_rays, make_job


class _OfPixels(NamedTuple):
    """What the sum over domains of a pixel depends on, in an order that keeps few values at a time.

    Attributes:
      q: scattering vector, 1/m.
      factor: what the sum is multiplied with.
      axes: along a, b, c the index's distance from the nearest integer, and the turns, as in `IndexTerms`.
    """

    q: Vec3
    factor: Array
    axes: tuple[tuple[Array, Array], ...]


def image_in_one_kernel_of_gpu(
    setup: Setup, experiment: Experiment, precision: Precision, interpret: bool = False
) -> Array:
    """Photons of the region's pixels, narrow dtype, (slow, fast).

    Args:
      setup: pixel-independent quantities.
      experiment: one for which `fits_one_kernel_of_gpu`.
      precision: dtypes.
      interpret: evaluate the kernel step by step on any machine, for tests.

    Source: specs/precision.md PREC-9.
    """
    job = make_job(setup, experiment, precision)
    f0, f1, s0, s1 = region(experiment)
    n_columns, n_pixels = f1 - f0, (f1 - f0) * (s1 - s0)
    base, turns = fold_angles(job, jnp.int32(0), IN_ANY_ORDER, lambda _, __, here: here, job.orientations)
    number = jax.ShapeDtypeStruct((PIXELS_PER_BLOCK,), jnp.float64)  # type: ignore[no-untyped-call]
    parts = hoisted(lambda s, f: _of_pixels(job, base, s, f), number, number, platform="cuda")

    def of_block(given: list[Any]) -> tuple[IndexTerms, Array]:
        place = pl.program_id(0) * PIXELS_PER_BLOCK + jax.lax.iota(jnp.int32, PIXELS_PER_BLOCK)
        row, column = (f(place, jnp.int32(n_columns)) for f in (jax.lax.div, jax.lax.rem))
        slow, fast = ((x + start).astype(jnp.float64) for x, start in ((row, s0), (column, f0)))
        q, factor, axes = _evaluated(parts, given[0], slow, fast, interpret)
        rest, turns = (Vec3(*x) for x in zip(*axes, strict=True))
        return IndexTerms(rest, rest, turns, q), factor  # no term of the kernel needs the whole part

    changes = domain_changes(base, turns, precision.narrow)
    _, constants = with_amplitude(jnp.ones((), precision.narrow), job.constants)
    numbers = jnp.stack([x.astype(jnp.float64) for x in parts.numbers])
    spots = sum_over_blocks(of_block, [for_every_block(numbers)], n_pixels, changes, constants, interpret)
    return photons(job, Totals(spots.reshape(s1 - s0, n_columns), None))


def _of_pixels(job: Job, base: Mat33, slow: Array, fast: Array) -> _OfPixels:
    """What pixels of the only ray need; arguments as in `pixel_sums`, and the real vectors."""
    narrow = job.precision.narrow

    def seen(_: Any, point: PointTerms, ray: RayTerms, __: Array) -> Any:
        factor, ___ = with_amplitude(counted_factor(ray, narrow), job.constants)
        split = index_terms(ray_index(point, ray, base), ray.q, job.setup.cells, narrow)
        return _OfPixels(split.q, factor, tuple(zip(split.rest, split.turns, strict=True)))

    needed: _OfPixels = fold_rays(job, slow, fast, lambda carry, _, __: carry, seen, None)
    return needed


def _evaluated(parts: Hoisted, numbers: Any, slow: Array, fast: Array, interpret: bool) -> _OfPixels:
    """Inside the kernel, what depends on the pixels."""
    types = [number.dtype for number in parts.numbers]

    def number(place: int) -> Array:
        read: Array = numbers[place].astype(types[place])
        return read

    if interpret:
        read = map(number, range(len(types)))
        results = jaxpr_as_fun(ClosedJaxpr(parts.rest, list(read)))(slow, fast)
    else:
        results = contracted_program(parts.rest, number, [slow, fast])
    needed: _OfPixels = jax.tree.unflatten(parts.structure, results)
    return needed
