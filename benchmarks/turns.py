"""Contestants, each in a process of its own, that are asked for one turn at a time.

A noisy machine is slow for seconds or minutes; programs that are timed one after the other meet different
machines. So all contestants are started and warmed up, and then take turns. A turn lasts a fixed time: it is
one call or more. Questions and answers are lines of JSON. Standard library only: rivals run this too.
"""

import functools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any


class ContestantFailedError(Exception):
    """A contestant ended, or says why it cannot do what it was asked."""


class Contestant:
    """A program that computes one image of one case.

    Attributes:
      name: as it stands in reports.
      calls: durations of its timed calls, s.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls: list[float] = []

    def prepare(self) -> dict[str, Any]:
        """Start, make everything ready and call once; what that took."""
        raise NotImplementedError

    def turn(self, seconds: float) -> list[float]:
        """Durations of the calls that fit into some seconds, at least one."""
        raise NotImplementedError

    def finish(self, image: Path) -> dict[str, Any]:
        """Write the image as raw float32; memory that was used."""
        raise NotImplementedError

    def close(self) -> None:
        """End the program."""


class Worker(Contestant):
    """A contestant in a Python process that runs `serve`.

    It starts when it is first asked: starting takes the time of those that are timed before.
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], request: Mapping[str, Any]
    ) -> None:
        super().__init__(name)
        self._command = [*command, json.dumps(request)]
        self._environment = {**os.environ, **environment}
        self._errors = tempfile.TemporaryFile("w+")

    @functools.cached_property
    def _process(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def prepare(self) -> dict[str, Any]:
        """See `Contestant`."""
        answer: dict[str, Any] = self._ask("prepare")
        return answer

    def turn(self, seconds: float) -> list[float]:
        """See `Contestant`."""
        answer: list[float] = self._ask("turn", seconds=seconds)
        return answer

    def finish(self, image: Path) -> dict[str, Any]:
        """See `Contestant`."""
        answer: dict[str, Any] = self._ask("finish", image=str(image))
        return answer

    def close(self) -> None:
        """See `Contestant`."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def _ask(self, question: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"question": question, **arguments}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self._process.stdout.readline()
        if not line:
            raise ContestantFailedError(f"ended with status {self._process.wait()}: {self._last_error()}")
        answer = json.loads(line)
        if "error" in answer:
            raise ContestantFailedError(answer["error"])
        return answer["answer"]

    def _last_error(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().strip().splitlines()
        return lines[-1] if lines else "no message"


def serve(answers: Mapping[str, Callable[..., Any]]) -> None:
    """Answer questions from standard input until it ends; anything printed goes to standard error."""
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        arguments = json.loads(line)
        question = arguments.pop("question")
        try:
            reply = {"answer": answers[question](**arguments)}
        except Exception as error:  # the other side decides what a failure means
            first_line = (str(error).splitlines() or [""])[0]
            reply = {"error": f"{type(error).__name__}: {first_line}"}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def timed(call: Callable[[], object]) -> float:
    """Duration of a call, s."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def timed_for(seconds: float, call: Callable[[], object]) -> list[float]:
    """Durations of the calls that begin within some seconds, at least one."""
    end = time.perf_counter() + seconds
    durations = [timed(call)]
    while time.perf_counter() < end:
        durations.append(timed(call))
    return durations


def memory_now() -> int:
    """Memory that this process holds, bytes; 0 where the system does not say."""
    return _status("VmRSS")


def memory_peak() -> int:
    """Most memory that this process has held, bytes.

    Not from `getrusage` where avoidable: a child inherits the peak of the process that started it.
    """
    peak = _status("VmHWM")
    if peak:
        return peak
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _status(key: str) -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{key}:")), 0)
