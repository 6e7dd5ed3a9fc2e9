"""Awkward points, as data: where a formula may turn into 0/0, a root of zero or a dead branch."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import jaxbragg as jb
from jaxbragg.config.experiment import Experiment
from tests.gradients import scenes
from tests.gradients.differences import fields

FLAT = np.full((11, 11, 11), 60.0)
"""A table of the amplitude that is outside of it too."""

SCENES: dict[str, Callable[[], Experiment]] = {
    "single": scenes.single,
    "many": scenes.many,
    "round": lambda: scenes.many("round", structure_factors__table=FLAT),
    "gauss": lambda: scenes.many("gauss", crystal__fudge=30),
    "tophat": lambda: scenes.single(crystal__shape="tophat"),
    "interpolated": lambda: scenes.single(structure_factors=scenes.structure_factors(interpolate=True)),
    "curved": lambda: scenes.single(detector=scenes.custom(curved=True)),
    "listed": scenes.listed,
    "first_pixel": lambda: scenes.single(detector=scenes.custom(pix0=(60, 7, -9))),
    "foot": lambda: scenes.single(
        detector=scenes.custom(beam_x=None, beam_y=None, close_x=8.3, close_y=6.4, close_distance=58)
    ),
    "denzo": lambda: scenes.single(
        detector=jb.DetectorConfig(
            convention="denzo",
            pixels=scenes.PIXELS,
            pixel_size=scenes.PIXEL_SIZE,
            distance=60,
            beam_x=6.4,
            beam_y=8.3,
            rotations=(3, -5, 7),
            twotheta=10,
        )
    ),
    "unpolarized": lambda: scenes.single(beam__no_polarization=True),
}
"""One compiled program each; "single" and "many" run by default.

