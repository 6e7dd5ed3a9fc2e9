"""What of a function of pixels all pixels share, evaluated outside the kernel that visits the pixels."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
from jax.extend.core import Jaxpr, Literal

from jaxbragg.inlined import inlined
from jaxbragg.pairs.equations import Equation, as_it_is
from jaxbragg.shapes import Array


class Hoisted(NamedTuple):
    """A function of blocks of pixels in two parts.

    Attributes:
      numbers: what the rest needs of all that does not depend on the blocks, each ().
      rest: the program of everything else; its constants are the numbers, its arguments the blocks.
      structure: pytree of its results.
    """

    numbers: list[Array]
    rest: Jaxpr
    structure: Any


def hoisted(function: Callable[..., Any], *blocks: jax.ShapeDtypeStruct, platform: str) -> Hoisted:
    """Evaluate what a function does with other than its arguments.

    Args:
      function: of blocks of pixels of one shape, which it shares with nothing else; made of plain operations,
        without loops; results have that shape.
      *blocks: its arguments' types.
      platform: of the kernel.
    """
    closed, shapes = jax.make_jaxpr(inlined(function, platform), return_shape=True)(*blocks)
    program = closed.jaxpr
    known = dict(zip(program.constvars, closed.consts, strict=True))
    later = []

    def value(of: Any) -> Any:
        return of.val if isinstance(of, Literal) else known[of]

    for equation in program.eqns:
        shared = all(isinstance(of, Literal) or of in known for of in equation.invars)
        if shared and not any(_is_block(of, blocks) for of in equation.outvars):
            known.update(zip(equation.outvars, as_it_is(equation, *map(value, equation.invars)), strict=True))
        else:
            later.append(equation)
    later = _needed(later, program.outvars)
    names = [*program.outvars, *(of for equation in later for of in equation.invars)]
    taken = list(dict.fromkeys(of for of in names if not isinstance(of, Literal) and of in known))
    rest = program.replace(constvars=taken, eqns=later)
    return Hoisted([known[of] for of in taken], rest, jax.tree.structure(shapes))


def _is_block(name: Any, blocks: tuple[jax.ShapeDtypeStruct, ...]) -> bool:
    return any(name.aval.shape == block.shape for block in blocks)


def _needed(equations: list[Equation], results: list[Any]) -> list[Equation]:
    """Those on which results depend, one result after the other: few values are kept at a time then."""
    origin = {of: equation for equation in equations for of in equation.outvars}
    ordered: dict[int, Equation] = {}

    def need(of: Any) -> None:
        equation = None if isinstance(of, Literal) else origin.get(of)
        if equation is None or id(equation) in ordered:
            return
        for operand in equation.invars:
            need(operand)
        ordered[id(equation)] = equation

    for result in results:
        need(result)
    return list(ordered.values())
