"""The keys of a trace: what each number is, its unit and its axes.

Quantities that vary over the samples of a pixel carry all five sample axes (sub-pixel, layer, source, phi,
domain), of length 1 along those that do not matter, then three components for a vector. So they broadcast
against each other: the index is `(crystal["a"] * samples["q"]).sum(-1)`. "S" below stands for those axes.
A trace of several pixels has the pixels' axes in front of everything that the pixel decides, and not in front
of what all pixels share. Sub-pixels are numbered along fast first. Vectors are in the laboratory frame.
"""

from typing import NotRequired, TypedDict

from jaxbragg.shapes import Array

RULES = ("default", "nearest", "interpolated")
"""Names of the values of `samples["rule"]`."""


class PixelTrace(TypedDict):
    """Which pixel.

    Attributes:
      slow: index along slow, pixels, int32.
      fast: index along fast, pixels, int32.
      computed: whether the pixel lies in the region of interest and is not masked, bool.
    """

    slow: Array
    fast: Array
    computed: Array


class GeometryTrace(TypedDict):
    """Where the pixel is.

    Attributes:
      fast_axis: direction of rising fast index, unit vector, (3,).
      slow_axis: direction of rising slow index, unit vector, (3,).
      normal_axis: normal of the detector, unit vector, (3,).
      pix0: outer corner of pixel (0, 0), m, (3,).
      close_distance: from the sample to the detector plane along its normal, m.
      distance: from the sample to the detector plane along the beam, m.
      pixel_size: edge of a pixel, m.
      position: middle of each sub-pixel of each layer, m, (S, 3).
      path: from the sample to there, m, S.
      direction: from the sample to there, unit vector, (S, 3).
      obliquity: close distance over path, dimensionless, S.
      parallax: cosine between the ray and the normal as the sensor sees it, dimensionless, S.
      solid_angle: of a whole pixel seen along this path, sr (1/m² for point pixels), S.
      capture: fraction of the photons that the layer absorbs, dimensionless, S.
    """

    fast_axis: Array
    slow_axis: Array
    normal_axis: Array
    pix0: Array
    close_distance: Array
    distance: Array
    pixel_size: Array
    position: Array
    path: Array
    direction: Array
    obliquity: Array
    parallax: Array
    solid_angle: Array
    capture: Array


class BeamTrace(TypedDict):
    """What hits the crystal.

    Attributes:
      incident: direction of propagation from each source, unit vector, (S, 3).
      wavelength: of each source, m, S.
      weight: of each source, dimensionless, S.
      fluence: photons on the sample, photons/m²; what the image was scaled by.
      flux: photons through the beam, photons/s; 0 when the fluence was given.
      exposure: duration, s.
      beamsize: edge of the beam, mm.
      given_fluence: fluence that counts when flux and exposure do not define one, photons/m².
      polarization_axis: direction of the electric field, unit vector, (3,).
      polarization_fraction: Kahn factor, dimensionless, -1 to 1.
    """

    incident: Array
    wavelength: Array
    weight: Array
    fluence: Array
    flux: Array
    exposure: Array
    beamsize: Array
    given_fluence: Array
    polarization_axis: Array
    polarization_fraction: Array


class CrystalTrace(TypedDict):
    """What diffracts.

    Attributes:
      phi: spindle angle in use, radians, S; the program may use another than was asked for.
      a: cell vector after spindle and mosaic rotation, m, (S, 3).
      b: likewise, m, (S, 3).
      c: likewise, m, (S, 3).
      a_star: reciprocal vector at spindle angle 0 and without mosaicity, 1/Å, (3,).
      b_star: likewise, 1/Å, (3,).
      c_star: likewise, 1/Å, (3,).
      volume: of the unit cell, Å³.
      sample_size: edges of the illuminated sample, m, (3,); 0 where the number of cells was given.
      cells: unit cells along a, b, c of a mosaic block, dimensionless, (3,).
    """

    phi: Array
    a: Array
    b: Array
    c: Array
    a_star: Array
    b_star: Array
    c_star: Array
    volume: Array
    sample_size: Array
    cells: Array


