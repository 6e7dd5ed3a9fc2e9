"""nanobrag_torch, the PyTorch port of nanoBragg, in a Python of its own: only its public classes are used.

It compiles itself with `torch.compile`. Options that this adapter does not translate are refused.
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
    """

    def __init__(self, argv: list[str], folder: str, dtype: str, threads: int) -> None:
        torch.set_num_threads(threads)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        fields, table = translate(argv)
        crystal_config = CrystalConfig(**fields["crystal"])
        beam_config = BeamConfig(**fields["beam"])
        kind = {"dtype": getattr(torch, dtype), "device": torch.device("cpu")}
        crystal = Crystal(crystal_config, beam_config=beam_config, **kind)
        if table is not None:
            crystal.load_hkl(f"{folder}/{table}", write_cache=False)
        detector = Detector(DetectorConfig(**fields["detector"]), **kind)
        self.simulator = Simulator(crystal, detector, crystal_config, beam_config, **kind)

    def prepare(self) -> dict[str, Any]:
        """First call, which compiles."""
        before = memory_now()
        return {
            "first_call_s": timed(self._call),
            "memory_before": before,
            "versions": {"torch": torch.__version__},
        }

    def turn(self, seconds: float) -> list[float]:
        """One turn."""
        return timed_for(seconds, self._call)

    def finish(self, image: str) -> dict[str, Any]:
        """Memory of the process."""
        peak = memory_peak()
        self._call().to(torch.float32).numpy().tofile(image)
        return {"memory_peak": peak}

    def _call(self) -> Any:
        with torch.no_grad():
            return self.simulator.run()


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
