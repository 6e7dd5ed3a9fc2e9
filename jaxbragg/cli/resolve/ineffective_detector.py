"""Sentences about detector options that were typed but do not do what they suggest.

Rules: specs/command_line.md CLI-41.
"""

from collections.abc import Iterator

import numpy as np

from jaxbragg.cli.options import Options
from jaxbragg.cli.resolve.frame import convention_of, origin_obeyed
from jaxbragg.cli.resolve.headers import DEFAULT_PIXEL
from jaxbragg.config.choices import Convention, Pivot
from jaxbragg.config.model import CORRECTED, Model
from jaxbragg.geometry.axes import AXES

_VECTORS = {
    "-fdet_vector": "fdet_vector",
    "-sdet_vector": "sdet_vector",
    "-odet_vector": "odet_vector",
    "-beam_vector": "beam_vector",
    "-polar_vector": "polar_vector",
    "-spindle_axis": "spindle_axis",
    "-twotheta_axis": "twotheta_axis",
    "-pix0_vector": "pix0_vector",
}
_BEAM = {"-Xbeam": "xbeam", "-Ybeam": "ybeam"}
_CLOSE = {"-Xclose": "xclose", "-Yclose": "yclose"}
_ORG = {"-ORGX": "orgx", "-ORGY": "orgy"}
_DISTANCES = {"-distance": "distance", "-close_distance": "close_distance"}


def overruled_placement(typed: Options, known: Options, model: Model) -> Iterator[str]:
    """What to tell the user about options that place or size the detector where something else decides.

    Args:
      typed: as typed.
      known: with image headers.
      model: "corrected" reads the value of -pix0_vector.

    Source: specs/command_line.md CLI-41.
    """
    convention = convention_of(typed)
    if convention is not Convention.CUSTOM:
        yield from _overruled_by_name(typed, convention)
    elif origin_obeyed(typed, model):
        rivals = _given(typed, _DISTANCES | _BEAM | _CLOSE | _ORG)
        rivals += ["-pivot"] if typed.typed_pivot is not None else []
        yield from _no_effect(rivals, "-pix0_vector places the detector; leave out one or the other")
    else:
        yield from _overruled_in_custom(typed, known)
    if typed.distance is not None and known.close_distance is not None:
        where = "the image header" if typed.close_distance is None else "-close_distance"
        yield (
            f"-distance has no effect: the distance along the detector's normal holds, from {where}; "
            "give only -close_distance"
        )
    yield from _overruled_size(typed, known)


def about_detector(typed: Options, model: Model) -> Iterator[str]:
    """What else to tell the user about detector options; see `ineffective.ineffective`."""
    convention = convention_of(typed)
    if convention is Convention.CUSTOM:
        yield from _about_custom(typed, model)
    else:
        yield from _about_named(typed, convention)
    yield from _about_sensor(typed, model)


def _given(options: Options, fields: dict[str, str]) -> list[str]:
    """The options among `fields` (option to field) that have a value."""
    return [option for option, field in fields.items() if getattr(options, field) is not None]


def _no_effect(options: list[str], reason: str) -> Iterator[str]:
    """The sentence about some options, if there are any."""
    if options:
        yield f"{', '.join(options)}: no effect, {reason}"


def _overruled_by_name(typed: Options, convention: Convention) -> Iterator[str]:
    """What a named convention fixes: frame, pivot, and which numbers are its beam centre."""
    name, pivot = convention.value, AXES[convention].pivot
    yield from _no_effect(
        _given(typed, _VECTORS), f"-{name} after it fixes the frame; put -{name} first or leave it out"
    )
    if pivot is Pivot.BEAM:
        reads = "the beam centre from -Xbeam and -Ybeam; use these"
        yield from _no_effect(_given(typed, _CLOSE | _ORG), f"the {name} convention takes {reads}")
    if typed.typed_pivot not in (None, pivot.value):
        yield (
            f"-pivot has no effect: the {name} convention turns the detector about the {pivot.value}; "
            "leave it out"
        )


