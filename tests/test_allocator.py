"""What the process holds after an image was freed, in processes of their own; no times."""

import platform
import subprocess
import sys

import pytest

import jaxbragg as jb

glibc = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc is told to keep memory, which is not here"
)

IMAGE_BYTES = 4 * 4096**2

SCRIPT = """
from pathlib import Path
import jax
import jax.numpy as jnp
import jaxbragg

def held():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))

{first}
image = jax.jit(lambda x: jnp.full((4096, 4096), x))
small = jax.jit(lambda x: jnp.full((4, 4), x))
image.lower(1.0).compile()
small(1.0).block_until_ready()
before = held()
for number in range(20):
    image(float(number)).block_until_ready()
print(held() - before)
"""


def bytes_kept(first):
    """What a process holds more than before, once twenty images were computed and freed."""
    done = subprocess.run([sys.executable, "-c", SCRIPT.format(first=first)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@glibc
def test_the_memory_of_an_image_is_kept_for_the_next_one():
    kept = bytes_kept("assert jaxbragg.keep_memory() is True")
    # a few images: a small block behind one may make its place too small for the next
    assert 0.9 * IMAGE_BYTES < kept < 6 * IMAGE_BYTES


@glibc
def test_nothing_is_kept_unless_asked_for():
    assert bytes_kept("") < 0.5 * IMAGE_BYTES


@pytest.mark.parametrize("error", [OSError, TypeError])
def test_another_c_library_is_left_alone(error, monkeypatch):
    def fail(name):
        raise error(name)

    monkeypatch.setattr("ctypes.CDLL", fail)
    assert jb.keep_memory() is False


def test_musl_is_left_alone(monkeypatch):
    class Musl:
        def mallopt(self, parameter, value):
            raise AssertionError("parameters are glibc's")

    monkeypatch.setattr("ctypes.CDLL", lambda name: Musl())
    assert jb.keep_memory() is False
