"""Which frame a command line chooses, and whether the first pixel is placed directly; needs no JAX.

Rules: specs/command_line.md CLI-27.
"""

from jaxbragg.cli.options import Options
from jaxbragg.config.choices import Convention
from jaxbragg.config.model import CORRECTED, Model


def convention_of(options: Options) -> Convention:
    """The convention chosen last, MOSFLM without any."""
    return Convention(options.convention or "mosflm")


def origin_obeyed(options: Options, model: Model) -> bool:
    """Whether `-pix0_vector` places the detector: corrected model, custom convention, not 0 0 0."""
    is_custom = convention_of(options) is Convention.CUSTOM
    return is_custom and model == CORRECTED and options.pix0_vector is not None and any(options.pix0_vector)
