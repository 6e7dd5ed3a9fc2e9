"""Tangents in a narrower dtype than the values they belong to.

An index needs double precision because it is multiplied with the number of cells. Its derivative is a number
like any other: evaluated in the dtype of the sum over domains it takes half the memory and half the time.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero
from jax.typing import DTypeLike

from jaxbragg.simulation.domain_blocks import tangent_of


def with_tangents(
    function: Callable[..., Any], smooth: Callable[..., Any], narrow: DTypeLike
) -> Callable[..., Any]:
    """A function whose derivatives are those of another one, evaluated in the narrow dtype.

    Args:
      function: pytrees of arrays -> pytree of arrays.
      smooth: the same function of the same arguments, for derivatives; its dtypes follow the arguments'.
      narrow: dtype of tangents.
    """
    evaluated = jax.custom_jvp(function)

    def rule(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
        values = evaluated(*primals)
        dots = jax.tree.map(lambda x: None if isinstance(x, SymbolicZero) else _cast(x, narrow), tangents)
        narrow_dots = tangent_of(smooth, jax.tree.map(lambda x: _cast(x, narrow), primals), dots)
        return values, jax.tree.map(_like, narrow_dots, values)

    evaluated.defjvp(rule, symbolic_zeros=True)
    return evaluated


def _cast(x: Any, dtype: DTypeLike) -> Any:
    return jnp.asarray(x).astype(dtype) if jnp.issubdtype(jnp.result_type(x), jnp.floating) else x


def _like(dot: Any, value: Any) -> Any:
    return dot.astype(value.dtype) if jnp.issubdtype(value.dtype, jnp.floating) else dot
