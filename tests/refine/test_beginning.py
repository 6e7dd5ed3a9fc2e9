"""What is compiled before the first step serves all later ones."""

import pytest

import jaxbragg
from jaxbragg.refine.beginning import begin, checked_start
from jaxbragg.refine.measurement import Measurement
from tests.compilations import compilations
from tests.refine import scenes

TAKE_A_STEP = {"marquardt": "around", "lbfgs": "slope"}


@pytest.mark.parametrize("method", TAKE_A_STEP)
def test_steps_are_compiled_before_the_scales_are_known(method):
    """Both shots begin with the scale 1, and then differ."""
    truth = scenes.crystal(32)
    groups = [jaxbragg.Scale(), jaxbragg.Background(), jaxbragg.Parameter("distance", shared=True)]
    fit, pixels = begin(
        [truth, truth],
        [Measurement(scenes.counted(truth, seed)) for seed in (0, 1)],
        groups,
        objective=jaxbragg.Poisson(),
        regions=[None, None],
        precision="mixed",
        at_once=1,
    )
    fit.compile_for(method)
    fit = checked_start(fit, groups, pixels)
    assert fit.shots[0].scale != fit.shots[1].scale
    with compilations() as count:
        getattr(fit, TAKE_A_STEP[method])(fit.start)
    assert count == [0]
