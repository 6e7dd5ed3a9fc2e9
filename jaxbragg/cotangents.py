"""Arrays whose cotangents one kernel writes together."""

from collections.abc import Sequence
from typing import Any

import jax
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from jaxbragg.shapes import Array
from jaxbragg.together import together


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


def _unchanged(*arrays: Any) -> list[Any]:
    return list(arrays)


def _derived(primals: Sequence[Array], tangents: Sequence[Any]) -> tuple[list[Array], list[Any]]:
    return _bind(*primals), _bind(*map(ad.instantiate_zeros, tangents))


def _transposed(cotangents: Sequence[Any], *arrays: Any) -> list[Any]:
    del arrays
    written: list[Any] = together(list(map(ad.instantiate_zeros, cotangents)))
    return written


def _batched(arrays: Sequence[Array], axes: Sequence[int | None]) -> tuple[list[Array], Sequence[int | None]]:
    return _bind(*arrays), axes


_tangents_p.def_impl(_unchanged)  # type: ignore[no-untyped-call]
_tangents_p.def_abstract_eval(_unchanged)  # type: ignore[no-untyped-call]
ad.primitive_jvps[_tangents_p] = _derived
ad.primitive_transposes[_tangents_p] = _transposed
batching.primitive_batchers[_tangents_p] = _batched
mlir.register_lowering(_tangents_p, mlir.lower_fun(_unchanged, multiple_results=True))
