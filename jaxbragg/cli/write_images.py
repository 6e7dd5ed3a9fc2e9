"""From the computed image to the files of a run, and the numbers of the report.

Rules: specs/command_line.md CLI-46 and CLI-47.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jaxbragg.cli.geometry_header import smv_header
from jaxbragg.cli.options import Options
from jaxbragg.cli.outputs import Outputs
from jaxbragg.config.experiment import Experiment
from jaxbragg.config.model import CORRECTED
from jaxbragg.images.c_noise import NoiseImage, c_noise_image
from jaxbragg.images.digitize import intimage_scale, pgm_scale, to_pgm_bytes, to_uint16
from jaxbragg.images.statistics import ImageStatistics, image_statistics
from jaxbragg.io.floats import write_float_image
from jaxbragg.io.npy import write_npy
from jaxbragg.io.pgm import write_pgm
from jaxbragg.io.smv import format_header, header_fields, write_smv
from jaxbragg.simulation.derived import Derived

Image = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Written:
    """What the report says about the files.

    Attributes:
      statistics: of the image.
      scale: of the integer image.
      adc_offset: added to both integer images.
      pgm_scale: of the picture; None without one.
      noise: the noise image; None without one.
      seed: of the noise, as it would be typed.
    """

    statistics: ImageStatistics
    scale: float
    adc_offset: float
    pgm_scale: float | None = None
    noise: NoiseImage | None = None
    seed: int | None = None


def write_images(
    image: Image, experiment: Experiment, derived: Derived, options: Options, outputs: Outputs
) -> Written:
    """Write every wanted image.

    Args:
      image: photons per pixel, (slow, fast).
      experiment: what was simulated.
      derived: its placed detector.
      options: scales, offset and seed, as typed.
      outputs: the files.

    Raises:
      JaxbraggError: a file cannot be written; the ones before it are complete.

    Source: specs/command_line.md CLI-46.
    """
    with np.errstate(over="ignore"):
        stored = image.astype(np.float32, copy=False)
    roi = experiment.sampling.roi
    adc_offset = 40.0 if options.adc_offset is None else options.adc_offset
    header = format_header(header_fields(smv_header(experiment, derived)))
    with ThreadPoolExecutor(1) as beside:  # drawing noise takes as long as everything else
        seed = int(time.time()) if options.seed is None else options.seed
        if outputs.noise is not None:
            drawing = beside.submit(_noise, stored, options, seed, adc_offset, roi)
        statistics = _statistics(image, experiment)
        scale = intimage_scale(statistics.max, options.scale or 0.0)
        grey = pgm_scale(statistics.rmsd, scale, options.pgmscale or 0.0)
        if outputs.float is not None:
            write_float_image(outputs.float, stored)
        if outputs.int is not None:
            write_smv(outputs.int, header, to_uint16(stored, scale, adc_offset, roi))
        if outputs.pgm is not None:
            write_pgm(outputs.pgm, to_pgm_bytes(stored, grey, roi), grey)
        if outputs.npy is not None:
            write_npy(outputs.npy, image)
        if outputs.png is not None:
            from jaxbragg.cli.preview import write_experiment_preview

            write_experiment_preview(outputs.png, image, experiment, derived)
        noise = None
        if outputs.noise is not None:
            noise = drawing.result()
            write_smv(outputs.noise, header, noise.counts)
    return Written(statistics, scale, adc_offset, grey if outputs.pgm else None, noise, seed)


def _statistics(image: Image, experiment: Experiment) -> ImageStatistics:
    """Of the computed pixels, with the program's rounding in its own model."""
    sampling = experiment.sampling
    return image_statistics(
        image,
        float(experiment.detector.pixel_size) / 1000.0,
        oversample=sampling.oversample or 1,
        roi=sampling.roi,
        mask=None if sampling.mask is None else np.asarray(sampling.mask) != 0,
        program_squares=experiment.model != CORRECTED,
    )


def _noise(
    stored: npt.NDArray[np.float32],
    options: Options,
    seed: int,
    adc_offset: float,
    roi: tuple[int, int, int, int] | None,
) -> NoiseImage:
    """The noise image; a negative seed continues where the mosaic domains left the generator."""
    from jaxbragg.cli.resolve.crystal import used_generator

    generator = used_generator(options) if seed < 0 else None
    return c_noise_image(stored, -seed, rng=generator, adc_offset=adc_offset, roi=roi)
