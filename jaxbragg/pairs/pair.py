"""A number as the sum of two float32: one rounded to single precision, and what the rounding left over."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg.shapes import Array


class Pair(NamedTuple):
    """The unevaluated sum hi + lo, good to about 2⁻⁴⁶; both float32 and of one shape.

    Its derivative is that of hi alone; lo counts as constant.

    Attributes:
      hi: the number rounded to float32. An infinity or NaN is in here.
      lo: the rest, at most half a unit in the last place of hi; no meaning where hi is not finite.
    """

    hi: Array
    lo: Array


def is_pair(x: Any) -> bool:
    """Whether this is a number in two parts; a leaf for `jax.tree.map`."""
    return isinstance(x, Pair)


def split(x: Any) -> Pair:
    """A floating number or array in two parts: on the host where its digits are there, float64 or not."""
    if isinstance(x, jax.core.Tracer):
        hi: Array = x.astype(jnp.float32)
        if x.dtype != jnp.float64:
            return Pair(hi, jnp.zeros_like(hi))
        return Pair(hi, jax.lax.stop_gradient(x - hi.astype(x.dtype)).astype(jnp.float32))
    whole = np.asarray(x, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = whole.astype(np.float32)
        rest = np.where(np.isfinite(rounded), whole - rounded, 0.0).astype(np.float32)
    return Pair(rounded, rest)  # type: ignore[arg-type]  # stay on the host until a program takes them all


def split_tree(tree: Any) -> Any:
    """Split every floating leaf."""
    return jax.tree.map(lambda leaf: split(leaf) if _is_floating(leaf) else leaf, tree)


def _is_floating(leaf: Any) -> bool:
    return jnp.issubdtype(jnp.result_type(leaf), jnp.floating)


def renormalized(hi: Array, lo: Array) -> Pair:
    """The sum hi + lo, |lo| well below |hi|, as a pair; lo is dropped where it is not finite."""
    lo = jnp.where(jnp.abs(lo) < jnp.inf, lo, 0.0)
    total = hi + lo
    return Pair(total, lo - (total - hi))


def operation(plain: Callable[..., Array]) -> Callable[[Callable[..., Pair]], Callable[..., Pair]]:
    """Give a function of pairs the derivative of its counterpart in single precision.

    Derivatives need no more digits than single precision has; and what the digits of lo are computed from
    (masks, roundings) has no derivative.

    Args:
      plain: the same function of float32 arrays.
    """

    def with_derivative(function: Callable[..., Pair]) -> Callable[..., Pair]:
        differentiable: Any = jax.custom_jvp(function)

        def rule(primals: tuple[Pair, ...], tangents: tuple[Pair, ...]) -> tuple[Pair, Pair]:
            _, slope = jax.jvp(plain, tuple(x.hi for x in primals), tuple(t.hi for t in tangents))
            return differentiable(*primals), Pair(slope, jnp.zeros_like(slope))

        differentiable.defjvp(rule)

        def alone(*operands: Pair) -> Pair:
            result: Pair = differentiable(*operands)
            return Pair(*map(_apart, result)) if result.hi.size < FEW else result

        # traced once for every shape: programs have hundreds of these
        compiled: Callable[..., Pair] = jax.jit(alone)
        return compiled

    return with_derivative


FEW = 2048
"""Numbers of an array that is not one of pixels."""


def _apart(x: Array) -> Array:
    """The value itself, divided by one.

    A compiler that does not see the one takes the result for costly, and will not compute it again for every
    use. Long chains of operations on few numbers would otherwise be fused into kernels a thousand operations
    long, which takes minutes.
    """
    return x / jax.lax.stop_gradient(jnp.where(jnp.isnan(x), x, 1.0))
