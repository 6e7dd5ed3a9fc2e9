"""The program's uniform numbers, compared with numbers its own generator gave."""

import numpy as np
import pytest

from jaxbragg.sampling.c_random import LARGEST, MODULUS, CRandom, lehmer_step


def draw(rng: CRandom, seed: int, n: int) -> tuple[list[np.float32], int]:
    out = []
    for _ in range(n):
        u, seed = rng.uniform(seed)
        out.append(u)
    return out, seed


def test_step_equals_the_division_form_of_the_program():
    for state in [1, 2, 127772, 127773, 127774, 2836, 16807, MODULUS // 2, MODULUS - 1]:
        quotient = state // 127773
        expected = 16807 * (state - 127773 * quotient) - 2836 * quotient
        assert lehmer_step(state) == (expected + MODULUS if expected < 0 else expected)


@pytest.mark.spec("RND-1")
def test_step_ten_thousand_gives_the_published_check_value():
    # Park & Miller (1988) Commun. ACM 31, 1192: from 1, the state after 10000 steps
    state = 1
    for _ in range(10000):
        state = lehmer_step(state)
    assert state == 1043618065


@pytest.mark.spec("RND-2", "RND-3")
@pytest.mark.parametrize(
    ("seed", "numbers", "state"),
    [
        (
            -12345678,
            [0.765989304, 0.023453664, 0.589726627, 0.535101593, 0.982231438, 0.693016112],
            1086690778,
        ),
        (
            -12345,
            [0.923120558, 0.333146602, 0.197888419, 0.949421704, 0.783800364, 0.983884633],
            659760666,
        ),
        (
            -1,
            [0.415999353, 0.091964893, 0.75641048, 0.52970022, 0.930436492, 0.383502066],
            156091745,
        ),
        (
            -2147483646,
            [0.933157742, 0.616497934, 0.582514048, 0.313227296, 0.298809409, 0.0896791667],
            1991391902,
        ),
    ],
)
def test_first_numbers_and_state_of_a_seed(seed, numbers, state):
    drawn, after = draw(CRandom(), seed, 6)
    np.testing.assert_array_equal(np.array(drawn), np.array(numbers, np.float32))
    assert after == state


@pytest.mark.spec("RND-2")
@pytest.mark.parametrize("seed", [0, 1, 5, 12345])
def test_unused_generator_takes_any_seed_that_is_not_negative_as_one(seed):
    assert draw(CRandom(), seed, 5) == draw(CRandom(), -1, 5)


@pytest.mark.spec("RND-4")
def test_positive_seed_continues_the_table_of_another_stream():
    used, fresh = CRandom(), CRandom()
    draw(used, -7, 3)
    assert draw(used, 5, 40) != draw(fresh, 5, 40)


@pytest.mark.spec("RND-4")
def test_negative_seed_forgets_the_table_of_another_stream():
    used = CRandom()
    draw(used, -7, 3)
    assert draw(used, -5, 40) == draw(CRandom(), -5, 40)


@pytest.mark.spec("RND-3")
def test_mean_and_state_after_a_million_numbers():
    numbers, state = draw(CRandom(), -12345678, 1_000_000)
    assert np.array(numbers).sum(dtype=np.float64) / 1e6 == pytest.approx(0.500069295862, abs=1e-12)
    assert state == 750183394


@pytest.mark.spec("RND-3")
def test_numbers_next_to_one_are_held_below_one():
    rng = CRandom()
    rng.table, rng.y = [MODULUS - 1] * 32, 1
    u, _ = rng.uniform(1)
    assert u.dtype == np.float32
    assert u == np.float32(LARGEST)
    assert u < 1.0
