"""nanobrag_torch, the PyTorch port of nanoBragg, in a Python of its own: only its public classes are used.

It compiles itself with `torch.compile`; value and gradient are faster without, in chunks of rows (measured).
Options that this adapter does not translate are refused.
"""

# mypy: disable-error-code="import-not-found"

import json
import resource
import sys
from collections.abc import Callable, Iterator
from typing import Any

import torch
from nanobrag_torch.config import BeamConfig, CrystalConfig, DetectorConfig
from nanobrag_torch.models.crystal import Crystal
from nanobrag_torch.models.detector import Detector
from nanobrag_torch.simulator import Simulator

from benchmarks.turns import memory_now, memory_peak, serve, timed, timed_for

MEMORY = 14 * 2**30
"""Address space of the process, bytes: better refused than the whole machine out of memory."""

ROWS_PER_CHUNK = 64
"""Rows of the detector at a time, where a gradient is taken."""

ONE_NUMBER: dict[str, tuple[str, str, Callable[[str], Any]]] = {
    "-lambda": ("beam", "wavelength_A", float),
    "-polar": ("beam", "polarization_factor", float),
    "-flux": ("beam", "flux", float),
    "-exposure": ("beam", "exposure", float),
    "-beamsize": ("beam", "beamsize_mm", float),
    "-distance": ("detector", "distance_mm", float),
    "-pixel": ("detector", "pixel_size_mm", float),
    "-oversample": ("detector", "oversample", int),
    "-default_F": ("crystal", "default_F", float),
    "-mosaic": ("crystal", "mosaic_spread_deg", float),
    "-mosaic_dom": ("crystal", "mosaic_domains", int),
    "-phi": ("crystal", "phi_start_deg", float),
    "-osc": ("crystal", "osc_range_deg", float),
    "-phisteps": ("crystal", "phi_steps", int),
}
"""Options that set one field of one config."""

CELL = ("cell_a", "cell_b", "cell_c", "cell_alpha", "cell_beta", "cell_gamma")


class TorchPeer:
    """Answers of one contestant.

    Args:
      argv, folder: the case.
      dtype: float32 or float64.
      threads: of torch.
      what: "image", or "gradient": value and gradient of the sum of squares of the pixels with respect to
        edge a of the cell, the three missetting angles and the distance.
    """

    def __init__(self, argv: list[str], folder: str, dtype: str, threads: int, what: str) -> None:
        torch.set_num_threads(threads)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        self.fields, table = translate(argv)
        self.table = None if table is None else f"{folder}/{table}"
        self.kind = {"dtype": getattr(torch, dtype), "device": torch.device("cpu")}
        if what == "image":
            self.simulator = self._simulator(self.fields)
            self.call: Callable[[], Any] = self._image
        else:
            self.call = self._value_and_gradient

    def prepare(self) -> dict[str, Any]:
        """First call, which compiles."""
        before = memory_now()
        return {
            "first_call_s": timed(self.call),
            "memory_before": before,
            "versions": {"torch": torch.__version__},
        }

    def turn(self, seconds: float) -> list[float]:
        """One turn."""
        return timed_for(seconds, self.call)

    def finish(self, image: str) -> dict[str, Any]:
        """Memory of the process."""
        peak = memory_peak()
        if self.call == self._image:
            self._image().to(torch.float32).numpy().tofile(image)
        return {"memory_peak": peak}

    def _simulator(self, fields: dict[str, dict[str, Any]]) -> Simulator:
        crystal_config = CrystalConfig(**fields["crystal"])
        beam_config = BeamConfig(**fields["beam"])
        crystal = Crystal(crystal_config, beam_config=beam_config, **self.kind)
        if self.table is not None:
            crystal.load_hkl(self.table, write_cache=False)
        detector = Detector(DetectorConfig(**fields["detector"]), **self.kind)
        return Simulator(crystal, detector, crystal_config, beam_config, **self.kind)

    def _image(self) -> Any:
        with torch.no_grad():
            return self.simulator.run()

    def _value_and_gradient(self) -> Any:
        crystal, detector = self.fields["crystal"], self.fields["detector"]
        angles = crystal.get("misset_deg", (0.0, 0.0, 0.0))
        edge, distance, *misset = (
            torch.tensor(x, dtype=self.kind["dtype"], requires_grad=True)
            for x in (crystal["cell_a"], detector["distance_mm"], *angles)
        )
        moving = {
            **self.fields,
            "crystal": {**crystal, "cell_a": edge, "misset_deg": tuple(misset)},
            "detector": {**detector, "distance_mm": distance},
        }
        image = self._simulator(moving).run(pixel_batch_size=ROWS_PER_CHUNK)
        value = (image**2).sum()
        value.backward()
        return value, [x.grad for x in (edge, distance, *misset)]


def translate(argv: list[str]) -> tuple[dict[str, dict[str, Any]], str | None]:
    """Fields of the three configs, and the file of structure factors.

    Raises:
      ValueError: an option is not translated.
    """
    fields: dict[str, dict[str, Any]] = {"crystal": {}, "beam": {}, "detector": {}}
    cells, table = [1, 1, 1], None
    for option, values in options(argv):
        if option in ONE_NUMBER:
            config, name, kind = ONE_NUMBER[option]
            fields[config][name] = kind(values[0])
        elif option == "-detpixels":
            fields["detector"].update(spixels=int(values[0]), fpixels=int(values[0]))
        elif option == "-cell":
            fields["crystal"].update(zip(CELL, map(float, values), strict=True))
        elif option == "-misset":
            fields["crystal"]["misset_deg"] = tuple(map(float, values))
        elif option == "-N":
            cells = [int(values[0])] * 3
        elif option in ("-Na", "-Nb", "-Nc"):
            cells["abc".index(option[-1])] = int(values[0])
        elif option == "-hkl":
            table = values[0]
        else:
            raise ValueError(f"the adapter does not translate {option}")
    fields["crystal"]["N_cells"] = tuple(cells)
    return fields, table


def options(argv: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Options with the words that follow them; a negative number is not an option."""
    starts = [i for i, word in enumerate(argv) if word.startswith("-") and not word[1:2].isdigit()]
    for start, end in zip(starts, [*starts[1:], len(argv)], strict=True):
        yield argv[start], argv[start + 1 : end]


def _main() -> None:
    peer = TorchPeer(**json.loads(sys.argv[1]))
    serve({"prepare": peer.prepare, "turn": peer.turn, "finish": peer.finish})


if __name__ == "__main__":
    _main()
