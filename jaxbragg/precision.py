"""The one place that says which dtype computes what (specs/precision.md).

Whatever global setting the caller uses, jaxbragg evaluates geometry in float64: `in_double` opens a local
float64 scope around a function and widens the floats that enter it. The caller's `jax_enable_x64` is neither
needed nor touched; jit, grad and vmap of the caller pass through.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from jaxbragg.kept_jit import Kept

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Precision:
    """Dtypes of one run.

    Attributes:
      name: as the user spells it.
      wide: geometry, scattering vectors and the fractional index of the unrotated domain.
      narrow: the loop over mosaic domains, and the image.
      pairs: whether wide numbers are computed as pairs of float32 (jaxbragg/pairs).
    """

    name: str
    wide: Any
    narrow: Any
    pairs: bool = False


PRECISIONS = {
    "float64": Precision("float64", jnp.float64, jnp.float64),
    "mixed": Precision("mixed", jnp.float64, jnp.float32),
    "float32": Precision("float32", jnp.float64, jnp.float32, pairs=True),
}
"""Precision policies by name."""


COMPILER_OPTIONS = {"xla_cpu_prefer_vector_width": 512}
"""Options for the outermost `jax.jit` around `simulate` on a CPU with 512-bit vectors.

XLA uses half of such vectors unless told otherwise. `simulate` sets this itself when called directly; JAX
does not let an inner function set it, so a caller's own `jax.jit` has to be given it.
"""


QUICK_OPTIONS = {
    "xla_cpu_use_fusion_emitters": False,
    "xla_backend_optimization_level": 0,
    "xla_cpu_parallel_codegen_split_count": 4,
}
"""Options for a program of many small kernels that run once: compiled in a fifth of the time (measured)."""


class ProcessorJit(Generic[R]):
    """What `jit_for_this_processor` makes of a function."""

    def __init__(self, function: Callable[..., R], options: dict[str, Any], how: dict[str, Any]) -> None:
        self._plain = functools.partial(jax.jit, function, **how)
        self._jitted = self._plain(compiler_options=options)
        functools.update_wrapper(self, function)
        self._kept = Kept(function, self._evaluate, self.compiled)

    def __call__(self, *args: Any, **static: Any) -> R:
        """Evaluate the function; arguments with a name are static."""
        return self._kept(*args, **static)

    def _evaluate(self, *args: Any, **kwargs: Any) -> R:
        """Evaluate the function as `jax.jit` does."""
        result: R = self._either(lambda: self._jitted(*args, **kwargs))
        return result

    def compiled(self, *args: Any, **kwargs: Any) -> jax.stages.Compiled:
        """The program for such arguments; to be called without the static ones."""
        program: jax.stages.Compiled = self._either(lambda: self._jitted.lower(*args, **kwargs).compile())
        return program

    def types(self, *args: Any, **static: Any) -> Any:
        """Shapes and types of what the function returns for such arguments."""
        return self._jitted.eval_shape(*args, **static)  # type: ignore[no-untyped-call]

    def _either(self, attempt: Callable[[], Any]) -> Any:
        """Try with the options, then for good without those that are not known."""
        try:
            return attempt()
        except jax.errors.JaxRuntimeError as error:
            if "No such compile option" not in str(error):
                raise
        self._jitted = self._plain()
        return attempt()


def jit_for_this_processor(
    function: Callable[..., R], options: dict[str, Any] = COMPILER_OPTIONS, **how: Any
) -> ProcessorJit[R]:
    """`jax.jit` with options of the compiler, or without them where this XLA does not know them.

    Options of XLA come and go; they only make a program faster.

    Args:
      function: to be compiled.
      options: of the compiler.
      **how: further arguments of `jax.jit`.
    """
    return ProcessorJit(function, options, how)


def widen(tree: Any) -> Any:
    """Cast every floating leaf to float64 (inside an x64 scope); what is on the host stays there."""
    return jax.tree.map(_widen_leaf, tree)


def _widen_leaf(leaf: Any) -> Any:
    if getattr(leaf, "dtype", None) == np.float64:
        return leaf
    if isinstance(leaf, jax.Array):
        return leaf.astype(jnp.float64) if jnp.issubdtype(leaf.dtype, jnp.floating) else leaf
    if isinstance(leaf, np.ndarray | np.generic | float):
        host = np.asarray(leaf)
        return host.astype(np.float64, copy=False) if np.issubdtype(host.dtype, np.floating) else leaf
    return leaf


def in_double(function: Callable[P, R]) -> Callable[P, R]:
    """Evaluate `function` with float64 enabled and floating arguments widened, whatever the caller set."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with jax.enable_x64(True):
            wide_args, wide_kwargs = widen((args, kwargs))
            return function(*wide_args, **wide_kwargs)

    return wrapped