class SamplesTrace(TypedDict):
    """Every sample of the pixel.

    Attributes:
      q: scattering vector, 1/m, (S, 3).
      cos_2theta: cosine of the scattering angle, dimensionless, S.
      passes: whether the resolution limit lets the ray count, bool, S.
      polarization: polarization factor of the ray, dimensionless, S; 1 if the experiment leaves it out.
      factor: what multiplies the sample's intensity when it is added: the weight of its source, and those of
        capture, polarization and solid angle that are taken at every sample; sr or dimensionless, S.
      hkl: fractional index, dimensionless, (S, 3).
      nearest: nearest whole index, dimensionless, int32, (S, 3).
      distance: from it to the fractional index, dimensionless, (S, 3).
      lattice_axes: amplitude factors of the lattice along a, b, c with sign, dimensionless, (S, 3); absent
        for shapes that do not factor.
      lattice: amplitude of the finite lattice with sign, dimensionless, S.
      table_amplitude: structure factor of the nearest reflection, or the default, electrons, S.
      rule: how the structure factor was found, index into `RULES`, dimensionless, int32, S.
      amplitude: structure factor used, electrons, S.
      intensity: squared structure factor times squared lattice amplitude, electrons², S.
      contribution: the sample's part of the final pixel, photons, S; before masks and regions.
    """

    q: Array
    cos_2theta: Array
    passes: Array
    polarization: Array
    factor: Array
    hkl: Array
    nearest: Array
    distance: Array
    lattice_axes: NotRequired[Array]
    lattice: Array
    table_amplitude: Array
    rule: Array
    amplitude: Array
    intensity: Array
    contribution: Array


class AccumulationTrace(TypedDict):
    """From the samples to the pixel.

    Attributes:
      background: diffuse scatter of the surroundings, photons/sr; 0 without.
      intensity_sum: sum over the samples of intensity times factor, electrons² (times sr with own solid
        angles); in the program's model with its background.
      steps: number of samples that are averaged, dimensionless, int32; layers do not count.
      r_e_sq: square of the classical electron radius, m².
      own_capture: whether `factor` holds each sample's own capture fraction, bool.
      own_polarization: whether it holds each sample's own polarization factor, bool.
      own_solid_angle: whether it holds each sample's own solid angle, bool.
      capture: fraction multiplied in at the end, dimensionless; 1 if `own_capture`.
      polarization: factor multiplied in at the end, dimensionless; 1 if `own_polarization`.
      solid_angle: multiplied in at the end, sr; 1 if `own_solid_angle`.
      diffuse: what the background adds to the pixel, photons.
      photons: expected photons, before masks and regions, photons.
      pixel: value of the image, photons; 0 where not computed.
    """

    background: Array
    intensity_sum: Array
    steps: Array
    r_e_sq: Array
    own_capture: Array
    own_polarization: Array
    own_solid_angle: Array
    capture: Array
    polarization: Array
    solid_angle: Array
    diffuse: Array
    photons: Array
    pixel: Array


class Trace(TypedDict):
    """Every intermediate of a pixel, in the order of cause; a plain dict of dicts of arrays.

    Attributes:
      pixel: which pixel; `PixelTrace`.
      geometry: where it is; `GeometryTrace`.
      beam: what hits the crystal; `BeamTrace`.
      crystal: what diffracts; `CrystalTrace`.
      samples: every sample of the pixel; `SamplesTrace`.
      accumulation: from the samples to the pixel; `AccumulationTrace`.
    """

    pixel: PixelTrace
    geometry: GeometryTrace
    beam: BeamTrace
    crystal: CrystalTrace
    samples: SamplesTrace
    accumulation: AccumulationTrace
