"""jaxbragg as a contestant: one case, one precision, the image or derivatives.

`simulate` and `derivative_images` are called as a user calls them, with the experiment as the constructor
left it. The gradient is that of the sum of squares of all pixels, in reverse mode, with respect to continuous
leaves together, compiled once with `jax.jit`.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import jax
import jax.monitoring
import jax.numpy as jnp
import numpy as np

import jaxbragg
from benchmarks.device_time import device_seconds
from benchmarks.turns import memory_now, memory_peak, serve, timed, timed_for
from jaxbragg.config.experiment import Experiment
from jaxbragg.errors import JaxbraggWarning
from jaxbragg.precision import COMPILER_OPTIONS
from jaxbragg.simulation.accumulate import number_of_steps
from jaxbragg.simulation.derived import derive

STAGES = {
    "/jax/core/compile/jaxpr_trace_duration": "trace_s",
    "/jax/core/compile/jaxpr_to_mlir_module_duration": "lower_s",
    "/jax/core/compile/backend_compile_duration": "compile_s",
}
"""What JAX reports about the first call."""

TABLE = ".structure_factors.table"
SIZE_AND_DRAWS = (
    ".crystal.n_cells",
    ".crystal.sample_size",
    ".crystal.fudge",
    ".crystal.mosaic_axes",
    ".crystal.mosaic_fractions",
)
LEFT_OUT = {
    "gradient": (TABLE, *SIZE_AND_DRAWS),
    "gradient with table": SIZE_AND_DRAWS,
    "gradient of all": (),
}
"""What is not differentiated by; geometry, cell, orientation, mosaic spread, beam and scale always are."""

NOT_PHYSICAL = (".sampling.mask",)

DERIVATIVE_IMAGES = "derivative images"
IMAGES_BY = ("crystal.misset", "crystal.cell", "detector.distance", "detector.beam_x", "detector.beam_y")
"""What these are taken by: twelve numbers, and so twelve images."""


def versions() -> dict[str, str]:
    """Of what a result depends on."""
    return {"jaxbragg": jaxbragg.__version__, "jax": jax.__version__, "numpy": np.__version__}


class Ours:
    """Answers of one contestant.

    Args:
      argv, folder: the case.
      precision: policy of `simulate`.
      what: "image", `DERIVATIVE_IMAGES`, or a key of `LEFT_OUT`.
    """

    def __init__(self, argv: list[str], folder: str, precision: str, what: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", JaxbraggWarning)
            self.experiment: Experiment = jaxbragg.from_nanobragg(argv, folder=folder)
        self.precision = precision
        self.what = what
        self.stages = dict.fromkeys(STAGES.values(), 0.0)
        jax.monitoring.register_event_duration_secs_listener(self._note)
        self.call = self._chosen(what)

    def prepare(self) -> dict[str, Any]:
        """First call: trace, lower, compile and run, and what JAX says of each."""
        before, cpu = memory_now(), time.process_time()
        first = timed(self._ready)
        fast, slow = self.experiment.detector.pixels
        return {
            "first_call_s": first,
            "first_call_cpu_s": time.process_time() - cpu,
            **self.stages,
            "memory_before": before,
            "pixels": fast * slow,
            "samples": fast * slow * number_of_steps(self.experiment),
            "device": jax.devices()[0].device_kind,
            "backend": jax.default_backend(),
            "versions": versions(),
        }

    def turn(self, seconds: float) -> list[float]:
        """One turn."""
        return timed_for(seconds, self._ready)

    def finish(self, image: str) -> dict[str, Any]:
        """Memory of the process, of the device, and of the compiled program; time of the device."""
        used: dict[str, Any] = {"memory_peak": memory_peak()}
        stats = jax.devices()[0].memory_stats()
        if stats:
            used["device_memory_peak"] = stats["peak_bytes_in_use"]
        used["device_s"] = device_seconds(self._ready)
        if self.what == "image":
            np.asarray(self.call(), dtype=np.float32).tofile(image)
            analysis = self._compiled().memory_analysis()
            if analysis is not None:
                used["compiled_temporary"] = analysis.temp_size_in_bytes
                used["compiled_output"] = analysis.output_size_in_bytes
        return used

    def _ready(self) -> None:
        jax.block_until_ready(self.call())  # type: ignore[no-untyped-call]

    def _chosen(self, what: str) -> Callable[[], Any]:
        if what == "image":
            return self._image
        return self._derivative_images() if what == DERIVATIVE_IMAGES else self._gradient(what)

    def _image(self) -> Any:
        return jaxbragg.simulate(self.experiment, precision=self.precision)

    def _derivative_images(self) -> Callable[[], Any]:
        center = derive(self.experiment).center
        x, y = (1e3 * float(metres) for metres in (center.x_beam, center.y_beam))
        experiment = self.experiment.with_fields(detector__beam_x=x, detector__beam_y=y)
        return lambda: jaxbragg.derivative_images(experiment, IMAGES_BY, precision=self.precision)

    def _gradient(self, what: str) -> Callable[[], Any]:
        variable, rebuild = split(self.experiment, LEFT_OUT[what])

        def sum_of_squares(leaves: list[Any]) -> Any:
            return jnp.sum(jaxbragg.simulate(rebuild(leaves), precision=self.precision) ** 2)

        compiled = jax.jit(jax.value_and_grad(sum_of_squares), compiler_options=compiler_options())

        def call() -> Any:
            with jax.enable_x64(True):  # or jit would round the leaves to float32
                return compiled(variable)

        return call

    def _compiled(self) -> Any:
        def image(experiment: Experiment) -> Any:
            return jaxbragg.simulate(experiment, precision=self.precision)

        with jax.enable_x64(True):
            jitted = jax.jit(image, compiler_options=compiler_options())
            return jitted.lower(self.experiment).compile()

    def _note(self, event: str, duration_secs: float, **_: str | int) -> None:
        if event in STAGES:
            self.stages[STAGES[event]] += duration_secs


def compiler_options() -> dict[str, Any] | None:
    """What the outermost `jax.jit` is given."""
    return dict(COMPILER_OPTIONS) if jax.default_backend() == "cpu" else None


def split(
    experiment: Experiment, left_out: tuple[str, ...]
) -> tuple[list[Any], Callable[[list[Any]], Experiment]]:
    """The leaves to differentiate by, and the experiment as a function of them."""
    named, structure = jax.tree_util.tree_flatten_with_path(experiment)
    leaves = [leaf for _, leaf in named]
    names = [jax.tree_util.keystr(path) for path, _ in named]
    fixed = (*NOT_PHYSICAL, *left_out)
    chosen = [
        number
        for number, (name, leaf) in enumerate(zip(names, leaves, strict=True))
        if name not in fixed and np.issubdtype(np.asarray(leaf).dtype, np.floating)
    ]

    def rebuild(values: list[Any]) -> Experiment:
        new = list(leaves)
        for number, value in zip(chosen, values, strict=True):
            new[number] = value
        whole: Experiment = jax.tree_util.tree_unflatten(structure, new)
        return whole

    return [leaves[number] for number in chosen], rebuild


def _main() -> None:
    request = json.loads(sys.argv[1])
    if request.pop("keep_memory") and not jaxbragg.keep_memory():
        raise SystemExit("jaxbragg.keep_memory() has no effect on this system")
    ours = Ours(**request)
    serve({"prepare": ours.prepare, "turn": ours.turn, "finish": ours.finish})


if __name__ == "__main__":
    _main()
