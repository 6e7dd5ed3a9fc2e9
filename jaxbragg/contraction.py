"""Arithmetic of an NVIDIA GPU that Pallas leaves unused: fused multiply-adds, and rounding.

Triton as JAX calls it neither contracts a·b + c into one operation, which costs a sum over domains a third
of its time, nor knows the rounding that the processor does in one instruction. The function that is to become
part of a kernel is therefore traced, and its operations are replayed with these in their place.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jax.experimental.pallas import triton
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

from jaxbragg.shapes import Array


def contracted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Evaluate a function inside a kernel with the processor's own rounding and multiply-adds.

    Args:
      function: of pytrees of blocks and single numbers of one type, made of plain operations, without loops
        or branches.

    Source: specs/precision.md PREC-9.
    """

    def evaluated(*args: Any) -> Any:
        closed, shapes = jax.make_jaxpr(function, return_shape=True)(*args)
        results = _Replay().of(closed.jaxpr, [*closed.consts, *jax.tree.leaves(args)])
        return jax.tree.unflatten(jax.tree.structure(shapes), results)

    return evaluated


class _Replay:
    """One evaluation of a traced function.

    Attributes:
      products: factors of every product that was formed, with the product, by its identity.
    """

    def __init__(self) -> None:
        self.products: dict[int, tuple[Any, Any, Any]] = {}

    def of(self, program: Jaxpr, values: Sequence[Any]) -> list[Any]:
        """Results of a program for the values of its constants and arguments."""
        known = dict(zip([*program.constvars, *program.invars], values, strict=True))

        def read(of: Any) -> Any:
            return of.val if isinstance(of, Literal) else known[of]

        for equation in program.eqns:
            results = self._evaluate(equation, [read(of) for of in equation.invars])
            known.update(zip(equation.outvars, results, strict=True))
        return [read(of) for of in program.outvars]

    def _evaluate(self, equation: Any, operands: list[Any]) -> list[Any]:
        inner = equation.params.get("jaxpr", equation.params.get("call_jaxpr"))
        if isinstance(inner, ClosedJaxpr):
            return self.of(inner.jaxpr, [*inner.consts, *operands])
        shape = equation.outvars[0].aval.shape
        name = equation.primitive.name
        if name == "round" and not shape:
            # the instruction is for blocks; halves downwards are as near
            return [jax.lax.ceil(operands[0] - 0.5)]
        if name in self._RULES and shape:
            return [self._RULES[name](self, shape, *operands)]
        results = equation.primitive.bind(*operands, **equation.params)
        return list(results) if equation.primitive.multiple_results else [results]

    def _round(self, shape: tuple[int, ...], x: Array) -> Array:
        return _instruction("cvt.rni.{0}.{0} $0, $1;", shape, x)

    def _multiply(self, shape: tuple[int, ...], x: Any, y: Any) -> Array:
        product: Array = jax.lax.mul(*_blocks(shape, x, y))
        self.products[id(product)] = product, x, y
        return product

    def _add(self, shape: tuple[int, ...], x: Any, y: Any) -> Array:
        for product, rest in ((x, y), (y, x)):
            if id(product) in self.products:
                _, a, b = self.products[id(product)]
                return _multiply_add(shape, a, b, rest)
        return jax.lax.add(*_blocks(shape, x, y))

    def _subtract(self, shape: tuple[int, ...], x: Any, y: Any) -> Array:
        if id(y) in self.products:
            _, a, b = self.products[id(y)]
            return _multiply_add(shape, jax.lax.neg(a), b, x)
        if id(x) in self.products:
            _, a, b = self.products[id(x)]
            return _multiply_add(shape, a, b, jax.lax.neg(y))
        return jax.lax.sub(*_blocks(shape, x, y))

    _RULES: ClassVar[dict[str, Callable[..., Array]]] = {
        "round": _round,
        "mul": _multiply,
        "add": _add,
        "sub": _subtract,
    }


def _multiply_add(shape: tuple[int, ...], a: Any, b: Any, c: Any) -> Array:
    return _instruction("fma.rn.{0} $0, $1, $2, $3;", shape, a, b, c)


def _instruction(text: str, shape: tuple[int, ...], *operands: Any) -> Array:
    """One instruction for every element of a block."""
    blocks = _blocks(shape, *operands)
    dtype = blocks[0].dtype
    kind, register = ("f64", "d") if dtype == jnp.float64 else ("f32", "f")
    [result] = triton.elementwise_inline_asm(
        text.format(kind),
        args=blocks,
        constraints=",".join([f"={register}", *[register] * len(blocks)]),
        pack=1,
        result_shape_dtypes=[jax.ShapeDtypeStruct(shape, dtype)],  # type: ignore[no-untyped-call]
    )
    return result


def _blocks(shape: tuple[int, ...], *operands: Any) -> list[Array]:
    return [jnp.broadcast_to(x, shape) for x in operands]
