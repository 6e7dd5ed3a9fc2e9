"""A program is compiled while other things are done: compiling uses one core for most of the time."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any


@contextlib.contextmanager
def compiled_meanwhile(compile_it: Callable[[], Any]) -> Iterator[None]:
    """Compile a program beside what the block does, and wait for it at the end of the block.

    Args:
      compile_it: leaves the program where a later call finds it. If it fails, that call compiles anew, and
        says what is wrong.
    """

    def attempt() -> None:
        with contextlib.suppress(Exception):
            compile_it()

    thread = threading.Thread(target=attempt, name="compile ahead")
    thread.start()
    try:
        yield
    finally:
        thread.join()
