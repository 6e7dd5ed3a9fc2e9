"""One setting for all tests: CPU but for `-m gpu`, quick compilation, no silent mixing of dtypes or ranks.

float64 is not enabled globally: the library must not need it. Tests that want doubles say so.

Nearly all the time of these tests is XLA compiling some hundred small programs that run once, so its costly
passes are off. Set XLA_FLAGS yourself (to nothing, say) to test the code that users run; results agree to
rounding, and README's commands, which CI runs too, use the defaults. Slow tests compare the trace with the
image in every case and to the last digits; without any optimization XLA orders the operations of the two
differently, so they get a little of it.
"""

import os
import shutil
import tempfile
from importlib.metadata import version
from typing import Any

import jax
import pytest

QUICK = ("--xla_llvm_disable_expensive_passes=true", "--xla_cpu_use_fusion_emitters=false")

SHARED = "JAXBRAGG_TEST_PROGRAMS"
"""Names the folder of the programs to the processes that pytest-xdist starts."""

WORTH_SHARING_S = 0.3
"""What takes less time to compile is not written."""

jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the processor, and set the flags, which XLA reads when it compiles for the first time."""
    if config.option.markexpr != "gpu":
        jax.config.update("jax_platforms", "cpu")
    level = 0 if "not slow" in config.option.markexpr else 1
    if version("jaxlib").startswith("0.10."):  # XLA ends the process when it does not know a flag
        flags = (f"--xla_backend_optimization_level={level}", *QUICK)
        os.environ.setdefault("XLA_FLAGS", " ".join(flags))
    if hasattr(config, "workerinput"):
        jax.config.update("jax_compilation_cache_dir", os.environ[SHARED])
        jax.config.update("jax_persistent_cache_min_compile_time_secs", WORTH_SHARING_S)
    else:
        os.environ[SHARED] = tempfile.mkdtemp()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A process with nothing left to do takes over tests of another: some take a hundred times as long."""
    if config.option.dist != "load":  # somebody has chosen another way
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the programs when all processes have ended."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[SHARED], ignore_errors=True)
