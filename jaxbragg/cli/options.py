"""What was typed on the command line, in the units users type; nothing is derived or defaulted here.

scan.py fills it, resolve.py turns it into an experiment.
"""

from dataclasses import dataclass
from typing import Literal

Vector = tuple[float, float, float]

DEFAULT_DUMP = "Fdump.bin"
"""Where the program keeps structure factors between runs, and looks for them when it is given no list."""


@dataclass(frozen=True)
class Options:
    """One command line, after all order rules; `None` means not given.

    Attributes:
      given: canonical names of the options as they appeared, repeats included.
      warnings: what was accepted but is probably not what the user imagines, one sentence each.
      na: cells along a, as typed (may be zero or negative); nb, nc likewise.
      cell: one to six numbers as typed: edges in Å, then angles in degrees; zero or less means missing.
      misset: rotations in degrees, or "random".
      misset_seed: as typed, not negated; mosaic_seed and seed likewise.
      sample_x: size along a, mm; sample_y along b, sample_z along c.
      mosaic_spread: degrees.
      fudge: scale of the squared radius of a spot.
      matrix_file: MOSFLM matrix; hkl_file, dump_file, stol_file, stolout_file, source_file, img_file,
        mask_file, float_file, int_file, pgm_file, noise_file, png_file and npy_file are paths too.
      default_f: structure factor outside the list, electrons.
      interpolate: forced on or off.
      dmin: Å.
      water: edge of the cube, µm.
      wavelength: Å, also if given as an energy.
      fluence: photons/m²; flux: photons/s; exposure: s; beamsize: mm.
      dispersion: full range, percent.
      hdivrange: full range, mrad; vdivrange, hdivstep and vdivstep likewise.
      round_div: whether the corners of the divergence grid are left out.
      polarization: Kahn factor; nopolar: True or False by the last of -nopolar, -polar.
      distance: mm; close_distance, xbeam, ybeam, xclose, yclose, detsize_f, detsize_s and pixel likewise.
      orgx: pixels; orgy likewise.
      pivot: by the last option that moves it, before the convention has its say.
      convention: the last one chosen.
      fdet_vector: as typed, not normalised; the other vectors and axes likewise.
      pix0_vector: m; never used.
      twotheta: degrees; rotx, roty, rotz likewise.
      sensor_thickness: µm; 0 also if -detector_abs took it away.
      attenuation_depth: µm; None if infinite or not given.
      attenuation_infinite: whether the last -detector_abs was inf or 0.
      oversample_thick: once per sample; oversample_polar and oversample_omega likewise.
      roi: xmin, xmax, ymin, ymax in pixels, ends included; negative means not limited.
      phi: degrees; osc and phistep likewise.
      write_pgm: by the last of -nopgm, -pgmfile, -pgmscale; write_noise by -nonoise, -noisefile.
      scale: factor of the integer image; adc_offset: counts; pgmscale: factor of the picture.
      printout_pixel: fast, slow.
      trace_pixel: slow, fast.
      model: "corrected" or "nanobragg".
      precision: "mixed", "float64" or "float32".
    """

    given: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    # crystal
    na: int | None = None
    nb: int | None = None
    nc: int | None = None
    cell: tuple[float, ...] | None = None
    misset: Vector | Literal["random"] | None = None
    misset_seed: int | None = None
    sample_x: float | None = None
    sample_y: float | None = None
    sample_z: float | None = None
    mosaic_spread: float | None = None
    mosaic_domains: int | None = None
    mosaic_seed: int | None = None
    shape: Literal["square", "round", "gauss", "tophat"] | None = None
    fudge: float | None = None
    # structure factors and background
    matrix_file: str | None = None
    hkl_file: str | None = None
    default_f: float | None = None
    dump_file: str | None = None
    interpolate: bool | None = None
    dmin: float | None = None
    water: float | None = None
    stol_file: str | None = None
    stolout_file: str | None = None
    # beam
    wavelength: float | None = None
    fluence: float | None = None
    flux: float | None = None
    exposure: float | None = None
    beamsize: float | None = None
    dispersion: float | None = None
    dispsteps: int | None = None
    hdivrange: float | None = None
    vdivrange: float | None = None
    hdivstep: float | None = None
    vdivstep: float | None = None
    hdivsteps: int | None = None
    vdivsteps: int | None = None
    round_div: bool | None = None
    source_file: str | None = None
    polarization: float | None = None
    nopolar: bool | None = None
    # detector placement
    distance: float | None = None
    close_distance: float | None = None
    xbeam: float | None = None
    ybeam: float | None = None
    xclose: float | None = None
    yclose: float | None = None
    orgx: float | None = None
    orgy: float | None = None
    pivot: Literal["beam", "sample"] | None = None
    typed_pivot: Literal["beam", "sample"] | None = None
    convention: Literal["mosflm", "denzo", "adxv", "xds", "dials", "custom"] | None = None
    fdet_vector: Vector | None = None
    sdet_vector: Vector | None = None
    odet_vector: Vector | None = None
    beam_vector: Vector | None = None
    polar_vector: Vector | None = None
    spindle_axis: Vector | None = None
    twotheta_axis: Vector | None = None
    pix0_vector: Vector | None = None
    twotheta: float | None = None
    rotx: float | None = None
    roty: float | None = None
    rotz: float | None = None
    # pixels and sensor
    detsize_f: float | None = None
    detsize_s: float | None = None
    detpixels_f: int | None = None
    detpixels_s: int | None = None
    pixel: float | None = None
    sensor_thickness: float | None = None
    attenuation_depth: float | None = None
    attenuation_infinite: bool = False
    thicksteps: int | None = None
    curved: bool = False
    point_pixel: bool = False
    # spindle
    phi: float | None = None
    osc: float | None = None
    phistep: float | None = None
    phisteps: int | None = None
    # sampling
    oversample: int | None = None
    oversample_thick: bool = False
    oversample_polar: bool = False
    oversample_omega: bool = False
    roi: tuple[int, int, int, int] | None = None
    # settings from image files
    img_file: str | None = None
    mask_file: str | None = None
    # output
    float_file: str | None = None
    int_file: str | None = None
    scale: float | None = None
    adc_offset: float | None = None
    noise_file: str | None = None
    write_noise: bool | None = None
    seed: int | None = None
    pgm_file: str | None = None
    pgmscale: float | None = None
    write_pgm: bool | None = None
    printout: bool = False
    printout_pixel: tuple[int, int] | None = None
    progress: bool | None = None
    trace_pixel: tuple[int, int] | None = None
    # jaxbragg's own
    model: Literal["corrected", "nanobragg"] | None = None
    precision: Literal["mixed", "float64", "float32"] | None = None
    png_file: str | None = None
    npy_file: str | None = None
    nocache: bool = False
    verbose: bool = False
    help: bool = False
