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
from jax.extend.core import Jaxpr

from jaxbragg.evaluated import evaluated
from jaxbragg.inlined import inlined
from jaxbragg.pairs.equations import Equation, as_it_is
from jaxbragg.shapes import Array


def contracted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Evaluate a function inside a kernel with the processor's own rounding and multiply-adds.

    Args:
      function: of pytrees of blocks and single numbers of one type, made of plain operations, without loops
        or branches.

    Source: specs/precision.md PREC-9.
    """

    def in_kernel(*args: Any) -> Any:
        closed, shapes = jax.make_jaxpr(inlined(function, "cuda"), return_shape=True)(*args)
        results = contracted_program(closed.jaxpr, closed.consts.__getitem__, jax.tree.leaves(args))
        return jax.tree.unflatten(jax.tree.structure(shapes), results)

    return in_kernel


def contracted_program(program: Jaxpr, constant: Callable[[int], Any], arguments: Sequence[Any]) -> list[Any]:
    """Evaluate a program of plain operations, likewise.

    Args:
      program: its operations.
      constant: number of a constant -> its value; read wherever it is used, so that none waits in a register.
      arguments: of the program.
    """
    return evaluated(program, constant, arguments, _Replay().step)


class _Replay:
    """One evaluation of a traced function.

    Attributes:
      products: factors of every product that was formed, with the product, by its identity.
    """

    def __init__(self) -> None:
        self.products: dict[int, tuple[Any, Any, Any]] = {}

    def step(self, equation: Equation, operands: list[Any]) -> list[Any]:
        """Results of one operation."""
        shape = equation.outvars[0].aval.shape
        name = equation.primitive.name
        if name == "round" and not shape:
            # the instruction is for blocks; halves downwards are as near
            return [jax.lax.ceil(operands[0] - 0.5)]
        if name in self._RULES and shape:
            return [self._RULES[name](self, shape, *operands)]
        return as_it_is(equation, *operands)

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
            return _multiply_add(shape, _negative(shape, a), b, x)
        if id(x) in self.products:
            _, a, b = self.products[id(x)]
            return _multiply_add(shape, a, b, _negative(shape, y))
        return jax.lax.sub(*_blocks(shape, x, y))

    _RULES: ClassVar[dict[str, Callable[..., Array]]] = {
        "round": _round,
        "mul": _multiply,
        "add": _add,
        "sub": _subtract,
    }


def _negative(shape: tuple[int, ...], x: Any) -> Array:
    """The negative of a block, of a number in a register, or of a constant, which must be a block first."""
    return jax.lax.neg(x if isinstance(x, jax.core.Tracer) else jnp.broadcast_to(x, shape))


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
