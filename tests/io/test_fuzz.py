"""A short run of the fuzzing harness, and proof that it would notice a failure."""

import importlib.util
import sys
from collections import Counter
from pathlib import Path

import pytest

from jaxbragg.errors import JaxbraggError

spec = importlib.util.spec_from_file_location("io_fuzz", Path(__file__).with_name("fuzz.py"))
fuzz = importlib.util.module_from_spec(spec)
sys.modules["io_fuzz"] = fuzz
spec.loader.exec_module(fuzz)


@pytest.mark.spec("FILE-1", "FILE-2", "FILE-3", "FILE-4", "FILE-5", "FILE-6", "FILE-8")
def test_damaged_files_are_read_or_refused(tmp_path):
    counts = Counter()
    assert list(fuzz.run(3000, 20240501, tmp_path, counts)) == []
    assert sum(counts.values()) == 3000
    for target in fuzz.TARGETS:  # the damage is neither too mild nor too harsh to test anything
        assert counts[target.name, "refused"] >= 5
        assert counts[target.name, "read"] >= 5


@pytest.mark.parametrize("target", fuzz.TARGETS, ids=lambda target: target.name)
def test_undamaged_files_are_read(tmp_path, target):
    for sample in target.samples:
        (tmp_path / "file").write_bytes(sample)
        assert fuzz.outcome(target, tmp_path / "file") is None


def test_the_harness_notices_other_errors_and_long_texts(tmp_path):
    def crash(path):
        raise IndexError("oh")

    def chatter(path):
        raise JaxbraggError("no path\nhere")

    for use, complaint in ((crash, "IndexError: oh"), (chatter, "does not begin with the path")):
        assert complaint in fuzz.outcome(fuzz.Target("x", use, (b"",)), tmp_path / "file")
