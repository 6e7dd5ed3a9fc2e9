"""A function of an experiment, compiled for each precision; `simulate` and `trace` are such functions."""

import contextlib
import functools
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxbragg.backend import on_accelerator
from jaxbragg.compile_ahead import compiled_meanwhile
from jaxbragg.config.experiment import Experiment
from jaxbragg.config.tree import is_concrete
from jaxbragg.kept_jit import is_keeping
from jaxbragg.packing import Packed, pack, unpacked
from jaxbragg.pairs.pair import is_pair, split_tree
from jaxbragg.pairs.replay import in_pairs
from jaxbragg.precision import Precision, jit_for_this_processor, widen
from jaxbragg.simulation.setup import Setup, prepare, prepare_on_host, types_of_setup
from jaxbragg.traced import is_traced


class Inputs(NamedTuple):
    """An experiment and what no pixel changes in it, in the types of one precision."""

    experiment: Experiment
    setup: Setup | Packed


def with_setup(experiment: Experiment, setup: Any, precision: Precision) -> Inputs:
    """Bring an experiment into the types of a precision, where its setup is known in these types."""
    if precision.pairs:
        return Inputs(split_tree(experiment), setup)
    with jax.enable_x64(True):
        return Inputs(widen(experiment), setup)


def inputs(experiment: Experiment, precision: Precision, stacked: bool = False) -> Inputs:
    """Bring an experiment into the types of a precision: float64, or pairs of float32.

    What no pixel changes is computed in float64 where numbers are known; a program in pairs that is traced
    by the caller computes that in pairs too, and has no float64 operation.

    Args:
      experiment: one, or several that are stacked.
      precision: the policy.
      stacked: whether they are.
    """
    known = all(is_concrete(leaf) for leaf in jax.tree.leaves(experiment))
    if not precision.pairs:
        with jax.enable_x64(True):
            wide = widen(experiment)
            if known and on_accelerator():
                return Inputs(wide, prepare_on_host(wide, stacked))
            return Inputs(wide, (_prepare_stack if stacked else prepare)(wide))
    parts = split_tree(experiment)
    if not known:
        return Inputs(parts, _prepare_in_pairs(parts))
    with jax.enable_x64(True):
        return Inputs(parts, split_tree(prepare_on_host(widen(experiment), stacked).unpack()))


def compiles_on_host() -> bool:
    """Whether programs are compiled for the host when first needed, so that one can be compiled ahead."""
    compiles: bool = not jax.config.jax_disable_jit  # type: ignore[attr-defined]
    return compiles and not on_accelerator() and not is_keeping()


_prepare_in_pairs = jax.jit(in_pairs(prepare))
_prepare_stack = jax.jit(jax.vmap(prepare))


class Program:
    """A function of an experiment, compiled.

    Args:
      function: (experiment, setup, *others, precision) -> pytree, written in float64.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        def in_precision(given: Inputs, *others: Any, precision: Precision) -> Any:
            given = unpacked(given)
            evaluate = functools.partial(function, precision=precision)
            if not precision.pairs:
                return evaluate(*given, *others)
            results = in_pairs(evaluate)(*given, *others)
            return jax.tree.map(lambda x: x.hi if is_pair(x) else x, results, is_leaf=is_pair)

        def of_packed(packed: Packed, *, precision: Precision) -> Any:
            return in_precision(*packed.unpack(), precision=precision)

        in_precision.__module__, in_precision.__qualname__ = function.__module__, function.__qualname__
        self._inside = jax.jit(in_precision, static_argnames="precision")
        self._alone = jit_for_this_processor(in_precision, static_argnames="precision")
        self._alone_of_packed = jit_for_this_processor(of_packed, static_argnames="precision")
        self._stacked = jit_for_this_processor(
            lambda given, *, precision: jax.vmap(functools.partial(in_precision, precision=precision))(given),
            static_argnames="precision",
        )
        self._seen: set[Any] = set()
        self._compiled_stacks: dict[Any, tuple[jax.stages.Compiled, float]] = {}

    def __call__(self, experiment: Experiment, *others: Any, precision: Precision) -> Any:
        """Evaluate the function for an experiment as the user has it.

        Args:
          experiment: of any floating types.
          *others: further arrays, of 32 bits or fewer.
          precision: the policy.
        """
        with self._compiled_meanwhile(experiment, others, precision):
            given = inputs(experiment, precision)
        return self.of(given, *others, precision=precision)

    @contextlib.contextmanager
    def _compiled_meanwhile(
        self, experiment: Experiment, others: tuple[Any, ...], precision: Precision
    ) -> Iterator[None]:
        """Compile the program while its inputs are prepared, the first time that it gets such inputs."""
        leaves, structure = jax.tree.flatten((experiment, others))
        kind = (precision, structure, *map(np.shape, leaves))
        if kind in self._seen or precision.pairs or not compiles_on_host() or is_traced(leaves):
            yield
            return
        self._seen.add(kind)
        with jax.enable_x64(True):
            wide = widen(experiment)
            given = Inputs(wide, types_of_setup(wide))

        def compile_it() -> None:
            with jax.enable_x64(True):  # a setting of each thread
                self._alone.compiled(given, *others, precision=precision)

        with compiled_meanwhile(compile_it):
            yield

    def of(self, given: Inputs, *others: Any, precision: Precision) -> Any:
        """Evaluate the function for an experiment that has the types of the precision."""
        with jax.enable_x64(not precision.pairs):
            if is_traced((given, others)):
                return self._inside(given, *others, precision=precision)
            if on_accelerator():
                return self._alone_of_packed(pack((given, *others)), precision=precision)
            return self._alone(given, *others, precision=precision)

    def compiled_batch(
        self, stacked: Experiment, *, precision: Precision
    ) -> tuple[Callable[[Experiment], Any], float]:
        """The program of several experiments at a time.

        Args:
          stacked: as many experiments, stacked leaf by leaf, with numbers that are known.
          precision: the policy.

        Returns:
          What evaluates the function for such a stack, or for the one experiment of it without the axis of
          the stack; and the bytes that it holds meanwhile, with the results of the turn before, NaN where the
          backend does not tell.
        """
        leaves, structure = jax.tree.flatten(stacked)
        alone = len(leaves[0]) == 1  # a stack of one costs more than what it holds
        program = self._alone if alone else self._stacked

        def given(stacked: Experiment) -> Inputs:
            if alone:
                return inputs(jax.tree.map(lambda x: x[0], stacked), precision)
            return inputs(stacked, precision, stacked=True)

        key = (precision, structure, *((np.shape(x), np.result_type(x)) for x in leaves))
        if key not in self._compiled_stacks:
            first = given(stacked)
            with jax.enable_x64(not precision.pairs):
                compiled = program.compiled(first, precision=precision)
            self._compiled_stacks[key] = compiled, _bytes_held(compiled)
        compiled, held = self._compiled_stacks[key]

        def evaluate(stacked: Experiment) -> Any:
            with jax.enable_x64(not precision.pairs):
                return compiled(given(stacked))

        return evaluate, held


def _bytes_held(compiled: Any) -> float:
    """Inputs, temporary arrays and two turns' results of a compiled program; NaN where nobody tells."""
    plan = compiled.memory_analysis()
    if plan is None:
        return math.nan
    held: float = plan.argument_size_in_bytes + plan.temp_size_in_bytes + 2 * plan.output_size_in_bytes
    return held
