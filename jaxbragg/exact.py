"""Double-precision arithmetic that XLA leaves as written.

The number of unit cells in a sample is the ceiling of a quotient of lengths; a sample of exactly ten cells
has ten or eleven by the last bit of a chain of products. XLA changes such bits: it contracts a·b+c into one
operation, turns x/constant and x/√y into products, and (a/b)/c into a/(b·c). A select after each operation
stops it.
For the few numbers that no pixel changes; pixels do not need it. There are some two hundred such operations:
the select is written when a program is lowered, so that nothing traces, derives or batches it.
"""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax import lax
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from jaxbragg.shapes import Array

_rounded_p = Primitive("rounded")


def rounded(x: Array) -> Array:
    """The value itself, rounded to its type before anything else happens to it."""
    value: Array = _rounded_p.bind(jnp.asarray(x))  # type: ignore[no-untyped-call]
    return value


def _unchanged(x: Any) -> Any:
    return x


def _tangent(primals: Sequence[Array], tangents: Sequence[Any]) -> tuple[Array, Any]:
    return rounded(*primals), tangents[0]


def _batched(arrays: Sequence[Array], axes: Sequence[int]) -> tuple[Array, int]:
    return rounded(*arrays), axes[0]


def _selected(x: Array) -> Array:
    return lax.select(lax.ne(x, x), lax.full_like(x, jnp.nan), x)


_rounded_p.def_impl(_unchanged)  # type: ignore[no-untyped-call]
_rounded_p.def_abstract_eval(_unchanged)  # type: ignore[no-untyped-call]
ad.primitive_jvps[_rounded_p] = _tangent
batching.primitive_batchers[_rounded_p] = _batched
mlir.register_lowering(_rounded_p, mlir.lower_fun(_selected, multiple_results=False))


def product(first: Array, *others: Array) -> Array:
    """Product from left to right, rounded at every step."""
    for factor in others:
        first = rounded(first * factor)
    return first


def quotient(x: Array, y: Array) -> Array:
    """x/y, rounded."""
    return rounded(x / y)


def over_constant(x: Array, constant: float) -> Array:
    """x/constant by a division, which XLA would replace by a multiplication."""
    return rounded(x / jnp.where(jnp.isnan(x), 1.0, constant))
