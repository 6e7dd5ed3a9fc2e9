"""A trace in the words of the reference program: one key with its numbers per line, in the order printed.

The words are those of its instrumented build (specs/trace.md TRACE-8): a block of geometry and one of lattice
terms for every point of the pixel, for the first source, spindle angle and domain only, then a block for the
pixel.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from jaxbragg.errors import ConfigError
from jaxbragg.shapes import HostArray
from jaxbragg.simulation.trace_keys import Trace


class Line(NamedTuple):
    """One printed line.

    Attributes:
      key: the program's word.
      values: its numbers.
    """

    key: str
    values: tuple[float, ...]


GEOMETRY_KEYS = (
    "pix0_vector_meters",
    "fdet_vec",
    "sdet_vec",
    "pixel_pos_meters",
    "R_distance_meters",
    "omega_pixel_sr",
    "close_distance_meters",
    "obliquity_factor",
    "diffracted_vec",
    "incident_vec",
    "lambda_meters",
    "lambda_angstroms",
    "scattering_vec_A_inv",
)
LATTICE_KEYS = (
    "rot_a_angstroms",
    "rot_b_angstroms",
    "rot_c_angstroms",
    "rot_a_star_A_inv",
    "rot_b_star_A_inv",
    "rot_c_star_A_inv",
    "hkl_frac",
    "hkl_rounded",
    "F_latt_a",
    "F_latt_b",
    "F_latt_c",
    "F_latt",
    "F_cell",
)
PIXEL_KEYS = (
    "I_before_scaling",
    "r_e_meters",
    "r_e_sqr",
    "fluence_photons_per_m2",
    "steps",
    "oversample_thick",
    "oversample_polar",
    "oversample_omega",
    "capture_fraction",
    "polar",
    "omega_pixel",
    "cos_2theta",
    "I_pixel_final",
    "floatimage_accumulated",
)
DETECTOR_KEYS = (
    "DETECTOR_FAST_AXIS",
    "DETECTOR_SLOW_AXIS",
    "DETECTOR_NORMAL_AXIS",
    "DETECTOR_PIX0_VECTOR",
)
CAUSAL_ORDER = ("pixel", *DETECTOR_KEYS, *GEOMETRY_KEYS, *LATTICE_KEYS, *PIXEL_KEYS)
"""Every key, causes before effects; "pixel" stands for the line that says which pixel is traced."""


def components(key: str) -> int:
    """How many numbers the line of a key has."""
    if key == "pixel":
        return 2
    is_vector = key in DETECTOR_KEYS or key.startswith(("rot_", "hkl_"))
    return 3 if is_vector or key.endswith("_vec") or key in _OTHER_VECTORS else 1


_OTHER_VECTORS = ("pix0_vector_meters", "pixel_pos_meters", "scattering_vec_A_inv")


def detector_lines(trace: Trace) -> list[Line]:
    """The placed detector, which the program prints for every run."""
    geometry = trace["geometry"]
    values = (geometry["fast_axis"], geometry["slow_axis"], geometry["normal_axis"], geometry["pix0"])
    return [_line(key, value) for key, value in zip(DETECTOR_KEYS, values, strict=True)]


def trace_lines(trace: Trace) -> list[Line]:
    """All lines about a pixel; none if the image does not have it.

    Raises:
      ConfigError: the trace is of several pixels.
    """
    require_single_pixel(trace)
    if not trace["pixel"]["computed"]:
        return []
    lines: list[Line] = []
    n_sub, n_layers = np.shape(trace["geometry"]["path"])[:2]
    for layer in range(n_layers):
        for sub in range(n_sub):
            lines += _geometry_lines(trace, sub, layer)
            if _at(trace["samples"]["passes"], sub, layer):
                lines += _lattice_lines(trace, sub, layer)
    return [*lines, *_pixel_lines(trace)]


def require_single_pixel(trace: Trace) -> None:
    """Refuse a trace of several pixels.

    Raises:
      ConfigError: the trace is of several pixels.
    """
    shape = np.shape(trace["pixel"]["slow"])
    if shape:
        raise ConfigError(
            f"expected the trace of one pixel, got one of shape {shape}; trace pixels one by one"
        )


def _line(key: str, value: Any) -> Line:
    return Line(key, tuple(float(x) for x in np.ravel(value)))


def _at(values: Any, sub: int, layer: int) -> HostArray:
    """Value at a point, for the first source, spindle angle and domain."""
    array = np.asarray(values)
    place = (sub, layer, 0, 0, 0)
    taken: HostArray = array[tuple(min(i, n - 1) for i, n in zip(place, array.shape, strict=False))]
    return taken


def _geometry_lines(trace: Trace, sub: int, layer: int) -> Iterator[Line]:
    geometry, beam, sums = trace["geometry"], trace["beam"], trace["accumulation"]
    solid_angle = _at(geometry["solid_angle"], sub, layer) if sums["own_solid_angle"] else sums["solid_angle"]
    wavelength = _at(beam["wavelength"], sub, layer)
    values = (
        geometry["pix0"],
        geometry["fast_axis"],
        geometry["slow_axis"],
        _at(geometry["position"], sub, layer),
        _at(geometry["path"], sub, layer),
        solid_angle,
        geometry["close_distance"],
        _at(geometry["obliquity"], sub, layer),
        _at(geometry["direction"], sub, layer),
        _at(beam["incident"], sub, layer),
        wavelength,
        wavelength * 1e10,
        _at(trace["samples"]["q"], sub, layer),
    )
    return map(_line, GEOMETRY_KEYS, values)


def _lattice_lines(trace: Trace, sub: int, layer: int) -> Iterator[Line]:
    crystal, samples = trace["crystal"], trace["samples"]
    for name in "abc":
        yield _line(f"rot_{name}_angstroms", _at(crystal[name], sub, layer) * 1e10)  # type: ignore[literal-required]
    for name in "abc":
        yield _line(f"rot_{name}_star_A_inv", crystal[f"{name}_star"])  # type: ignore[literal-required]
    yield _line("hkl_frac", _at(samples["hkl"], sub, layer))
    yield _line("hkl_rounded", _at(samples["nearest"], sub, layer))
    lattice = _at(samples["lattice"], sub, layer)
    if "lattice_axes" in samples:
        for name, factor in zip("abc", _at(samples["lattice_axes"], sub, layer), strict=True):
            yield _line(f"F_latt_{name}", factor)
        yield _line("F_latt", lattice)
    if lattice != 0 or trace["accumulation"]["background"] != 0:
        yield _line("F_cell", _at(samples["amplitude"], sub, layer))


def _pixel_lines(trace: Trace) -> Iterator[Line]:
    sums = trace["accumulation"]
    values = (
        sums["intensity_sum"],
        np.sqrt(sums["r_e_sq"]),
        sums["r_e_sq"],
        trace["beam"]["fluence"],
        sums["steps"],
        sums["own_capture"],
        sums["own_polarization"],
        sums["own_solid_angle"],
        _last(trace["geometry"]["capture"]) if sums["own_capture"] else sums["capture"],
        _last_polarization(trace) if sums["own_polarization"] else sums["polarization"],
        _last(trace["geometry"]["solid_angle"]) if sums["own_solid_angle"] else sums["solid_angle"],
        _last(trace["samples"]["cos_2theta"]),
        sums["pixel"],
        np.float32(sums["pixel"]),
    )
    return map(_line, PIXEL_KEYS, values)


def _serial(values: Any) -> HostArray:
    """Values in the serial order of the program: layers outside sub-pixels."""
    return np.asarray(values).swapaxes(0, 1).ravel()


def _last(values: Any) -> Any:
    return _serial(values)[-1]


def _last_polarization(trace: Trace) -> Any:
    """Polarization factor of the last ray that the resolution limit lets count; 0 if there is none."""
    samples = trace["samples"]
    counted = _serial(samples["polarization"])[_serial(samples["passes"])]
    return counted[-1] if len(counted) else 0.0
