"""What a result needs to be understood later: machine, commit, date."""

import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def use_cores(count: int) -> None:
    """Let this process and all that it starts run on so many cores only, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def describe_machine() -> dict[str, Any]:
    """Processor, cores in use, system, Python."""
    return {
        "cpu": _cpu_model(),
        "cores": cores(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _cpu_model() -> str:
    """Model as the processor tells it; family and model numbers, because virtual machines shorten names."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(_fact(line) for line in text.split("\n\n")[0].splitlines() if ":" in line)
    wide = " with 512-bit vectors" if "avx512f" in facts.get("flags", "").split() else ""
    name = facts.get("model name", platform.machine())
    return f"{name} (family {facts.get('cpu family', '?')}, model {facts.get('model', '?')}){wide}"


def _fact(line: str) -> tuple[str, str]:
    key, _, value = line.partition(":")
    return key.strip(), value.strip()


def describe_commit() -> dict[str, Any]:
    """Commit of the working tree, and whether files that git knows or would know have changed since."""
    return {"commit": _git("rev-parse", "HEAD"), "dirty": bool(_git("status", "--porcelain"))}


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


class Patience:
    """Waits for other programs to leave the machine alone, at most some seconds in all.

    Attributes:
      left: seconds that it may still wait.
      busy: share of the machine that others used, every time before the waiting ended.
    """

    LOOK_SECONDS = 0.2
    IDLE = 0.1

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.busy: list[float] = []

    def wait(self) -> None:
        """Return when the machine is idle, or at once if it cannot be known or patience is over."""
        busy = self._look()
        while busy is not None and busy > self.IDLE and self.left > 0:
            busy = self._look()
        if busy is not None:
            self.busy.append(busy)

    def _look(self) -> float | None:
        """Share of the processor time of a short while that somebody used."""
        if self.left <= 0:
            return None
        before = _processor_ticks()
        time.sleep(self.LOOK_SECONDS)
        after = _processor_ticks()
        self.left -= self.LOOK_SECONDS
        if before is None or after is None or after[1] == before[1]:
            return None
        return 1 - (after[0] - before[0]) / (after[1] - before[1])


def _processor_ticks() -> tuple[int, int] | None:
    """Idle and all ticks of all cores since the start."""
    try:
        words = Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()
    except OSError:
        return None
    ticks = [int(word) for word in words[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


def now() -> str:
    """Date and time, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def load() -> float | None:
    """Programs that wanted a core, on average over the last minute; 0 before an undisturbed run."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
