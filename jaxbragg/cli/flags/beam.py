"""Options of the beam: wavelength, photons, size, divergence, dispersion, polarization."""

import math

from jaxbragg.cli.flags.flag import Group, count, number, switch, text
from jaxbragg.constants import ENERGY_TIMES_WAVELENGTH


def wavelength_of(energy: float) -> float:
    """Wavelength in Å of photons of an energy in eV; zero energy gives an infinity, as in C."""
    return ENERGY_TIMES_WAVELENGTH / energy if energy else math.copysign(math.inf, energy)


BEAM = Group(
    "Beam",
    (
        number(
            "-lambda[0] -wave[length]", "wavelength", "Å", "wavelength; later of -lambda, -energy holds", "1"
        ),
        number("-energy", "wavelength", "eV", "photon energy, instead of -lambda", convert=wavelength_of),
        number("-fluence", "fluence", "photons/m²", "photons per area", "1.2593e29, so r_e²·fluence = 1"),
        number("-flux", "flux", "photons/s", "with -exposure and -beamsize, replaces -fluence", "0, unused"),
        number("-exposure", "exposure", "s", "exposure time, used with -flux", "1"),
        number("-beamsize", "beamsize", "mm", "width of the beam; limits the crystal along b and c", "0.1"),
        number("-dispersion", "dispersion", "%", "full range of wavelengths", "0"),
        count("-dispsteps", "dispsteps", "wavelengths across -dispersion", "2 with a range, else 1"),
        number("-divergence", "hdivrange vdivrange", "mrad", "full divergence, both directions", "0"),
        number("-hdivrange", "hdivrange", "mrad", "full horizontal divergence", "0"),
        number("-vdivrange", "vdivrange", "mrad", "full vertical divergence", "0"),
        number("-hdivstep$", "hdivstep", "mrad", "horizontal step", "from range and steps"),
        number("-vdivstep$", "vdivstep", "mrad", "vertical step", "from range and steps"),
        count("-hdivsteps", "hdivsteps", "horizontal steps", "2 with a range, else 1"),
        count("-vdivsteps", "vdivsteps", "vertical steps", "2 with a range, else 1"),
        count("-divsteps", "hdivsteps vdivsteps", "steps in both directions", "2 with a range, else 1"),
        switch("-round_div", "round_div", True, "leave out the corners of the divergence grid", "yes"),
        switch("-square_div", "round_div", False, "keep the corners"),
        text("-sourcefile", "source_file", "list of sources; replaces divergence and dispersion", "none"),
        number(
            "-polar$",
            "polarization",
            "",
            "Kahn factor, -1 to 1; cancels -nopolar",
            "0",
            effects=(("nopolar", False),),
        ),
        switch("-nopolar", "nopolar", True, "no polarization correction; cancels -polar", "off"),
    ),
)
