"""Compiled programs, kept between runs of the command so that the next one starts at once.

Only the command does this, and only if it is the one that starts JAX; the library leaves the settings of its
caller alone. Rules: specs/command_line.md CLI-54.
"""

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

from jaxbragg.cli.lasting import lasting


def start_jax(*, keep_compiled: bool, by_jax: bool = False) -> None:
    """Import JAX, with a cache of compiled programs in the user's cache folder.

    Args:
      keep_compiled: whether to use it. A folder that the user has chosen for JAX is respected.
      by_jax: use JAX's own persistent cache, which keeps every program but only after tracing it; otherwise
        that of this package (jaxbragg/kept_jit.py). Not both: what JAX reads cannot be kept anew.

    Source: specs/command_line.md CLI-54.
    """
    if "jax" in sys.modules:
        return
    with lasting():
        import jax

    settings: Any = jax.config
    if not keep_compiled or settings.jax_compilation_cache_dir is not None:
        return
    folder = cache_folder(jax.__version__)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        return
    if not by_jax and _keep_here(folder):
        return
    settings.update("jax_compilation_cache_dir", str(folder))
    settings.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    settings.update("jax_persistent_cache_min_entry_size_bytes", -1)


def _keep_here(folder: Path) -> bool:
    """Use this package's cache, if it can be used."""
    from jaxbragg.kept_jit import keep_in

    return keep_in(folder / "programs")


def cache_folder(version: str) -> Path:
    """Where compiled programs are kept: one folder for each version of JAX and kind of processor.

    Args:
      version: of JAX.
    """
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base, "jaxbragg", f"jax-{version}-{_processor()}")


def _processor() -> str:
    """A short name for what this processor can do; programs compiled on another one may not run."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            lines = [line for _, line in zip(range(40), file, strict=False)]
    except OSError:
        lines = []
    features = "".join(line for line in lines if line.startswith(("model name", "flags", "Features")))
    return hashlib.sha256((sys.platform + features).encode()).hexdigest()[:8]
