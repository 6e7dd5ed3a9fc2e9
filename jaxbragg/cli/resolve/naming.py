"""Errors in the words of the command line: which option a config's complaint is about.

Rules: specs/command_line.md CLI-42.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from jaxbragg.errors import ConfigError

_OPTIONS = {
    "attenuation_depth": "-detector_abs",
    "beam_axis": "-beam_vector",
    "beam_x": "-Xbeam",
    "beam_y": "-Ybeam",
    "beamsize": "-beamsize",
    "cell": "-cell",
    "close_distance": "-close_distance",
    "close_x": "-Xclose",
    "close_y": "-Yclose",
    "default_f": "-default_F",
    "dispersion": "-dispersion",
    "distance": "-distance",
    "divergence": "-hdivrange (-vdivrange)",
    "dmin": "-dmin",
    "exposure": "-exposure",
    "fast_axis": "-fdet_vector",
    "flux": "-flux",
    "fudge": "-fudge",
    "given_fluence": "-fluence",
    "mask": "-mask",
    "matrix": "-mat",
    "normal_axis": "-odet_vector",
    "org_x": "-ORGX",
    "org_y": "-ORGY",
    "oversample": "-oversample",
    "pix0": "-pix0_vector",
    "pixel_size": "-pixel",
    "pixels": "-detpixels",
    "polarization": "-polar",
    "polarization_axis": "-polar_vector",
    "positions": "the positions of -sourcefile",
    "sample_size": "-samplesize",
    "sensor_thickness": "-detector_thick",
    "size": "-detsize",
    "slow_axis": "-sdet_vector",
    "source_grid": "the grid of -hdivsteps, -vdivsteps and -dispsteps",
    "spindle_axis": "-spindle_axis",
    "steps": "-phisteps",
    "table": "the list of -hkl or -dump",
    "twotheta_axis": "-twotheta_axis",
    "water": "-water",
    "wavelength": "-lambda (-energy)",
    "wavelengths": "the wavelengths of -sourcefile",
    "weights": "the weights of -sourcefile",
}
"""Field of a config to the options that set it; fields without limits are left out."""


@contextmanager
def option_names() -> Iterator[None]:
    """In errors that begin with the name of a config's field, put the option in its place."""
    try:
        yield
    except ConfigError as error:
        field = re.match(r"`(\w+)`", str(error))
        if field is None or field[1] not in _OPTIONS:
            raise
        raise ConfigError(_OPTIONS[field[1]] + str(error)[field.end() :]) from None
