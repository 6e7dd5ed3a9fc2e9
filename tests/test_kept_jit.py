"""Programs outlive the process, and nothing but speed depends on whether they do."""

import gc
import subprocess
import sys
from concurrent.futures import Future

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbragg import kept_jit, program_shelf
from jaxbragg.kept_jit import Kept
from jaxbragg.program_shelf import Shelf

COMPILED = []


def double(x, scale=None):
    return 2.0 * x if scale is None else 2.0 * x + scale["offset"]


def fresh(function=double):
    """The function as a new process would see it."""
    jitted = jax.jit(function)

    def compiled(*args):
        COMPILED.append(args)
        return jitted.lower(*args).compile()

    return Kept(function, jitted, compiled)


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    COMPILED.clear()
    shelf = Shelf(tmp_path / "programs")
    monkeypatch.setattr(kept_jit, "_shelf", shelf)
    return shelf


def programs(tmp_path):
    return sorted((tmp_path / "programs").glob("*.program"))


@pytest.mark.spec("CLI-54")
def test_a_program_is_compiled_once_for_all_processes(shelf, tmp_path):
    x = np.arange(3.0)
    for _ in range(3):
        np.testing.assert_array_equal(fresh()(x), 2.0 * x)
    assert len(COMPILED) == 1
    assert len(programs(tmp_path)) == 1


@pytest.mark.spec("CLI-54")
def test_other_types_and_structures_are_other_programs(shelf, tmp_path):
    x = np.arange(3.0)
    calls = [(x,), (x[:2],), (x.astype(np.float32),), (x, {"offset": x}), (2.0,)]
    with jax.enable_x64(True):
        for args in calls:
            np.testing.assert_array_equal(fresh()(*args), jax.jit(double)(*args))
    with jax.enable_x64(False):
        assert fresh()(2.0).dtype == jnp.float32
    assert len(programs(tmp_path)) == len(calls) + 1


@pytest.mark.spec("CLI-54")
def test_another_source_is_another_program(shelf, tmp_path, monkeypatch):
    fresh()(1.0)
    monkeypatch.setattr(program_shelf, "_source", lambda: b"changed")
    monkeypatch.setattr(kept_jit, "_shelf", Shelf(tmp_path / "programs"))
    fresh()(1.0)
    assert len(COMPILED) == len(programs(tmp_path)) == 2


@pytest.mark.spec("CLI-54")
@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b"", lambda b: b[:40] + b"x" + b[41:]])
def test_a_damaged_file_is_replaced(shelf, tmp_path, damage):
    fresh()(1.0)
    (path,) = programs(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert fresh()(1.0) == 2.0
    assert fresh()(1.0) == 2.0
    assert len(COMPILED) == 2


@pytest.mark.spec("CLI-54")
def test_a_program_that_does_not_run_is_compiled_anew(shelf, monkeypatch):
    def fails(*_):
        raise jax.errors.JaxRuntimeError("NOT_FOUND: Function not found")

    monkeypatch.setattr(Shelf, "get", lambda self, name: fails)
    assert fresh()(1.0) == 2.0


@pytest.mark.spec("CLI-54")
def test_a_folder_that_vanishes_only_costs_time(shelf, tmp_path):
    (tmp_path / "programs").rmdir()
    assert fresh()(1.0) == 2.0
    (tmp_path / "file").write_text("")
    assert not kept_jit.keep_in(tmp_path / "file" / "programs")


@pytest.mark.spec("CLI-54")
def test_programs_are_read_ahead_or_at_once(shelf, tmp_path, monkeypatch):
    fresh()(1.0)
    ahead = Shelf(tmp_path / "programs")
    ahead.read_ahead()
    (name,) = (path.name for path in programs(tmp_path))
    assert isinstance(ahead._ahead[name], Future)
    monkeypatch.setattr(kept_jit, "_shelf", ahead)
    assert fresh()(1.0) == 2.0
    ahead._ahead[name] = Future()  # has not begun
    assert fresh()(1.0) == 2.0
    assert len(COMPILED) == 1


@pytest.mark.spec("CLI-54")
def test_old_programs_make_room(shelf, tmp_path, monkeypatch):
    monkeypatch.setattr(program_shelf, "MOST_FILES", 2)
    for n in range(1, 5):
        fresh()(np.ones(n))
    assert len(programs(tmp_path)) == 2
    COMPILED.clear()
    fresh()(np.ones(4))
    assert not COMPILED


@pytest.mark.spec("CLI-54")
def test_closures_and_traced_arguments_take_the_usual_way(shelf, tmp_path):
    factor = 3.0
    assert fresh(lambda x: factor * x)(1.0) == 3.0
    assert jax.jit(fresh())(1.0) == 2.0
    assert jax.grad(fresh())(1.0) == 2.0
    assert programs(tmp_path) == []


@pytest.mark.spec("CLI-54")
def test_processes_that_start_together_do_not_disturb_each_other(tmp_path):
    code = (
        "import sys, pathlib\n"
        "from jaxbragg import kept_jit\n"
        "from jaxbragg.config.beam import BeamConfig\n"
        f"assert kept_jit.keep_in(pathlib.Path({str(tmp_path / 'programs')!r}))\n"
        "print(float(BeamConfig(flux=1e12).fluence))\n"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    both = [subprocess.Popen(command, **pipes) for _ in range(2)]
    said = [process.communicate(timeout=120) for process in both]
    said.append(subprocess.Popen(command, **pipes).communicate(timeout=120))
    assert said == [said[0]] * 3
    assert float(said[0][0]) == pytest.approx(1e20)
    assert [path.suffix for path in (tmp_path / "programs").iterdir()] == [".program"]


@pytest.mark.spec("CLI-54")
def test_the_collector_is_as_it_was():
    from jaxbragg.cli.lasting import lasting

    for collecting in (True, False):
        (gc.enable if collecting else gc.disable)()
        try:
            with lasting():
                assert not gc.isenabled()
            assert gc.isenabled() == collecting
        finally:
            gc.enable()
            gc.unfreeze()
