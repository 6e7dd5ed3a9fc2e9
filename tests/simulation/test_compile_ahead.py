"""What prepares an image and the image are compiled side by side, each once."""

import threading
import time

import jax
import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.compile_ahead import compiled_meanwhile
from jaxbragg.simulation.run import image_program
from tests.compilations import compilations

SLOW = 0.2


def test_the_block_waits_for_the_program():
    done = []
    with compiled_meanwhile(lambda: (time.sleep(SLOW), done.append(threading.current_thread()))):
        assert not done
    assert done
    assert done[0] is not threading.current_thread()


def test_a_failure_is_left_to_the_call():
    def fail():
        raise RuntimeError("no memory")

    with compiled_meanwhile(fail):
        pass


def test_an_error_of_the_block_is_not_hidden():
    done = []
    with pytest.raises(ValueError, match="wrong"):
        with compiled_meanwhile(lambda: (time.sleep(SLOW), done.append(1))):
            raise ValueError("wrong")
    assert done


def of_size(fast, slow):
    words = f"-cell 70 80 90 90 90 90 -N 5 -lambda 1 -default_F 100 -detpixels_x {fast} -detpixels_y {slow}"
    return jb.from_nanobragg(words.split())


def test_the_call_finds_the_program(monkeypatch):
    """The call itself compiles nothing: all was compiled when it began."""
    call, counts = image_program.of, []

    def counted(*args, **keywords):
        with compilations() as count:
            image = call(*args, **keywords)
        counts.append(count[0])
        return image

    monkeypatch.setattr(image_program, "of", counted)
    jb.simulate(of_size(37, 29))
    assert counts == [0]


def test_the_image_does_not_need_it(monkeypatch):
    failed = []

    def fail(*_, **__):
        failed.append(1)
        raise RuntimeError("no memory")

    monkeypatch.setattr(image_program._alone, "compiled", fail)
    experiment = of_size(31, 23)
    image = np.asarray(jb.simulate(experiment))
    assert failed
    with jax.enable_x64(True):
        expected = np.asarray(jax.jit(jb.simulate)(experiment))
    np.testing.assert_allclose(image, expected, rtol=0, atol=1e-6 * expected.max())
