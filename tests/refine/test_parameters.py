"""Names, transforms, and what groups do to a shot."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg
from jaxbragg.refine.by_name import as_group
from jaxbragg.refine.names import paths
from jaxbragg.refine.shot import Shot
from tests.doubles import float64  # noqa: F401
from tests.refine import scenes


def shot(terms: int = 1, regions: int = 1) -> Shot:
    return Shot(
        scenes.crystal(), np.float64(2.5), np.arange(1.0, 1.0 + terms * regions).reshape(regions, terms)
    )


GROUPS = [
    jaxbragg.Parameter("distance"),
    jaxbragg.Parameter("crystal.n_cells[1]"),
    jaxbragg.Parameter("crystal.n_cells"),
    jaxbragg.Parameter("detector.rotations"),
    jaxbragg.Parameter("mosaic_spread", transform=jaxbragg.Bounded(0.0, 2.0)),
    jaxbragg.Orientation(),
    jaxbragg.UnitCell("monoclinic"),
    jaxbragg.Scale(),
    jaxbragg.Background(order=1),
    jaxbragg.Reflections(hkl=((1, 2, 3), ((0, 0, 2), (0, 0, -2)))),
]


@pytest.mark.spec("REF-1", "REF-2")
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{type(group).__name__} {group.name}")
def test_the_start_leaves_the_shot_as_it_is(group):
    before = shot(terms=3)
    if isinstance(group, jaxbragg.Reflections):  # equivalents have one amplitude from the beginning
        table = np.array(before.experiment.structure_factors.table)
        table[20, 20, 18] = table[20, 20, 22]
        before = before._replace(experiment=before.experiment.with_fields(structure_factors__table=table))
    free = group.start(before)
    after = group.put(before, jnp.asarray(free))
    assert len(free) == len(group.labels(before)) == len(group.values(before, jnp.asarray(free)))
    for x, y in zip(jax.tree.leaves(before), jax.tree.leaves(after), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-13, atol=1e-12)


@pytest.mark.spec("REF-1", "REF-2")
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{type(group).__name__} {group.name}")
def test_a_group_changes_the_values_that_it_names_and_nothing_else(group):
    before = shot(terms=3)
    free = jnp.asarray(group.start(before)) + 0.01
    after = group.put(before, free)
    changed = [
        jax.tree_util.keystr(path)
        for (path, x), y in zip(
            jax.tree_util.tree_leaves_with_path(before), jax.tree.leaves(after), strict=True
        )
        if not np.array_equal(x, y)
    ]
    owner = {"scale": ".scale", "background": ".surface"}.get(group.name, f".experiment.{group.name}")
    assert changed == [owner.split("[")[0]]


@pytest.mark.spec("REF-1")
@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("misset", "crystal.misset"),
        ("crystal.misset", "crystal.misset"),
        ("scale", "scale"),
        ("background", "background"),
        ("mosaic_spread", "crystal.mosaic_spread"),
        ("n_cells[2]", "crystal.n_cells[2]"),
        ("water", "background.water"),
    ],
)
def test_groups_by_name(name, found):
    assert as_group(name).name == found


@pytest.mark.spec("REF-1")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("distanse", "did you mean .*distance"),
        ("detector.distnce", "detector.distance"),
        ("mossaic_spread", "mosaic_spread"),
        ("qqqqqq", "see the fields of the configs"),
        ("cell", "needs its crystal system"),
        ("matrix", "refine `misset` and `cell`"),
        ("table", "use Reflections"),
    ],
)
def test_other_names_are_refused_with_the_nearest_known(name, text):
    with pytest.raises(jaxbragg.ConfigError, match=text):
        as_group(name)


@pytest.mark.spec("REF-1")
def test_every_field_that_can_be_differentiated_has_a_name():
    leaves = jax.tree_util.tree_leaves_with_path(scenes.crystal())
    names = {jax.tree_util.keystr(path).removeprefix(".") for path, _ in leaves}
    assert names - set(paths()) == set()


@pytest.mark.spec("REF-2")
@pytest.mark.parametrize(
    ("group", "text"),
    [
        (jaxbragg.Parameter("fudge", transform=jaxbragg.Bounded(2.0, 3.0)), "between its bounds 2 and 3"),
        (jaxbragg.Parameter("polarization", transform=jaxbragg.Positive()), "above zero"),
        (jaxbragg.Parameter("beam_x"), "no value to start from"),
        (jaxbragg.Parameter("n_cells[3]"), "has 3 elements"),
        (jaxbragg.Reflections(hkl=((30, 0, 0),)), r"\(30, 0, 0\) is not in the list"),
    ],
)
def test_impossible_starts_are_refused(group, text):
    with pytest.raises(jaxbragg.ConfigError, match=text):
        group.start(shot())


@pytest.mark.spec("REF-2")
def test_bounded_values_stay_between_their_bounds():
    bounded = jaxbragg.Bounded(-1.0, 3.0)
    values = bounded.forward(jnp.array([-30.0, 0.0, 30.0]))
    np.testing.assert_allclose(values, [-1.0, 1.0, 3.0], atol=1e-11)
    np.testing.assert_allclose(bounded.forward(bounded.inverse(np.array([2.5]), "x")), 2.5)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: jaxbragg.Prior(sigma=0.0), "sigma of a prior must be positive"),
        (lambda: jaxbragg.Bounded(1.0, 1.0), "finite and in order"),
        (lambda: jaxbragg.Background(order=3), "0 .constant., 1 .plane. or 2"),
        (lambda: jaxbragg.Reflections(hkl=()), "at least one reflection"),
        (lambda: jaxbragg.Reflections(hkl=((1, 2, 3), (1, 2, 3))), "each only once"),
        (lambda: jaxbragg.Reflections(hkl=((1, 2),)), "three indices"),
        (lambda: jaxbragg.Stage(method="newton"), "'marquardt', 'lbfgs', 'adam', got 'newton'"),
        (lambda: jaxbragg.Stage(most_steps=0), "at least one step"),
        (lambda: jaxbragg.Starts(radius=0.0), "positive radius"),
    ],
)
def test_choices_without_meaning_are_refused(make, text):
    with pytest.raises(jaxbragg.ConfigError, match=text):
        make()
