"""The whole report of `-verbose`: everything derived from the options, in the program's order.

Rules: specs/command_line.md CLI-50. Lengths as the lines say; vectors in the laboratory frame.
"""

import math
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from jaxbragg.config.choices import Pivot
from jaxbragg.config.experiment import Experiment
from jaxbragg.geometry.conventions import pivot
from jaxbragg.images.roi import roi_slices
from jaxbragg.io.text import general
from jaxbragg.shapes import Vec3
from jaxbragg.simulation.accumulate import number_of_steps
from jaxbragg.simulation.derived import Derived

Vector = npt.NDArray[np.float64]


def long_report(experiment: Experiment, derived: Derived) -> list[str]:
    """The lines before the image is computed.

    Args:
      experiment: what is simulated.
      derived: its derived quantities.

    Source: specs/command_line.md CLI-50.
    """
    sections = (_frame, _cell, _crystal, _steps, _sources, _detector, _sampling)
    return [line for section in sections for line in section(experiment, derived)]


def _frame(experiment: Experiment, derived: Derived) -> Iterator[str]:
    detector, frame, placement = experiment.detector, derived.setup.frame, derived.setup.placement
    beam = _array(frame.beam)
    axes = (placement.fast, placement.slow, placement.normal)
    yield f"{detector.convention.value} convention selected."
    beam_pivot = pivot(detector) is Pivot.BEAM
    yield f"pivoting detector around {'direct beam spot' if beam_pivot else 'sample'}"
    yield f"XDS incident beam: {_numbers(float(beam @ _array(axis)) for axis in axes)}"


def _cell(experiment: Experiment, derived: Derived) -> Iterator[str]:
    found = derived.setup.lattice
    real = np.stack([_array(v) * 1e10 for v in (found.a, found.b, found.c)])
    reciprocal = np.stack([_array(v) for v in (found.a_star, found.b_star, found.c_star)])
    yield f"Unit Cell: {_numbers(_cell_of(real))}"
    yield f"Recp Cell: {_numbers(_cell_of(reciprocal))}"
    yield f"volume = {general(float(found.volume))} A^3"
    titled = {
        "real-space cell vectors (Angstrom)": real,
        "reciprocal-space cell vectors (Angstrom^-1)": reciprocal,
    }
    for title, vectors in titled.items():
        yield f"{title}:"
        yield "     " + "  ".join(f"{name:>12}" for name in "ABC")
        for axis, row in zip("XYZ", vectors.T, strict=True):
            yield f"{axis}:   " + "  ".join(f"{value:12.8f}" for value in row)


def _crystal(experiment: Experiment, derived: Derived) -> Iterator[str]:
    found, crystal = derived.setup.lattice, experiment.crystal
    edges = (
        float(n) * float(np.linalg.norm(_array(v))) * 1e6
        for n, v in zip(derived.setup.cells, (found.a, found.b, found.c), strict=True)
    )
    yield f"crystal is {' x '.join(general(edge) for edge in edges)} microns"
    cells = "x".join(general(float(n)) for n in derived.setup.cells)
    yield f"parallelpiped crystal of {cells} cells, shape {crystal.shape.value}"
    factors = experiment.structure_factors
    if factors.table is not None:
        sizes = zip("hkl", factors.index_min, factors.table.shape, strict=True)
        ends = (f"{name} {low} - {low + size - 1}" for name, low, size in sizes)
        yield f"structure factors for {', '.join(ends)}"
    yield f"default_F = {general(float(factors.default_f))}"
    yield f"interpolation {'on' if factors.interpolate else 'off'}"
    yield (
        f"mosaic spread {general(float(crystal.mosaic_spread))} deg in "
        f"{len(crystal.mosaic_fractions)} domains"
    )


def _steps(experiment: Experiment, derived: Derived) -> Iterator[str]:
    detector = experiment.detector
    for n in range(detector.sensor_layers):
        yield f"thick{n} = {general(n * float(derived.setup.layer_step) * 1e6)} um"
    for n, angle in enumerate(np.asarray(derived.setup.phi)):
        yield f"phi{n} = {general(math.degrees(angle))} deg"


def _sources(experiment: Experiment, derived: Derived) -> Iterator[str]:
    found = derived.setup.sources
    incident = np.stack([np.broadcast_to(x, found.wavelength.shape) for x in found.incident], axis=-1)
    weights = np.asarray(found.weight) / len(found.weight)
    yield f"  created a total of {len(weights)} sources:"
    for direction, weight, wavelength in zip(incident, weights, np.asarray(found.wavelength), strict=True):
        yield f"{_numbers(0.0 - direction)}   {general(weight)} {general(wavelength)}"