An intensity must not jump half way between reflections, where one of thousands of samples steps over in any
difference: SQUARE is small there, ROUND is symmetric if its amplitudes are equal, a narrow GAUSS is zero.
TOPHAT jumps, and has few samples.
"""

NEVER = {"crystal.sample_size", "sampling.dmin"}
"""Act through whole numbers, and through which samples count."""
GIVEN_FLUENCE = {"beam.flux", "beam.exposure", "beam.beamsize"}
NO_RANGES = {"beam.divergence", "beam.dispersion", "beam.source_grid"}
NO_TURNS = {"crystal.mosaic_spread", "crystal.mosaic_axes", "crystal.mosaic_fractions"}
ORIENTATION = {
    "crystal.misset",
    "crystal.cell",
    "detector.spindle_axis",
    "rotation.phi",
    "rotation.osc",
    *NO_TURNS,
}
"""Act through the index alone."""
DEAD = {
    "single": {*NEVER, *GIVEN_FLUENCE, *NO_RANGES, *NO_TURNS, "rotation.osc", "crystal.fudge"},
    "many": {*NEVER, "beam.given_fluence", "crystal.fudge"},
    "round": {*NEVER, "beam.given_fluence"},
    "gauss": {*NEVER, "beam.given_fluence"},
}
DEAD["tophat"] = {*DEAD["single"], *ORIENTATION, "beam.wavelength"}
DEAD["interpolated"] = DEAD["curved"] = DEAD["single"]
DEAD["unpolarized"] = DEAD["single"] | {"beam.polarization", "detector.polarization_axis"}
DEAD["denzo"] = DEAD["single"]
DEAD["first_pixel"] = DEAD["single"] | {"detector.distance", "detector.beam_x", "detector.beam_y"}
DEAD["foot"] = DEAD["single"] | {"detector.distance"}
DEAD["listed"] = DEAD["single"] | {"beam.wavelength"}


@dataclass(frozen=True)
class Point:
    """Where to differentiate.

    Attributes:
      scene: key of `SCENES`.
      changes: other values of fields.
      dead: fields that do not act here, beside those of the scene.
      alive: fields that act here, but not in the scene.
      upwards: fields whose derivative is that of a growing value.
      undefined: fields whose derivative is finite and depends on the direction of approach.
      jumps: whether pixels that jump along a field are left out.
      cancels: fields that do not act here because two equal terms cancel: zero to rounding.
    """

    scene: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    dead: Set[str] = frozenset()
    alive: Set[str] = frozenset()
    upwards: Set[str] = frozenset()
    undefined: Set[str] = frozenset()
    jumps: bool = False
    cancels: Set[str] = frozenset()


UPRIGHT = {
    "crystal__cell": (40, 50, 60, 90, 90, 90),
    "crystal__misset": (0, 0, 0),
    "detector__rotations": (0, 0, 0),
    "detector__twotheta": 0,
    "detector__fast_axis": (0, 0, 1),
    "detector__slow_axis": (0, -1, 0),
    "detector__beam_axis": (1, 0, 0),
    "detector__polarization_axis": (0, 0, 1),
    "detector__spindle_axis": (0, 0, 1),
    "detector__twotheta_axis": (0, 0, -1),
    "rotation__phi": 0,
}
"""Right angles everywhere; directions are ratios of small whole numbers."""
UPRIGHT_DEAD = {"detector.spindle_axis", "detector.twotheta_axis"}
PEAK_DEAD = {*UPRIGHT_DEAD, "structure_factors.default_f"}
"""A small cell has all indices in the table."""

ON_THE_BEAM = {"detector__beam_x": scenes.MIDDLE[0], "detector__beam_y": scenes.MIDDLE[1]}
"""The beam hits the middle of a pixel, where q = 0."""

THREE_FOUR_FIVE = {
    **UPRIGHT,
    "detector__distance": 80,
    "detector__beam_x": scenes.MIDDLE[0],
    "detector__beam_y": scenes.MIDDLE[1] + 60,
    "beam__wavelength": 1.0,
    "sampling__dmin": 1.0,
}
"""A pixel with d = (4, 3, 0)/5, hence q = (-1/5, 3/5, 0)/Å."""
PEAK = {**THREE_FOUR_FIVE, "crystal__cell": (10, 5, 30, 90, 90, 90)}
"""That pixel is on the reflection -2 3 0."""
PEAK_INSIDE = {**THREE_FOUR_FIVE, "crystal__cell": (10, 10 / 3, 30, 90, 90, 90)}
"""That pixel is on the reflection -2 2 0, well inside the table: F has a kink where interpolation ends."""
HALF_WAY = {
    **THREE_FOUR_FIVE,
    "crystal__cell": (12.5, 5, 30, 90, 90, 90),
    "structure_factors__table": FLAT,
}
"""That pixel is half way between -2 3 0 and -3 3 0."""
ALONG_THE_BEAM = {"detector__polarization_axis": (1, 0, 0), "detector__beam_axis": (1, 0, 0)}
ACROSS = {"detector.polarization_axis"}
DIRECTIONS = {*ACROSS, "detector.beam_axis"}
NO_DIVERGENCE = {"beam__divergence": (0, 0), "beam__dispersion": 0}

EVERYTHING = set(fields(scenes.single()))

POINTS = {
    "ordinary": Point("single"),
    "right_angles": Point("single", {"crystal__cell": (40, 50, 60, 90, 90, 90)}),
    "cubic": Point("single", {"crystal__cell": (50, 50, 50, 90, 90, 90)}),
    "hexagonal": Point("single", {"crystal__cell": (50, 50, 60, 90, 90, 120)}),
    "on_the_beam": Point("single", ON_THE_BEAM),
    "peak": Point("single", PEAK, PEAK_DEAD),
    "half_way": Point("single", {**HALF_WAY, "crystal__n_cells": (5, 4, 3)}, PEAK_DEAD),
    "one_cell_along_a": Point("single", {"crystal__n_cells": (1, 4, 3)}, upwards={"crystal.n_cells"}),
    "one_cell": Point(
        "single",
        {"crystal__n_cells": (1, 1, 1)},
        cancels={*ORIENTATION, "beam.wavelength"},
        upwards={"crystal.n_cells"},
    ),
    "less_than_one_cell": Point(
        "single",
        {"crystal__n_cells": (0.5, 0, -3)},
        {"crystal.n_cells"},
        cancels={*ORIENTATION, "beam.wavelength"},
    ),
    "real_cells": Point("single", {"crystal__n_cells": (5.3, 4.7, 1.2)}),
    "counted_cells": Point(
        "single",
        {"crystal__sample_size": (2.1e-5, 2.1e-5, 2.1e-5)},
        {"crystal.n_cells"},
    ),
    "unpolarized": Point("single", {"beam__polarization": 0}, {"detector.polarization_axis"}),
    "fully_polarized": Point("single", {"beam__polarization": 1}),
    "polarized_across": Point("single", {"beam__polarization": -1}),
    "axis_along_the_beam": Point(
        "single", ALONG_THE_BEAM, {"detector.polarization_axis"}, undefined=DIRECTIONS
    ),
    "axis_along_the_beam_on_the_beam": Point(
        "single", ALONG_THE_BEAM | ON_THE_BEAM, ACROSS, undefined=DIRECTIONS
    ),
    "phi_0": Point("single", {"rotation__phi": 0}, {"detector.spindle_axis"}),
    "twotheta_0": Point("single", {"detector__twotheta": 0}, {"detector.twotheta_axis"}),
    "beyond_the_resolution": Point(
        "single",
        {"sampling__dmin": 1e3},
        {*ORIENTATION, "beam.wavelength", "crystal.n_cells", "structure_factors.default_f"},
    ),
    "no_fluence": Point(
        "single", {"beam__given_fluence": 0}, set(fields(scenes.single())), {"beam.given_fluence"}
    ),
    "all_at_once": Point(
        "single",
        {**UPRIGHT, **ON_THE_BEAM, "beam__polarization": 0, "crystal__n_cells": (1, 5, 1)},
        {*UPRIGHT_DEAD, "detector.polarization_axis"},
        upwards={"crystal.n_cells"},
    ),
    "many": Point("many"),
    "many_right_angles": Point("many", {"crystal__cell": (40, 50, 60, 90, 90, 90)}),
    "many_on_the_beam": Point(
        "many",
        {**UPRIGHT, **NO_DIVERGENCE, "detector__beam_x": 9.5, "detector__beam_y": 7.5},
        {"beam.source_grid", "detector.twotheta_axis"},
    ),
    "no_spread": Point(
        "many", {"crystal__mosaic_spread": 0}, {"crystal.mosaic_axes", "crystal.mosaic_fractions"}
    ),
    "no_oscillation": Point("many", {"rotation__phi": 0, "rotation__osc": 0}, {"detector.spindle_axis"}),
    "no_divergence": Point("many", {"beam__divergence": (0, 0)}),
    "no_ranges": Point("many", NO_DIVERGENCE, {"beam.source_grid"}),
    "many_one_cell": Point(
        "many",
        {"crystal__n_cells": (1, 1, 1)},
        cancels={*ORIENTATION, "beam.wavelength", "beam.dispersion"},
        upwards={"crystal.n_cells"},
    ),
    "fluence_not_flux": Point(
        "many", {"beam__flux": 0, "beam__given_fluence": 1e24}, GIVEN_FLUENCE, {"beam.given_fluence"}
    ),
}
"""Points of the two programs that are compiled by default."""


def shape_points(shape: str, fudge_of_one: float, fudge_of_real: float) -> dict[str, Point]:
    """Points of a shape with smooth spots; the width of a GAUSS spot goes with the number of all cells.

    The tails of ROUND spots do not meet half way between two reflections.
    """
    points = {
        shape: Point(shape),
        f"{shape}_right_angles": Point(shape, {"crystal__cell": (40, 50, 60, 90, 90, 90)}),
        f"{shape}_on_the_beam": Point(
            shape,
            {**UPRIGHT, **NO_DIVERGENCE, "detector__beam_x": 9.5, "detector__beam_y": 7.5},
            {"beam.source_grid", "detector.twotheta_axis"},
        ),
        f"{shape}_one_cell": Point(
            shape,
            {"crystal__n_cells": (1, 1, 1), "crystal__fudge": fudge_of_one},
            upwards={"crystal.n_cells"},
        ),
        f"{shape}_real_cells": Point(
            shape, {"crystal__n_cells": (5.3, 4.7, 1.2), "crystal__fudge": fudge_of_real}
        ),
        f"{shape}_no_spread": Point(
            shape, {"crystal__mosaic_spread": 0}, {"crystal.mosaic_axes", "crystal.mosaic_fractions"}
        ),
    }
    return {name: replace(point, jumps=shape == "round") for name, point in points.items()}


OTHER_POINTS = {
    **shape_points("round", 1.2, 1.2),
    **shape_points("gauss", 1e5, 120),
    "tophat": Point("tophat"),
    "tophat_on_the_beam": Point("tophat", ON_THE_BEAM),
    "tophat_one_cell": Point("tophat", {"crystal__n_cells": (1, 1, 1)}, upwards={"crystal.n_cells"}),
    "tophat_real_cells": Point("tophat", {"crystal__n_cells": (5.3, 4.7, 1.2)}),
    "interpolated": Point("interpolated"),
    "interpolated_on_the_beam": Point("interpolated", ON_THE_BEAM),
    "interpolated_peak": Point("interpolated", PEAK_INSIDE, PEAK_DEAD),
    "interpolated_one_cell": Point(
        "interpolated", {"crystal__n_cells": (1, 1, 1)}, upwards={"crystal.n_cells"}
    ),
    "curved": Point("curved"),
    "curved_on_the_beam": Point("curved", ON_THE_BEAM),
    "curved_upright_on_the_beam": Point(  # the square of a turn is what changes lateral distances
        "curved", UPRIGHT | ON_THE_BEAM, UPRIGHT_DEAD, cancels={"detector.twotheta"}
    ),
    "listed": Point("listed"),
    "first_pixel": Point("first_pixel"),
    "foot": Point("foot"),
    "denzo": Point("denzo"),
    "no_factor": Point("unpolarized"),
    "no_factor_on_the_beam": Point("unpolarized", ON_THE_BEAM | ALONG_THE_BEAM),
}
"""Points of the programs that are not compiled by default."""


def experiment(point: Point) -> Experiment:
    return SCENES[point.scene]().with_fields(**point.changes)
