"""Where the two models must agree.

Tolerance 1e-9 of the largest pixel: the program's quotient of sines has errors of 1e-16 · pi N h near zeros
of the denominator, divided by the distance from the reflection (Q29); no index here comes closer than 1e-4.
"""

import numpy as np
import pytest

import jaxbragg as jb
from tests.physics.experiments import assert_same, image, sampling, still


def both(**parts):
    return (image(still(model=name, **parts)) for name in ("corrected", "nanobragg"))


@pytest.mark.spec("MOD-5", "MOD-1")
@pytest.mark.parametrize(
    "parts",
    [{}, {"sampling": sampling(dmin=3.0)}, {"rotation": jb.RotationConfig(phi=1.0, osc=2.0, steps=4)}],
    ids=["still", "dmin", "rotation"],
)
def test_models_agree_under_the_listed_conditions(parts):
    corrected, program = both(**parts)
    assert_same(program, corrected, tolerance=1e-9)


@pytest.mark.spec("MOD-5", "SUM-6")
def test_a_spindle_angle_of_zero_makes_them_differ():
    """The program's step 0 repeats the last one in all but one pixel; there both models agree."""
    corrected, program = both(rotation=jb.RotationConfig(phi=0.0, osc=2.0, steps=4))
    same = np.isclose(corrected, program, rtol=1e-6, atol=0)
    assert np.argwhere(same).tolist() == [[0, 0]]


@pytest.mark.spec("MOD-3", "SUM-6")
def test_one_repair_alone_acts_alone():
    repaired = jb.Model(**{**vars(jb.NANOBRAGG), "stale_phi_zero": False})
    rotation = jb.RotationConfig(phi=0.0, osc=2.0, steps=4)
    assert_same(
        image(still(model=repaired, rotation=rotation)), image(still(rotation=rotation)), tolerance=1e-9
    )
