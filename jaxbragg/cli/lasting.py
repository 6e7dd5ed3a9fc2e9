"""Objects that live as long as the process, which the garbage collector need not look through.

Importing JAX makes hundreds of thousands of them; looking for garbage among them, while they are made and
once more at the end of the process, takes as long as a third of the import (measured).
"""

import atexit
import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def lasting() -> Iterator[None]:
    """Everything made in the block, and what is there at the end of the process, is left to last.

    Only for a process of one's own. The collector is on afterwards if it was before.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
        atexit.register(gc.freeze)
    finally:
        if collecting:
            gc.enable()
