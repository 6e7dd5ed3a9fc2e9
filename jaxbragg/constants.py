"""Physical and conventional constants, each with its unit and source (specs/units.md)."""

CLASSICAL_ELECTRON_RADIUS_SQ = 7.94079248018965e-30
"""Square of the classical electron radius, m²; the reference program's digits."""

AVOGADRO = 6.02214179e23
"""Avogadro's number, 1/mol; the reference program's digits (CODATA 2006)."""

DEFAULT_FLUENCE = 125932015286227086360700780544.0
"""Photons/m² for which r_e² times fluence is exactly 1 in double precision."""

ENERGY_TIMES_WAVELENGTH = 12398.42
"""Photon energy times wavelength, eV Å."""

TINY = 2.2250738585072014e-308
"""Smallest normal double; stands in for an exact zero in a denominator."""

WATER_F = 2.57
"""Forward-scattering structure factor of water, electrons per molecule."""

WATER_DENSITY = 1.0e6
"""Density of water, g/m³."""

WATER_MOLAR_MASS = 18.0
"""Molar mass of water, g/mol."""

ROUND_VOLUME_FACTOR = 0.723601254558268
"""Amplitude factor of the spherical crystal, dimensionless."""

GAUSS_WIDTH = 0.63
"""Width constant of the Gaussian lattice factor, dimensionless."""

TOPHAT_RADIUS_SQ = 0.3969
"""Square of the top-hat radius (0.63²), dimensionless."""

SOURCE_DISTANCE = 10.0
"""Distance of the generated sources from the sample, m; only directions matter."""
