"""One over a square root, in double precision.

A processor takes four to ten times as long for a division or a root as for a product, and XLA for CPUs gives
each a kernel of its own where several results need it. Two steps from a guess are a dozen products and sums
that fuse with everything else.
"""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from jaxbragg.shapes import Array

_inverse_root_p = Primitive("inverse_root")


def inverse_root(x: Array) -> Array:
    """x^(-1/2), to 2⁻⁵¹ of it in double precision.

    Args:
      x: positive, float64 or float32. Of an infinity or NaN comes NaN; of zero a huge number where the steps
        are taken, compiled for a CPU, and NaN elsewhere.

    Source: specs/precision.md PREC-9.
    """
    value: Array = _inverse_root_p.bind(x)  # type: ignore[no-untyped-call]
    return value


def by_division(x: Array) -> Array:
    """The same as JAX's own operations."""
    with jax.enable_x64(True):  # a program with float64 may be lowered where it is not enabled
        return jnp.sqrt(x) * (1.0 / x)  # the division need not wait for the root


def _by_steps(x: Array) -> Array:
    """Two steps of fourth order from half the exponent; in single precision, a division."""
    if x.dtype != jnp.float64:
        return by_division(x)
    with jax.enable_x64(True):
        half = jax.lax.bitcast_convert_type(x, jnp.int64) >> 1
        guess = jax.lax.bitcast_convert_type(_GUESS - half, jnp.float64)
        return _step(x, _step(x, guess))


_GUESS = 0x5FE6EB50C7B537A9
"""From which half the bits of x are taken: the guess has a relative error of at most 1/29."""


def _step(x: Array, y: Array) -> Array:
    """A better y from the Taylor series of (1 - r)^(-1/2), where x y² = 1 - r: an error of r⁴ · 35/128."""
    r = 1.0 - (x * y) * y
    return y + (y * r) * (0.5 + r * (0.375 + r * 0.3125))


def _tangent(primals: Sequence[Array], tangents: Sequence[Array]) -> tuple[Array, Array]:
    """Without another root or division."""
    y = inverse_root(*primals)
    return y, (-0.5 * y * y * y) * tangents[0]


def _value(x: Any) -> Any:
    return by_division(jnp.asarray(x))


def _same_type(x: Any) -> Any:
    return x


_inverse_root_p.def_impl(_value)  # type: ignore[no-untyped-call]
_inverse_root_p.def_abstract_eval(_same_type)  # type: ignore[no-untyped-call]
ad.primitive_jvps[_inverse_root_p] = _tangent
batching.defvectorized(_inverse_root_p)  # type: ignore[no-untyped-call]
mlir.register_lowering(_inverse_root_p, mlir.lower_fun(by_division, multiple_results=False))
mlir.register_lowering(_inverse_root_p, mlir.lower_fun(_by_steps, multiple_results=False), platform="cpu")
