"""simulate(experiment) -> image: the recipe."""

import functools
from typing import Any

import jax
import jax.numpy as jnp

from jaxbragg.backend import has_kernels_of_gpu, on_accelerator
from jaxbragg.config.experiment import Experiment
from jaxbragg.errors import ConfigError
from jaxbragg.precision import PRECISIONS, Precision
from jaxbragg.shapes import Array
from jaxbragg.simulation.accumulate import pixel_photons
from jaxbragg.simulation.in_turn import in_turn
from jaxbragg.simulation.one_kernel import (
    fits_one_kernel_of_gpu,
    image_in_one_kernel,
    is_one_kernel,
)
from jaxbragg.simulation.program import Program, with_setup
from jaxbragg.simulation.serial_order import SerialPlan, pixel_of, pixel_order, serial_plan, start_order
from jaxbragg.simulation.setup import Setup
from jaxbragg.simulation.tiles import embed, images_per_tile, map_region, region
from jaxbragg.simulation.visits import make_job
from jaxbragg.tangents import moving, value_and_tangent_of


def simulate(experiment: Experiment, *, precision: str = "mixed") -> Array:
    """Expected diffraction image of an experiment.

    Works as it stands under `jax.jit`, `jax.grad` (of a scalar of the image, with respect to the whole
    experiment) and `jax.vmap` (over stacked experiments), in float32 and float64 programs alike.

    Args:
      experiment: crystal, beam, detector and the rest.
      precision: "mixed" computes geometry and fractional indices in float64 and the sum over mosaic domains
        in float32; "float64" computes everything in float64, and returns float64 even where the caller has
        not enabled it; "float32" is as good as "mixed" without any float64 operation, for devices that have
        none (specs/precision.md PREC-10).

    Returns:
      Expected photons per pixel, (slow, fast), float32 or float64; 0 outside the region of interest and where
      the mask is 0.

    Raises:
      ConfigError: unknown precision.

    Source: specs/summation.md.
    """
    policy = named_precision(precision)
    image: Array = image_program(experiment, precision=policy)
    return image


def simulate_of_setup(experiment: Experiment, setup: Any, *, precision: Precision) -> Array:
    """`simulate`, where what no pixel changes is known: `inputs(experiment, precision).setup`.

    Experiment and setup are independent numbers to derivatives.
    """
    image: Array = image_program.of(with_setup(experiment, setup, precision), precision=precision)
    return image


def named_precision(name: str) -> Precision:
    """The precision policy of a name.

    Raises:
      ConfigError: there is no such policy.
    """
    if name not in PRECISIONS:
        raise ConfigError(f"`precision` must be one of {', '.join(map(repr, PRECISIONS))}, got {name!r}")
    return PRECISIONS[name]


def _compute(experiment: Experiment, setup: Setup, precision: Precision) -> Array:
    if _is_empty(experiment):
        fast, slow = experiment.detector.pixels
        return jnp.zeros((slow, fast), precision.narrow)
    compute = _in_tiles if precision.pairs else _image
    return _masked(compute(setup, experiment, precision), experiment)


image_program = Program(_compute)
"""Experiment -> image, for every precision."""


def _is_empty(experiment: Experiment) -> bool:
    f0, f1, s0, s1 = region(experiment)
    return f1 <= f0 or s1 <= s0


@functools.partial(jax.custom_jvp, nondiff_argnums=(2,))
def _image(setup: Setup, experiment: Experiment, precision: Precision) -> Array:
    """The image before the mask, as it is computed fastest; derivatives, and their values, come in tiles."""
    if on_accelerator():
        return _image_on_accelerator(setup, experiment, precision)
    if is_one_kernel(experiment):
        return image_in_one_kernel(setup, experiment, precision)
    image_in_tiles = functools.partial(_in_tiles, precision=precision)
    image: Array = in_turn(image_in_tiles, images_per_tile(experiment))(setup, experiment)
    return image


def _image_on_accelerator(setup: Setup, experiment: Experiment, precision: Precision) -> Array:
    in_tiles = functools.partial(_in_tiles, precision=precision)
    if not (has_kernels_of_gpu() and fits_one_kernel_of_gpu(experiment)):
        return in_tiles(setup, experiment)
    from jaxbragg.simulation.image_kernel import image_in_one_kernel_of_gpu

    def in_one_kernel(setup: Setup, experiment: Experiment) -> Array:
        return embed(image_in_one_kernel_of_gpu(setup, experiment, precision), experiment)

    image: Array = jax.lax.platform_dependent(setup, experiment, cuda=in_one_kernel, default=in_tiles)
    return image


@functools.partial(_image.defjvp, symbolic_zeros=True)
def _image_jvp(
    precision: Precision, primals: tuple[Any, ...], tangents: tuple[Any, ...]
) -> tuple[Array, Array]:
    image_in_tiles = functools.partial(_in_tiles, precision=precision)
    with jax.enable_x64(True):  # the image may have been traced before, by a caller without it
        value_and_tangent: tuple[Array, Array] = value_and_tangent_of(
            image_in_tiles, primals, moving(tangents)
        )
    return value_and_tangent


def _in_tiles(setup: Setup, experiment: Experiment, precision: Precision) -> Array:
    """The image before the mask."""
    plan = serial_plan(make_job(setup, experiment, precision))
    return embed(_first_visit_set(plan, _all_pixels(plan)), experiment)


def _all_pixels(plan: SerialPlan) -> Array:
    """Photons of the region."""
    job = plan.job
    image: Array = map_region(lambda s, f: pixel_photons(job, s, f, pixel_order(plan, s, f)), job.experiment)
    return image


def _first_visit_set(plan: SerialPlan, values: Array) -> Array:
    """Compute the pixel of the first visit with its own orientations."""
    if plan.start is None:
        return values
    slow, fast = pixel_of(plan.start, plan.job.experiment)
    value = pixel_photons(plan.job, slow, fast, start_order(plan))
    return values.at[plan.start.row, plan.start.column].set(value)


def _masked(image: Array, experiment: Experiment) -> Array:
    mask = experiment.sampling.mask
    return image if mask is None else jnp.where(mask != 0, image, jnp.zeros((), image.dtype))
