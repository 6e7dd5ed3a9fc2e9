"""The incident beam: spectrum, directions, polarization and how many photons per area.

Not here: the beam's direction, which belongs to the laboratory frame of the detector's convention
(geometry/conventions.py).
"""

import warnings
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from jaxbragg import units
from jaxbragg.config.checks import (
    between,
    finite,
    not_negative,
    positive,
)
from jaxbragg.config.step_rules import Steps, range_steps, source_grid
from jaxbragg.config.tree import config, convert_and_check, is_concrete, leaf, static, subtree
from jaxbragg.constants import DEFAULT_FLUENCE
from jaxbragg.errors import ConfigError, JaxbraggWarning
from jaxbragg.exact import quotient, rounded
from jaxbragg.kept_jit import kept_jit
from jaxbragg.precision import in_double
from jaxbragg.shapes import Array, HostArray, Leaf


@config
class SourceList:
    """Sources given one by one, instead of generated from divergence and dispersion.

    Attributes:
      positions: from the sample towards each source, any length, laboratory frame, (n, 3).
      wavelengths: of each source, Å, (n,).
      weights: relative photon numbers, dimensionless, (n,); only their ratios matter; None is all equal.
    """

    positions: Leaf = leaf(shape=(None, 3), check=finite("every source needs a direction"))
    wavelengths: Leaf = leaf(shape=(None,), unit="Å", check=positive("wavelengths are in Å here"))
    weights: Leaf = leaf(None, shape=(None,), check=not_negative("leave a source out instead"))

    def __post_init__(self) -> None:
        if self.weights is None and is_concrete(self.wavelengths):
            object.__setattr__(self, "weights", np.ones(np.shape(self.wavelengths)))
        convert_and_check(self)
        counts = {len(x) for x in (self.positions, self.wavelengths, self.weights)}
        if len(counts) > 1 or counts == {0}:
            raise ConfigError(
                "a source list needs as many positions as wavelengths and weights, and at least one, got "
                f"{len(self.positions)}, {len(self.wavelengths)} and {len(self.weights)}"
            )
        if is_concrete(self.weights) and not np.any(np.asarray(self.weights)):
            raise ConfigError("source weights must not all be zero; give relative photon numbers, such as 1")
        if is_concrete(self.positions) and not np.all(np.any(np.asarray(self.positions), axis=1)):
            raise ConfigError("every source must lie away from the sample, got a position of 0 0 0")


@config
class BeamConfig:
    """The beam that hits the sample.

    Attributes:
      wavelength: nominal wavelength, Å.
      flux: photons/s through the beam's cross-section; 0 when the fluence is given instead.
      exposure: duration, s.
      beamsize: edge of the square beam, mm; also limits the illuminated sample in y and z.
      given_fluence: photons/m², used when flux and exposure do not define it; the constructor also takes it
        as `fluence=`. Read `fluence` instead of this.
      polarization: Kahn factor, -1 to 1; 0 is unpolarized.
      no_polarization: leave the polarization factor out altogether (factor 1).
      divergence: full horizontal and vertical range, mrad, (2,).
      dispersion: full range of wavelengths over the nominal one, %.
      source_grid: place of every generated source inside those ranges (horizontal, vertical, wavelength), as
        fractions -1/2 to 1/2 of the range, (n, 3).
      sources: sources given one by one; replaces wavelength (but for the orientation matrix), divergence and
        dispersion.
    """

    wavelength: Leaf = leaf(1.0, unit="Å", check=positive("a photon of E eV has 12398.42/E Å"))
    flux: Leaf = leaf(0.0, unit="photons/s", check=not_negative())
    exposure: Leaf = leaf(1.0, unit="s", check=finite())
    beamsize: Leaf = leaf(0.1, unit="mm", check=finite())
    given_fluence: Leaf = leaf(DEFAULT_FLUENCE, unit="photons/m²", check=not_negative())
    polarization: Leaf = leaf(0.0, check=between(-1, 1, "it is the Kahn factor, not a percentage"))
    no_polarization: bool = static(False)
    divergence: Leaf = leaf((0.0, 0.0), shape=(2,), unit="mrad", check=finite())
    dispersion: Leaf = leaf(0.0, unit="%", check=finite())
    source_grid: Leaf = leaf(None, shape=(None, 3), check=finite())
    sources: SourceList | None = subtree(None)

    ALIASES: ClassVar = {"fluence": "given_fluence"}

    def __post_init__(self) -> None:
        if self.source_grid is None:
            object.__setattr__(self, "source_grid", _default_grid(self.divergence, self.dispersion))
        convert_and_check(self)
        _check_defined_fluence(self)
        if self.sources is None:
            _warn_of_idle_ranges(self)

    @property
    def fluence(self) -> Array:
        """Photons per m² on the sample, (): the only place that turns flux, exposure and beamsize into it.

        flux·exposure/beamsize² when the flux is not 0, the exposure positive and the beamsize not negative;
        otherwise the given fluence. Source: specs/beam.md BEAM-2.
        """
        fluence: Array = _fluence(self.flux, self.exposure, self.beamsize, self.given_fluence)
        return fluence


@in_double
@kept_jit
def _fluence(flux: Array, exposure: Array, beamsize: Array, given: Array) -> Array:
    area_edge = units.millimetres_to_metres(beamsize)
    defined = (flux != 0) & (exposure > 0) & (area_edge >= 0)
    edge = jnp.where(defined, area_edge, 1.0)
    return jnp.where(defined, quotient(quotient(rounded(flux * exposure), edge), edge), given)


def _check_defined_fluence(beam: BeamConfig) -> None:
    values = (beam.flux, beam.exposure, beam.beamsize)
    if not all(is_concrete(v) for v in values):
        return
    flux, exposure, beamsize = (np.asarray(v) for v in values)
    if np.any((flux != 0) & (exposure > 0) & (beamsize == 0)):
        raise ConfigError(
            "`beamsize` must not be 0 mm when flux and exposure are given: the fluence would be infinite; "
            "give the beam's edge, or `fluence` instead of `flux`"
        )


def _warn_of_idle_ranges(beam: BeamConfig) -> None:
    """A range that is changed later keeps its grid, which may not sample it."""
    if not all(is_concrete(v) for v in (beam.divergence, beam.dispersion, beam.source_grid)):
        return
    spread = np.any(beam.source_grid, axis=0)
    for name, value, columns in (
        ("divergence", beam.divergence, (0, 1)),
        ("dispersion", beam.dispersion, (2,)),
    ):
        if np.any(np.atleast_1d(value) * ~spread[list(columns)]):
            warnings.warn(
                f"`{name}` has no effect: `source_grid` has all sources in the middle of the range; "
                "set `source_grid` to None to sample its ends",
                JaxbraggWarning,
                stacklevel=4,
            )


def _default_grid(divergence: Any, dispersion: Any) -> HostArray:
    """The ends of every range that is not zero; ranges that are traced are taken as not zero."""

    def steps(value: Any, scale: float) -> Steps:
        return range_steps(None, float(value) / scale, None) if is_concrete(value) else Steps(2, 1.0, 1.0)

    horizontal, vertical = divergence[0], divergence[1]
    return source_grid(steps(horizontal, 1000), steps(vertical, 1000), steps(dispersion, 100), True)
