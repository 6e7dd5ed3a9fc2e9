"""Many experiments at a time: `python -m benchmarks.batch --output FILE.json`.

The same experiments are simulated one by one, by `jax.vmap(simulate)`, and by `simulate_batch`, in turns in
one process; the loop is the rival. It gives a list of images and the others one array, so the loop is timed
with `jnp.stack` too. The experiments differ in every geometric number, or in their tables as well.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxbragg as jb
from benchmarks.machine import describe_commit, describe_machine, load, now, use_cores
from benchmarks.ours import compiler_options
from benchmarks.run import statistics_of
from benchmarks.turns import timed, timed_for

CASES = (
    {"pixels": 512, "domains": 1, "table": 0},
    {"pixels": 512, "domains": 10, "table": 0},
    {"pixels": 512, "domains": 10, "table": 50},
    {"pixels": 1024, "domains": 1, "table": 0},
    {"pixels": 1024, "domains": 10, "table": 0},
)
"""Edge of the detector; mosaic domains; edge of the table of structure factors, 0 without."""


def main(words: Sequence[str] | None = None) -> dict[str, Any]:
    """Measure, print, save."""
    options = _parser().parse_args(words)
    use_cores(options.threads)
    if options.keep_memory and not jb.keep_memory():
        raise SystemExit("--keep-memory has no effect on this system")
    result: dict[str, Any] = {
        "date": now(),
        **describe_commit(),
        "machine": describe_machine(),
        "load_before": load(),
        "images": options.images,
        "keep_memory": options.keep_memory,
        "cases": [_race(case, options) for case in CASES[: options.cases]],
        "load_after": load(),
    }
    if options.output is not None:
        options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    add = parser.add_argument
    add("--images", type=int, default=8, help="experiments")
    add("--cases", type=int, help="only the first cases")
    add("--repeats", type=int, default=7, help="turns of every way")
    add("--turn-seconds", type=float, default=0.1, help="a turn is repeated calls for this time")
    add("--threads", type=int, default=2, help="cores")
    add("--keep-memory", action="store_true", help="begin with jaxbragg.keep_memory()")
    add("--output", type=Path, help="JSON file")
    return parser


def _race(case: dict[str, int], options: argparse.Namespace) -> dict[str, Any]:
    """Seconds per image of every way, and over the loop's."""
    experiments = [experiment(number, **case) for number in range(options.images)]
    calls = ways(experiments)
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    first = {name: timed(call) for name, call in calls.items()}
    for _ in range(options.repeats):
        for name, call in calls.items():
            seconds[name] += [x / len(experiments) for x in timed_for(options.turn_seconds, call)]
    entries: dict[str, Any] = {
        name: {"first_call_s": first[name], **statistics_of(times)} for name, times in seconds.items()
    }
    for entry in entries.values():
        entry["over_loop"] = {
            key: entry[f"{key}_s"] / entries["loop"][f"{key}_s"] for key in ("min", "median")
        }
    print(case, {name: entry["over_loop"] for name, entry in entries.items()}, file=sys.stderr, flush=True)
    return {**case, "ways": entries}


def ways(experiments: Sequence[jb.Experiment]) -> dict[str, Callable[[], Any]]:
    """Every way of simulating the experiments."""
    stacked = jax.tree.map(lambda *leaves: np.stack([np.asarray(x) for x in leaves]), *experiments)
    mapped = jax.jit(jax.vmap(jb.simulate), compiler_options=compiler_options())

    def vmap() -> Any:
        with jax.enable_x64(True):  # or jit would round the leaves to float32
            return jax.block_until_ready(mapped(stacked))  # type: ignore[no-untyped-call]

    def loop() -> Any:
        return jax.block_until_ready([jb.simulate(one) for one in experiments])  # type: ignore[no-untyped-call]

    def stacking_loop() -> Any:
        return jax.block_until_ready(jnp.stack([jb.simulate(one) for one in experiments]))  # type: ignore[no-untyped-call]

    def batch() -> Any:
        return jb.simulate_batch(experiments)

    return {"loop": loop, "loop into one array": stacking_loop, "vmap": vmap, "simulate_batch": batch}


def experiment(number: int, pixels: int, domains: int, table: int) -> jb.Experiment:
    """One of a series: its own orientation, distance, wavelength and table."""
    source = np.random.default_rng(number)
    values = source.uniform(50, 150, (table,) * 3) if table else None
    return jb.Experiment(
        crystal=jb.CrystalConfig(
            cell=(100, 100, 100, 90, 90, 90),
            n_cells=(5, 5, 5),
            misset=tuple(source.uniform(0, 90, 3)),
            mosaic_spread=0.5 if domains > 1 else 0.0,
            mosaic_domains=domains,
        ),
        beam=jb.BeamConfig(wavelength=source.uniform(0.9, 1.1), fluence=1e24),
        detector=jb.DetectorConfig(
            distance=source.uniform(95, 105), pixel_size=102.4 / pixels, pixels=(pixels, pixels)
        ),
        sampling=jb.SamplingConfig(oversample=1),
        structure_factors=jb.StructureFactorConfig(
            default_f=100.0, table=values, index_min=(-(table // 2),) * 3
        ),
    )


if __name__ == "__main__":
    main()