def _detector(experiment: Experiment, derived: Derived) -> Iterator[str]:
    detector, beam, placement = experiment.detector, experiment.beam, derived.setup.placement
    frame = derived.setup.frame
    yield f"  wave={general(float(beam.wavelength))} Angstrom +/- {general(float(beam.dispersion))}%"
    polarization = "none" if beam.no_polarization else general(float(beam.polarization))
    yield f"  Kahn polarization factor: {polarization}"
    yield f"  incident fluence: {general(float(derived.setup.fluence))} photons/m^2"
    fast, slow = detector.pixels
    pixel = float(derived.setup.pixel_size)
    yield (
        f"  distance={general(float(placement.distance))} "
        f"detsize={general(fast * pixel)}x{general(slow * pixel)}  pixel={general(pixel)} meters "
        f"({fast}x{slow} pixels)"
    )
    yield f"  close_distance={general(float(placement.close_distance))}"
    center = derived.center
    yield f"  Xbeam={general(float(center.x_beam))} Ybeam={general(float(center.y_beam))}"
    yield f"  Fbeam={general(float(placement.beam_f))} Sbeam={general(float(placement.beam_s))}"
    yield f"  Fclose={general(float(placement.close_f))} Sclose={general(float(placement.close_s))}"
    yield f"  DIRECTION_OF_DETECTOR_X-AXIS= {_numbers(_array(placement.fast))}"
    yield f"  DIRECTION_OF_DETECTOR_Y-AXIS= {_numbers(_array(placement.slow))}"
    yield f"  DIRECTION_OF_DETECTOR_Z-AXIS= {_numbers(_array(placement.normal))}"
    yield f"  INCIDENT_BEAM_DIRECTION= {_numbers(_array(frame.beam))}"
    yield f"  spindle ROTATION_AXIS= {_numbers(_array(frame.spindle))}"
    yield f"  POLARIZATION_PLANE_NORMAL= {_numbers(np.cross(_array(frame.beam), _array(frame.polarization)))}"
    if detector.sensor_thickness is not None:
        yield (
            f"  sensor thickness {general(float(detector.sensor_thickness))} um in {detector.sensor_layers} "
            f"layers, attenuation depth {general(float(derived.setup.attenuation_depth) * 1e6)} um"
        )


def _sampling(experiment: Experiment, derived: Derived) -> Iterator[str]:
    fast, slow = experiment.detector.pixels
    rows, columns = roi_slices(experiment.sampling.roi, (slow, fast))
    yield f"  roi: {columns.start} < x < {columns.stop} && {rows.start} < y < {rows.stop}"
    if experiment.beam.sources is None:
        h, v = (general(float(x) / 1000.0) for x in experiment.beam.divergence)
        yield f"  hdivrange={h} vdivrange={v} radians"
    rotation = experiment.rotation
    start = float(rotation.phi)
    yield f"  phi {general(start)} to {general(start + float(rotation.osc))} deg, {rotation.steps} phi steps"
    if experiment.background.water is not None:
        yield f"  water {general(float(experiment.background.water))} um"
    yield f"  {experiment.sampling.oversample}x{experiment.sampling.oversample} pixel oversample steps"
    yield f"  {number_of_steps(experiment)} steps per pixel"


def solid_angle_line(steradian: float) -> str:
    """The solid angle, as it stands after the image is computed."""
    share = 100.0 * steradian / (4.0 * math.pi)
    return f"solid angle subtended by detector = {general(steradian)} steradian ( {general(share)}% sphere)"


def _array(vector: Vec3) -> Vector:
    return np.array([float(x) for x in vector])


def _numbers(values: Iterable[float]) -> str:
    return " ".join(general(float(x)) for x in values)


def _cell_of(vectors: Vector) -> tuple[float, ...]:
    """Lengths, and angles in degrees, of three vectors."""
    a, b, c = vectors
    lengths = [float(np.linalg.norm(v)) for v in vectors]

    def angle(u: Vector, v: Vector) -> float:
        cosine = float(u @ v) / (float(np.linalg.norm(u)) * float(np.linalg.norm(v)))
        return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))

    return (*lengths, angle(b, c), angle(c, a), angle(a, b))
