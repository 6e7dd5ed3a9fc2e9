"""Arrays whose cotangents one kernel writes together."""

from collections.abc import Sequence
from typing import Any

import jax
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from jaxbragg.shapes import Array
from jaxbragg.together import in_front, together, unchanged


@jax.custom_jvp
def cotangents_together(tree: Any) -> Any:
    """The arrays themselves; in reverse mode, their cotangents are written by one kernel on a CPU.

    For arrays that many terms are computed from: what leads to the cotangent of one leads to those of the
    others, and would be evaluated for each, or stored between kernels (`together`).

    Args:
      tree: pytree of arrays of one shape.
    """
    return tree


@cotangents_together.defjvp
def _jvp(primals: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
    leaves, structure = jax.tree.flatten(tangents[0])
    return primals[0], jax.tree.unflatten(structure, _bind(*leaves))


_tangents_p = Primitive("cotangents_together")
_tangents_p.multiple_results = True


def _bind(*arrays: Array) -> list[Array]:
    same: list[Array] = _tangents_p.bind(*arrays)  # type: ignore[no-untyped-call]
    return same


def _derived(primals: Sequence[Array], tangents: Sequence[Any]) -> tuple[list[Array], list[Any]]:
    return _bind(*primals), _bind(*map(_array, tangents))


def _transposed(cotangents: Sequence[Any], *arrays: Any) -> list[Any]:
    asked = [ad.is_undefined_primal(x) for x in arrays]  # type: ignore[no-untyped-call]
    results = [x if is_asked else None for x, is_asked in zip(cotangents, asked, strict=True)]
    if all(isinstance(x, ad.Zero) for x in cotangents):
        return results
    written = iter(together([_array(x) for x in results if x is not None]))
    return [None if x is None else next(written) for x in results]


def _array(x: Any) -> Array:
    """A tangent or cotangent as an array, zeros too."""
    array: Array = ad.instantiate_zeros(x)  # type: ignore[no-untyped-call]
    return array


def _batched(arrays: Sequence[Array], axes: Sequence[int | None]) -> tuple[list[Array], list[int]]:
    return _bind(*in_front(arrays, axes)), [0] * len(arrays)


_tangents_p.def_impl(unchanged)  # type: ignore[no-untyped-call]
_tangents_p.def_abstract_eval(unchanged)  # type: ignore[no-untyped-call]
ad.primitive_jvps[_tangents_p] = _derived
ad.primitive_transposes[_tangents_p] = _transposed
batching.primitive_batchers[_tangents_p] = _batched
mlir.register_lowering(_tangents_p, mlir.lower_fun(unchanged, multiple_results=True))
