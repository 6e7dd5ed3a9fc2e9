"""Functions whose compiled programs outlive the process, where a command wants that.

JAX's own cache finds a program by its lowered form; tracing and lowering take longer than all else in a short
run. Here a program is found by its function's name and the types of its arguments, before either. Nothing is
kept unless a process that is its own, a command, names a folder with `keep_in`. Rules:
specs/command_line.md CLI-54.
"""

import contextlib
import functools
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

import jax

from jaxbragg.program_shelf import Shelf
from jaxbragg.traced import is_traced

R = TypeVar("R")

_shelf: Shelf | None = None


def keep_in(folder: Path) -> bool:
    """Keep programs in a folder from now on, and begin to read those that were used last.

    Args:
      folder: for this version of JAX and this processor.

    Returns:
      Whether that is possible: on a single CPU device; elsewhere types do not tell where a program runs.

    Source: specs/command_line.md CLI-54.
    """
    global _shelf
    if jax.default_backend() != "cpu" or jax.device_count() != 1:
        return False
    try:
        _shelf = Shelf(folder)
        _shelf.read_ahead()
    except OSError:
        return False
    return True


def is_keeping() -> bool:
    """Whether programs are kept."""
    return _shelf is not None


class Kept(Generic[R]):
    """A compiled function whose programs can outlive the process.

    Args:
      function: what was compiled; kept only if its name tells all about it, so not if it is a closure.
      evaluate: (*arguments, **static) -> result, as `jax.jit` makes it.
      compiled: (*arguments, **static) -> the program for such arguments.
    """

    def __init__(
        self, function: Callable[..., R], evaluate: Callable[..., R], compiled: Callable[..., Any]
    ) -> None:
        functools.update_wrapper(self, function)
        self._name = f"{function.__module__}.{function.__qualname__}"
        self._evaluate = evaluate
        self._compiled = compiled
        self._programs: dict[str, Any] = {}

    def __call__(self, *args: Any, **static: Any) -> R:
        """Evaluate the function."""
        if _shelf is None or "<" in self._name or is_traced(args):
            return self._evaluate(*args, **static)
        name = _shelf.name(self._name, _types(args, static))
        if name not in self._programs:
            return self._first(_shelf, name, args, static)
        result: R = self._programs[name](*args)
        return result

    def _first(self, shelf: Shelf, name: str, args: Any, static: dict[str, Any]) -> R:
        """Evaluate the function by a program that was kept; if none runs, compile and keep it."""
        program = shelf.get(name)
        if program is not None:
            with contextlib.suppress(jax.errors.JaxRuntimeError):  # if memory is short, it will be so again
                kept: R = program(*args)
                self._programs[name] = program
                return kept
        program = self._compiled(*args, **static)
        shelf.put(name, program)
        self._programs[name] = program
        result: R = program(*args)
        return result


def kept_jit(function: Callable[..., R]) -> Kept[R]:
    """`jax.jit` of a function of arrays, whose programs are kept where a command wants that."""
    jitted = jax.jit(function)
    return Kept(function, jitted, lambda *args: jitted.lower(*args).compile())


def _types(args: Any, static: dict[str, Any]) -> bytes:
    """All that a program depends on besides its function: structure, shapes and types, static values."""
    leaves, structure = jax.tree.flatten(args)
    widest = jax.dtypes.canonicalize_dtype(float)
    types = repr(([jax.typeof(x) for x in leaves], sorted(static.items()), widest))
    return pickle.dumps(structure) + types.encode()
