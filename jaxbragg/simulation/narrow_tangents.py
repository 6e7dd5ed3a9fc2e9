"""Tangents in a narrower dtype than the values they belong to.

An index needs double precision because it is multiplied with the number of cells. Its derivative is a number
like any other: evaluated in the dtype of the sum over domains it takes half the memory and half the time.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from jaxbragg.tangents import moving, tangent_of


def with_tangents(
    function: Callable[..., Any], smooth: Callable[..., Any], narrow: DTypeLike
) -> Callable[..., Any]:
    """A function whose derivatives are those of another one, evaluated in the narrow dtype.

    Args:
      function: pytrees of arrays -> pytree of arrays; what differs between pixels gets the shape of all.
      smooth: the same function of the same arguments, for derivatives; its dtypes follow the arguments'.
      narrow: dtype of tangents.
    """

    @jax.custom_jvp
    def evaluated(*primals: Any) -> Any:
        values = function(*primals)
        pixels = _common_shape(values)
        return jax.tree.map(lambda x: jnp.broadcast_to(x, pixels) if jnp.ndim(x) else x, values)

    def rule(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
        values = evaluated(*primals)
        pixels = _common_shape(values)
        dots, here = jax.tree.map(lambda x: _for_pixels(x, pixels, narrow), (moving(tangents), primals))
        return values, jax.tree.map(_like, tangent_of(smooth, here, dots), values)

    evaluated.defjvp(rule, symbolic_zeros=True)
    return evaluated


def _common_shape(tree: Any) -> tuple[int, ...]:
    return jnp.broadcast_shapes(*(jnp.shape(x) for x in jax.tree.leaves(tree)))


def _for_pixels(x: Any, pixels: tuple[int, ...], dtype: DTypeLike) -> Any:
    """A floating array in another dtype; a number that pixels share, for each of their rows.

    The transpose of a broadcast is a sum: over rows it is thus formed in the wider dtype. Doing so for every
    pixel takes three times as long.
    """
    if not jnp.issubdtype(jnp.result_type(x), jnp.floating):
        return x
    if jnp.ndim(x) == 0:
        x = jnp.broadcast_to(x, tuple(1 if axis else size for axis, size in enumerate(pixels)))
    return jnp.asarray(x).astype(dtype)


def _like(dot: Any, value: Any) -> Any:
    """A tangent as its value wants it: of the same dtype, and one where all pixels share the value."""
    if not jnp.issubdtype(value.dtype, jnp.floating):
        return dot
    same = dot.reshape(-1)[0] if value.ndim < dot.ndim else jnp.broadcast_to(dot, value.shape)
    return same.astype(value.dtype)
