"""What XLA plans for a GPU that this machine lacks: `python -m benchmarks.gpu_plan --target FILE`.

Images are compiled for the GPU that a file describes, and their memory is read from the plan; nothing runs.
It needs JAX with its CUDA, and a description as XLA has them in its repository (target_config/specs/*.txtpb).
"""

import argparse
import json
import os
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import jax
import jax.numpy as jnp

import jaxbragg as jb
from benchmarks.machine import describe_commit, describe_machine, now
from benchmarks.ours import versions
from benchmarks.workload import Case, load_cases, write_files

OURS = "gpu.triton"
"""What a kernel of our own is called in a compiled program."""


def main(words: Sequence[str] | None = None) -> dict[str, Any]:
    """Compile, print, save."""
    options = _parser().parse_args(words)
    device = _described(options.target)
    plans = []
    # what is chosen for a GPU is chosen by the platform that JAX computes on
    with mock.patch("jax.default_backend", return_value="gpu"):
        for case in load_cases(options.cases):
            for precision in options.precisions:
                plans.append(_plan(case, precision, device))
                print(_line(plans[-1]), flush=True)
    result = {
        "date": now(),
        **describe_commit(),
        "machine": describe_machine(),
        "versions": versions(),
        "compiled_for": device.device_kind,
        "plans": plans,
    }
    if options.output is not None:
        options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu_plan", description=__doc__)
    add = parser.add_argument
    add("--target", type=Path, required=True, help="description of the GPU")
    add("--cases", nargs="*", default=[], help="as for benchmarks.run")
    add("--precisions", nargs="+", default=["mixed", "float64"])
    add("--output", type=Path, help="JSON file")
    return parser


def _described(target: Path) -> Any:
    """The device of a description."""
    from jax.experimental import topologies

    os.environ.setdefault("JAX_SKIP_CUDA_CONSTRAINTS_CHECK", "1")  # else JAX wants to ask a GPU
    try:
        described = topologies.get_topology_desc(
            "described", "cuda", target_config=target.read_text(encoding="utf-8"), topology="1x1x1"
        )
    except (RuntimeError, ValueError, NotImplementedError) as error:
        raise SystemExit(
            f"JAX cannot compile for the GPU of {target}: {error}; "
            'install its CUDA with pip install "jax[cuda13]"'
        ) from error
    return described.devices[0]


def _plan(case: Case, precision: str, device: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write_files(case, Path(folder))
        experiment = jb.from_nanobragg(case.argv, folder=folder)
    there = jax.sharding.SingleDeviceSharding(device)
    with jax.enable_x64(True):
        types = jax.tree.map(
            lambda x: jax.ShapeDtypeStruct(jnp.shape(x), jnp.result_type(x), sharding=there), experiment
        )
        image = jax.jit(lambda e: jb.simulate(e, precision=precision), out_shardings=there)
        compiled = image.trace(types).lower().compile()
    plan = compiled.memory_analysis()
    fast, slow = experiment.detector.pixels
    return {
        "case": case.name,
        "precision": precision,
        "argument_bytes": plan.argument_size_in_bytes,
        "image_bytes": plan.output_size_in_bytes,
        "temporary_bytes": plan.temp_size_in_bytes,
        "images": (plan.output_size_in_bytes + plan.temp_size_in_bytes) / plan.output_size_in_bytes,
        "kernels_of_ours": compiled.as_text().count(OURS),
        "pixels": fast * slow,
    }


def _line(plan: dict[str, Any]) -> str:
    return (
        f"{plan['case']:8s} {plan['precision']:8s} {plan['images']:6.2f} images: "
        f"{plan['image_bytes'] / 2**20:.1f} MiB and {plan['temporary_bytes'] / 2**20:.1f} MiB beside it"
    )


if __name__ == "__main__":
    main()
