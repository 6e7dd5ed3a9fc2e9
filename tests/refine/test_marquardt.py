"""When Levenberg-Marquardt ends, on a parabola with a step."""

import numpy as np
import pytest

from jaxbragg.refine.arrow import Arrow, Vector
from jaxbragg.refine.fit import Fit, Local, Value
from jaxbragg.refine.marquardt import marquardt
from jaxbragg.refine.steps import Active, Ended


class Stepped(Fit):
    """x²/2, in standard deviations, and more by `height` below the edge, which derivatives do not know."""

    def __init__(self, edge: float, height: float) -> None:
        self.edge, self.height = edge, height

    def value(self, at: Vector) -> Value:
        (x,) = at.local[0]
        objective = float(0.5 * x**2 + self.height * (x < self.edge))
        return Value(objective, np.array([objective]), objective)

    def around(self, at: Vector) -> Local:
        curvature = Arrow(np.ones((1, 1, 1)), np.zeros((1, 1, 0)), np.zeros((0, 0)))
        return Local(self.value(at), at, curvature)

    def check_effect(self, curvature: Arrow) -> None:
        pass


def end(edge: float, height: float, start: float) -> Ended:
    active = Active(np.array([True]), np.zeros(0, bool))
    at = Vector(np.array([[start]]), np.zeros(0))
    return marquardt(Stepped(edge, height), at, active, most_steps=200, on_step=lambda progress: None)


@pytest.mark.spec("REF-13")
@pytest.mark.parametrize(
    ("edge", "height", "reason"),
    [
        (-1.0, 9.0, "converged: 0"),  # beyond the optimum
        (0.1, 0.001, "converged: 0"),  # too low to matter
        (0.1, 9.0, "converged: no step improves the fit, 0.1 standard deviations"),
        (0.5, 9.0, "no step improves the fit: 0.5 standard deviations"),
    ],
)
def test_an_optimum_at_a_step_is_one_if_the_predicted_optimum_is_near(edge, height, reason):
    found = end(edge, height, start=2.0)
    assert found.reason.startswith(reason)
    if "no step" in reason:
        assert found.at.local[0, 0] == pytest.approx(edge, abs=1e-4)
    else:
        assert abs(found.at.local[0, 0]) < 0.03
