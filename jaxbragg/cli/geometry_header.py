"""The header of SMV images: the placed detector in the words of five processing programs.

Rules: specs/command_line.md CLI-47; layout of the header: `jaxbragg.io.smv`.
"""

import numpy as np

from jaxbragg.config.choices import Convention
from jaxbragg.config.detector import detector_size
from jaxbragg.config.experiment import Experiment
from jaxbragg.config.model import NANOBRAGG
from jaxbragg.io.smv import SmvHeader
from jaxbragg.simulation.derived import Derived


def smv_header(experiment: Experiment, derived: Derived) -> SmvHeader:
    """The numbers of the header.

    Args:
      experiment: what is simulated.
      derived: its placed detector.

    Source: specs/command_line.md CLI-47.
    """
    detector, placement = experiment.detector, derived.setup.placement
    fast, slow = detector.pixels
    pixel = float(detector.pixel_size)
    size_slow = float(np.asarray(detector_size(detector)[1]))
    beam_f, beam_s = 1000.0 * float(placement.beam_f), 1000.0 * float(placement.beam_s)
    origin = placement.pix0
    return SmvHeader(
        size_fast=fast,
        size_slow=slow,
        pixel_size=pixel,
        distance=1000.0 * float(placement.distance),
        wavelength=float(experiment.beam.wavelength),
        beam_center=_own_center(experiment, derived, (beam_f, beam_s), size_slow),
        adxv_center=(beam_f, size_slow - beam_s),
        mosflm_center=(beam_s - pixel / 2.0, beam_f - pixel / 2.0),
        denzo_beam=(beam_s, beam_f),
        dials_origin=(1000.0 * float(origin.z), 1000.0 * float(origin.y), -1000.0 * float(origin.x)),
        xds_org=(
            1000.0 * float(placement.close_f) / pixel + 0.5,
            1000.0 * float(placement.close_s) / pixel + 0.5,
        ),
        close_distance=1000.0 * float(placement.close_distance),
        phi=float(experiment.rotation.phi),
        osc_range=float(experiment.rotation.osc),
        twotheta=float(experiment.detector.twotheta),
    )


def _own_center(
    experiment: Experiment, derived: Derived, beam: tuple[float, float], size_slow: float
) -> tuple[float, float]:
    """Xbeam and Ybeam in the convention of the experiment, mm.

    The program writes what was typed, or its default; the corrected model where the beam hits.
    """
    if experiment.model == NANOBRAGG:
        return 1000.0 * float(derived.center.x_beam), 1000.0 * float(derived.center.y_beam)
    half = float(experiment.detector.pixel_size) / 2.0
    beam_f, beam_s = beam
    return {
        Convention.ADXV: (beam_f, size_slow - beam_s),
        Convention.MOSFLM: (beam_s - half, beam_f - half),
        Convention.DENZO: (beam_s, beam_f),
    }.get(experiment.detector.convention, (beam_f, beam_s))
