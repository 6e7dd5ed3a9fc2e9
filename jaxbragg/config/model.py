"""The two physical models, and every defect of the reference program that touches the image.

`CORRECTED` is the physics as it should be, `NANOBRAGG` reproduces the reference program. A defect is one
switch here; it is read at the one place in the code that the comment names. specs/models.md says what each
does and why the corrected model differs; Qn is its number there.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class Model:
    """Which defects of the reference program act; all off is the corrected physics."""

    stale_phi_zero: bool = False  # Q1  simulation/serial_order.py
    running_products: bool = False  # Q2  simulation/accumulate.py
    last_layer_capture: bool = False  # Q3  simulation/factors.py
    layer_step_too_long: bool = False  # Q4  config/step_rules.py
    black_without_sensor: bool = False  # Q5  simulation/point.py
    background_scaled_twice: bool = False  # Q6  simulation/accumulate.py
    interpolation_latch: bool = False  # Q7  simulation/serial_order.py
    approximate_triclinic_cell: bool = False  # Q8  geometry/cell.py
    curved_by_lab_axes: bool = False  # Q9  geometry/pixels.py
    equal_source_weights: bool = False  # Q11 sampling/sources.py
    first_sample_factors: bool = False  # Q13 simulation/factors.py
    nopolar_overruled: bool = False  # Q14 simulation/factors.py
    dmin_blanks_background: bool = False  # Q15 simulation/accumulate.py
    distance_ignores_twotheta: bool = False  # Q17 geometry/placement.py
    signed_solid_angle: bool = False  # Q18 terms/solid_angle.py
    twotheta_axis_as_given: bool = False  # Q21 geometry/conventions.py
    mosaic_in_laboratory: bool = False  # Q23 simulation/orientations.py
    full_index_sines: bool = False  # Q29 simulation/sample.py

    @property
    def name(self) -> str:
        """Name as the command line spells it; "custom" for a mixture."""
        return next((name for name, model in MODELS.items() if model == self), "custom")


CORRECTED = Model()
"""The physics as it should be (specs/models.md)."""

NANOBRAGG = Model(**{f.name: True for f in fields(Model)})
"""The reference program, defects included."""

MODELS = {"corrected": CORRECTED, "nanobragg": NANOBRAGG}
"""The models by the names that the command line and the constructor of an experiment accept."""
