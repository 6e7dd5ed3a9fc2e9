"""The solid angle of the computed pixels, for the report.

Rules: specs/command_line.md CLI-50.
"""

import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg.config.experiment import Experiment
from jaxbragg.config.model import CORRECTED
from jaxbragg.kept_jit import kept_jit
from jaxbragg.precision import widen
from jaxbragg.sampling.points import pixel_points
from jaxbragg.shapes import Array
from jaxbragg.simulation.accumulate import number_of_steps
from jaxbragg.simulation.factors import deferred
from jaxbragg.simulation.point import point_terms
from jaxbragg.simulation.setup import Setup
from jaxbragg.simulation.tiles import map_region, region


def detector_solid_angle(experiment: Experiment, setup: Setup) -> float:
    """Solid angle of all computed pixels, steradian.

    The program adds it up for every layer and sub-pixel but divides by the number of all samples (Q30).

    Args:
      experiment: what was simulated.
      setup: its placed detector.

    Source: specs/command_line.md CLI-50.
    """
    f0, f1, s0, s1 = region(experiment)
    if f1 <= f0 or s1 <= s0:
        return 0.0
    with jax.enable_x64(True):
        sums = np.asarray(_sums(widen(experiment), setup))
    mask = experiment.sampling.mask
    if mask is not None:
        sums = sums * (np.asarray(mask)[s0:s1, f0:f1] != 0)
    oversample = experiment.sampling.oversample or 1
    points = oversample**2 * experiment.detector.sensor_layers
    divisor = points if experiment.model == CORRECTED else number_of_steps(experiment)
    return float(sums.sum()) / divisor


@kept_jit
def _sums(experiment: Experiment, setup: Setup) -> Array:
    """Solid angles of each pixel's points, added, (slow, fast) of the region."""
    points = pixel_points(experiment.sampling.oversample or 1, experiment.detector.sensor_layers)
    first_only = deferred(experiment).solid_angle_deferred
    n_points = len(points.fast)

    def of_pixels(slow: Array, fast: Array) -> Array:
        def at(number: int) -> Array:
            sub_fast, sub_slow, layer = (jnp.asarray(x)[number] for x in points)
            angle: Array = point_terms(setup, experiment, fast, slow, sub_fast, sub_slow, layer).solid_angle
            return angle

        if first_only:  # Q13: taken once per pixel
            return at(0) * n_points
        nothing = jnp.zeros_like(slow + fast)
        added: Array = jax.lax.fori_loop(0, n_points, lambda i, total: total + at(i), nothing)
        return added

    sums: Array = map_region(of_pixels, experiment)
    return sums
