"""Which images are one kernel, as long as nothing is derived; those of a CPU.

On a CPU, pixels have one sample each. Tiles would be copied into the image by one core, after the same core
has filled it with zeros; for 4096 x 4096 pixels that takes a quarter of the time. Derivatives need many
arrays, which fit the cache only in tiles.
"""

from jaxbragg.config.choices import Shape
from jaxbragg.config.experiment import Experiment
from jaxbragg.precision import Precision
from jaxbragg.shapes import Array
from jaxbragg.simulation.accumulate import (
    multiplies_running_sum,
    pixel_photons,
    samples_per_pixel,
)
from jaxbragg.simulation.factors import deferred
from jaxbragg.simulation.setup import Setup
from jaxbragg.simulation.tiles import all_at_once, region
from jaxbragg.simulation.visits import IN_ANY_ORDER, make_job


def is_one_kernel(experiment: Experiment) -> bool:
    """Whether XLA makes one kernel of the image, without another array larger than a tile.

    Lookups are kernels of their own; so are costly functions whose result is used twice.
    """
    detector = experiment.detector
    return (
        samples_per_pixel(experiment) == 1
        and experiment.structure_factors.table is None
        and experiment.crystal.shape in (Shape.SQUARE, Shape.GAUSS, Shape.TOPHAT)
        and not detector.curved
        and region(experiment) == (0, detector.pixels[0], 0, detector.pixels[1])
    )


def fits_one_kernel_of_gpu(experiment: Experiment) -> bool:
    """Whether a pixel is the sum over many domains of one ray and one orientation, times factors of its own.

    Terms must not depend on the whole part of the index.
    """
    n_domains = len(experiment.crystal.mosaic_fractions)
    return (
        n_domains > 1
        and samples_per_pixel(experiment) == n_domains
        and experiment.structure_factors.table is None
        and experiment.background.water is None
        and not experiment.model.full_index_sines
        and not any(deferred(experiment))
        and not multiplies_running_sum(experiment)
    )


def image_in_one_kernel(setup: Setup, experiment: Experiment, precision: Precision) -> Array:
    """Photons of all pixels, narrow dtype, (slow, fast)."""
    job = make_job(setup, experiment, precision)
    image: Array = all_at_once(lambda s, f: pixel_photons(job, s, f, IN_ANY_ORDER), experiment)
    return image
