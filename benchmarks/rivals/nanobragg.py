"""The C program nanoBragg, given as an executable: timed as a whole command.

Its time includes starting, reading and writing; nothing is subtracted. It runs in a folder of its own,
without noise and picture files.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.turns import Contestant, ContestantFailedError, timed, timed_for

QUIET = ("-nonoise", "-nopgm")
IMAGE = "floatimage.bin"


class NanoBragg(Contestant):
    """One case of the program.

    Args:
      program: its path.
      argv: the case.
      folder: where the case's files are; output goes there too.
      threads: for OpenMP.
    """

    def __init__(self, program: Path, argv: tuple[str, ...], folder: Path, threads: int) -> None:
        super().__init__("nanobragg")
        self._command = [str(program.resolve()), *argv, *QUIET, "-floatfile", IMAGE]
        self._folder = folder
        self._environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        self._memory = 0

    def prepare(self) -> dict[str, Any]:
        """See `Contestant`; one run warms the file cache."""
        return {"first_call_s": timed(self._run)}

    def turn(self, seconds: float) -> list[float]:
        """See `Contestant`."""
        return timed_for(seconds, self._run)

    def finish(self, image: Path) -> dict[str, Any]:
        """See `Contestant`."""
        (self._folder / IMAGE).replace(image)
        return {"memory_peak": self._memory}

    def _run(self) -> None:
        process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self._memory = max(self._memory, usage.ru_maxrss * 1024)
        if process.returncode:
            raise ContestantFailedError(f"nanobragg ended with status {process.returncode}")
