"""A killed refinement goes on from its file."""

import pytest

import jaxbragg
from tests.refine import scenes

SMALL = ("scale", "background", "misset", "distance")


class Killed(Exception):
    """What ends a run from outside."""


def refine(checkpoint=None, after: int | None = None, seed: int = 0, **options) -> jaxbragg.Refinement:
    """A refinement in stages that is killed after some steps."""
    steps = []

    def on_step(step) -> None:
        steps.append(step)
        if len(steps) == after:
            raise Killed

    truth = scenes.crystal()
    options = {"schedule": "staged", "checkpoint": checkpoint, "on_step": on_step} | options
    return jaxbragg.refine_image(scenes.rough(truth), scenes.counted(truth, seed), SMALL, **options)


@pytest.mark.spec("REF-19")
@pytest.mark.parametrize(("schedule", "after"), [("staged", 1), ("staged", 6), ("shells", 3)])
def test_a_killed_run_takes_the_steps_of_one_that_was_not(tmp_path, schedule, after):
    whole, file = refine(schedule=schedule), tmp_path / "state.json"
    with pytest.raises(Killed):
        refine(file, after, schedule=schedule)
    resumed = refine(file, schedule=schedule)
    assert [vars(step) for step in resumed.history] == [vars(step) for step in whole.history]
    assert resumed.parameters == whole.parameters
    assert resumed.reasons == whole.reasons


@pytest.mark.spec("REF-19")
def test_a_finished_run_is_not_repeated(tmp_path):
    file = tmp_path / "state.json"
    first, steps = refine(file), []
    again = refine(file, on_step=steps.append)
    assert not steps
    assert again.parameters == first.parameters and again.reasons == first.reasons


@pytest.mark.spec("REF-19")
@pytest.mark.parametrize("method", ["lbfgs", "adam"])
def test_gradient_methods_go_on_too(tmp_path, method):
    file, last = tmp_path / "state.json", jaxbragg.Stage(method=method, most_steps=12)
    with pytest.raises(Killed):
        refine(file, after=5, schedule=(last,))
    resumed = refine(file, schedule=(last,))
    assert len(resumed.history) <= 12
    assert resumed.history[-1].objective < resumed.history[0].objective


@pytest.mark.spec("REF-19")
def test_a_file_of_another_refinement_is_refused(tmp_path):
    file = tmp_path / "state.json"
    refine(file)
    with pytest.raises(jaxbragg.FormatError, match="other data, starts, parameters or stages; remove"):
        refine(file, seed=1)
    file.write_text('{"format": "something"}')
    with pytest.raises(jaxbragg.FormatError, match="expected a checkpoint"):
        refine(file)
