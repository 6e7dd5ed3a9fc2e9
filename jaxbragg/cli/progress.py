"""How far a long computation is, on stderr; nothing appears when it is short.

Rules: specs/command_line.md CLI-51.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator

DELAY = 2.0
"""Seconds before anything appears."""

_ON_SCREEN = 0.2
_IN_FILE = 10.0
"""Seconds between updates, on a terminal and anywhere else."""


@contextlib.contextmanager
def progress(total: int, *, wanted: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar, or only the time gone where the end is not known, from a thread of its own.

    Args:
      total: number of rows; 0 if they are not finished one after the other.
      wanted: False shows nothing.

    Yields:
      A function to call with the number of rows that were finished.

    Source: specs/command_line.md CLI-51.
    """
    done = 0

    def add(rows: int) -> None:
        nonlocal done
        done += rows

    if not wanted:
        yield add
        return
    over = threading.Event()
    thread = threading.Thread(target=_show, args=(total, lambda: done, over), daemon=True)
    thread.start()
    try:
        yield add
    finally:
        over.set()
        thread.join()


def _show(total: int, done: Callable[[], int], over: threading.Event) -> None:
    """Wait, then keep the bar up to date until it is over."""
    started = time.time()
    if over.wait(DELAY):
        return
    from tqdm import tqdm

    tqdm.monitor_interval = 0
    form = None if total else "{desc} {elapsed}"
    on_screen = sys.stderr.isatty()
    with tqdm(
        total=total or None,
        desc="computing",
        unit=" rows",
        bar_format=form,
        leave=not on_screen,
        file=sys.stderr,
        delay=1e-9,  # draws nothing before the start is set
    ) as bar:
        bar.start_t = started
        while True:
            bar.n = done()
            bar.refresh()
            if over.wait(_ON_SCREEN if on_screen else _IN_FILE):
                break
        bar.n = done()
