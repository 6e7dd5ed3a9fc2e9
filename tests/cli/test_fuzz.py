"""A short run of the fuzzing harness of the commands, and proof that it would notice a failure."""

from collections import Counter

import pytest

from jaxbragg.cli import command
from tests.cli import fuzz


@pytest.mark.spec("CLI-44", "CLI-46")
def test_random_lines_end_with_an_exit_code_and_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    counts = Counter()
    assert list(fuzz.run(25, 20240501, 0, counts, slowest=60.0)) == []
    assert counts["refused"] >= 3
    assert counts["carried out"] >= 3


def test_the_harness_notices_exceptions_codes_and_chatter(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def crash(words, program):
        raise IndexError("oh")

    def silent(words, program):
        return 9

    def odd(words, program):
        return 3

    for job, reason in ((crash, "IndexError: oh"), (silent, "exit code 9 with []"), (odd, "exit code 3")):
        monkeypatch.setattr(command, "_simulate", job)
        assert reason in fuzz.outcome([], "simulate", False, Counter())