def _about_named(typed: Options, convention: Convention) -> Iterator[str]:
    """Numbers that the program only notes in the header, and a swing that keeps the spot in place."""
    name = convention.value
    if AXES[convention].pivot is Pivot.SAMPLE:
        reads = "the beam centre from -ORGX and -ORGY; use these"
        yield from _no_effect(_given(typed, _BEAM | _CLOSE), f"the {name} convention takes {reads}")
    elif typed.twotheta:
        yield (
            f"-twotheta does not swing the detector about the sample in the {name} convention: "
            "the point where the beam hits it stays; use -xds, -dials or a custom frame"
        )


def _overruled_in_custom(typed: Options, known: Options) -> Iterator[str]:
    """Competing pivots and beam centres in a custom frame."""
    if typed.typed_pivot not in (None, typed.pivot):
        yield (
            f"-pivot has no effect: an option after it turns the detector about the {typed.pivot}; "
            "put -pivot last"
        )
    for centre in zip(_BEAM.items(), _CLOSE.items(), _ORG.items(), strict=True):
        fields = dict(centre)
        best, *_ = _given(known, fields) or [""]
        named = _given(typed, fields)
        where = "" if best in named else " of the image header"
        losers = ", ".join(option for option in named if option != best)
        if losers:
            yield (
                f"{losers}: no effect on the beam centre, {best}{where} decides in a custom frame; "
                "leave it out"
            )


def _about_custom(typed: Options, model: Model) -> Iterator[str]:
    """An origin that is not used, and a normal that does not fit."""
    if typed.pix0_vector is not None and any(typed.pix0_vector) and not origin_obeyed(typed, model):
        yield (
            "-pix0_vector selects the custom convention, but the nanobragg model does not use its value; "
            "use -model corrected, or place the detector by distance, centre and rotations"
        )
    yield from _about_normal(typed)


def _about_normal(typed: Options) -> Iterator[str]:
    """A normal that is replaced or kept although it does not stand on the fast and slow axes."""
    table = AXES[Convention.CUSTOM]
    fast, slow, normal = (
        np.array(given or built_in)
        for given, built_in in (
            (typed.fdet_vector, table.fast),
            (typed.sdet_vector, table.slow),
            (typed.odet_vector, table.normal),
        )
    )
    with np.errstate(all="ignore"):
        product = np.cross(fast, slow)
        length = float(np.linalg.norm(normal))
        cosine = float(product @ normal / (np.linalg.norm(product) * length))
    if typed.odet_vector is not None and length != 1.0 and cosine < 1 - 1e-6:
        yield "-odet_vector is replaced by fast x slow because its length is not exactly 1"
    elif (typed.odet_vector is None or length == 1.0) and abs(cosine) < 1 - 1e-6:
        yield (
            f"the detector normal {' '.join(f'{x:g}' for x in normal)} is not perpendicular to the fast and "
            "slow axes; give -odet_vector too"
        )


def _overruled_size(typed: Options, known: Options) -> Iterator[str]:
    """A size that the number of pixels overrules."""
    pixel = DEFAULT_PIXEL if known.pixel is None else known.pixel
    for axis in "fs":
        size, pixels = getattr(typed, f"detsize_{axis}"), getattr(known, f"detpixels_{axis}")
        if size is not None and pixels and abs(size - pixel * pixels) > 1e-6 * abs(size):
            yield (
                f"-detsize_{axis} has no effect: {pixels} pixels of {pixel:g} mm hold, from -detpixels or an "
                "image header; leave it out"
            )


def _about_sensor(typed: Options, model: Model) -> Iterator[str]:
    """Sensor numbers without a sensor, and sensors that are not what was typed."""
    thickness = typed.sensor_thickness or 0.0
    layered = typed.thicksteps is not None and typed.thicksteps > 0
    if thickness == 0 or (thickness < 0 and not layered):
        names = ["-detector_abs"] if typed.attenuation_depth is not None else []
        names += ["-thicksteps"] if layered else []
        names += ["-detector_thick"] if thickness < 0 else []
        yield from _no_effect(names, "there is no sensor without a positive -detector_thick")
        return
    if thickness < 0:
        yield f"-detector_thick {thickness:g} is taken as 0.5 µm; give a positive thickness"
    if typed.attenuation_infinite and model != CORRECTED:
        yield "the image is all zero: -detector_abs says that the sensor of -detector_thick absorbs nothing"
    if typed.thicksteps == 1 and model.layer_step_too_long:
        yield "-thicksteps 1 is taken as 2 in the nanobragg model; use -model corrected"
