"""Programs of single numbers that XLA for CPUs compiles as one function.

It otherwise makes a kernel of nearly every number that several others need, and compiling so many takes
longer than all that pixels need. Small loops it makes one function of; calls it does for the same mark.
"""

import functools
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, TypeVar

import jax
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir
from jaxlib.mlir import ir

R = TypeVar("R")

MARK = {"xla_cpu_small_call": "true", "inlineable": "false"}
"""What XLA writes on small loops, and what keeps it from inlining a call before."""

IS_READ = version("jaxlib").startswith("0.10.")
"""Whether this release of jaxlib is known to read the mark so; others are not told."""


def jit_as_one_function(function: Callable[..., R], **how: Any) -> Callable[..., R]:
    """`jax.jit` of a function, which is one function on a CPU inside another program, as is each derivative.

    For few numbers, as nothing in it is shared between cores, and without lookups and sorting, which XLA
    makes kernels of only.

    Args:
      function: to be compiled.
      **how: further arguments of `jax.jit`.
    """
    name = f"{function.__module__}.{function.__qualname__}".replace(".", "_")

    @functools.wraps(function)
    def named(*args: Any, **static: Any) -> R:
        return function(*args, **static)

    named.__name__ = name
    jitted = jax.jit(named, **how)

    def marked(*args: Any, **static: Any) -> R:
        results = jitted(*jax.tree.map(lambda x: _bind(_entered_p, x, name), args), **static)
        same: R = jax.tree.map(lambda x: _bind(_left_p, x, name), results)
        return same

    return marked


def _bind(primitive: Primitive, x: Any, name: str) -> Any:
    """A number that goes into the function of this name, or comes out of it."""
    return primitive.bind(x, name=name) if isinstance(x, jax.core.Tracer) else x  # type: ignore[no-untyped-call]


def _unchanged(x: Any, *, name: str) -> Any:
    del name
    return x


def _mark_call(context: Any, value: Any, *, name: str) -> Sequence[Any]:
    """Mark the call of the function, if it is what returns the value, and not what has passed through it."""
    del context
    call = value.owner
    if IS_READ and getattr(call, "name", None) == "func.call":
        if ir.FlatSymbolRefAttr(call.attributes["callee"]).value.startswith(name):
            mark: dict[str, ir.Attribute] = {key: ir.StringAttr.get(text) for key, text in MARK.items()}
            call.attributes["mhlo.frontend_attributes"] = ir.DictAttr.get(mark)
    return [value]


def _define(primitive: Primitive, transposed: Primitive) -> None:
    def transpose(cotangent: Any, *, name: str) -> list[Any]:
        return [transposed.bind(cotangent, name=name)]  # type: ignore[no-untyped-call]

    primitive.def_impl(_unchanged)  # type: ignore[no-untyped-call]
    primitive.def_abstract_eval(_unchanged)  # type: ignore[no-untyped-call]
    ad.deflinear(primitive, transpose)  # type: ignore[no-untyped-call]
    batching.defvectorized(primitive)  # type: ignore[no-untyped-call]
    mlir.register_lowering(primitive, mlir.lower_fun(_unchanged, multiple_results=False))


_entered_p, _left_p = Primitive("entered"), Primitive("left")
# the transposed function returns the cotangents of what the function takes
_define(_entered_p, _left_p)
_define(_left_p, _entered_p)
mlir.register_lowering(_left_p, _mark_call, platform="cpu", cacheable=False)
