"""The program's saved images: runs of nanoBragg (2025-08-10, gcc 12 -O3 without fused multiply-add).

golden/cases.json holds the command line and the report of each; the folders hold what it wrote.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jaxbragg.images.roi import Roi

FOLDER = Path(__file__).parent / "golden"
CASES = json.loads((FOLDER / "cases.json").read_text())


@dataclass(frozen=True)
class GoldenImage:
    photons: np.ndarray
    stored: np.ndarray
    noisy: np.ndarray
    levels: bytes
    report: list[str]
    seed: int
    n_domains: int
    adc_offset: float
    scale: float
    pgm_scale: float
    pixel_size_m: float
    oversample: int
    roi: Roi | None
    mask: np.ndarray | None


def load(name: str) -> GoldenImage:
    folder, words = FOLDER / name, CASES[name]["command"].split()

    def option(flag: str, default: list[float], n: int = 1) -> list[float]:
        if flag not in words:
            return default
        at = words.index(flag) + 1
        return [float(word) for word in words[at : at + n]]

    header = (folder / "noiseimage.img").read_bytes()[:512].decode().splitlines()
    sizes = dict(line.rstrip(";").split("=") for line in header if "=" in line)
    shape = int(sizes["SIZE2"]), int(sizes["SIZE1"])

    def stored(file: str) -> np.ndarray:
        return np.frombuffer((folder / file).read_bytes()[512:], "<u2").reshape(shape)

    roi = option("-roi", [], 4)
    fast_min, fast_max, slow_min, slow_max = (int(x) for x in roi) if roi else (-1, -1, -1, -1)
    return GoldenImage(
        photons=np.frombuffer((folder / "floatimage.bin").read_bytes(), "<f4").reshape(shape),
        stored=stored("intimage.img"),
        noisy=stored("noiseimage.img"),
        levels=(folder / "image.pgm").read_bytes()[-shape[0] * shape[1] :],
        report=CASES[name]["report"],
        seed=-int(option("-seed", [0])[0]),
        n_domains=int(option("-mosaic_dom", [1])[0]),
        adc_offset=option("-adc", [40])[0],
        scale=option("-scale", [0])[0],
        pgm_scale=option("-pgmscale", [0])[0],
        pixel_size_m=float(sizes["PIXEL_SIZE"]) * 1e-3,
        oversample=int(option("-oversample", [1])[0]),
        roi=(fast_min, fast_max, slow_min, slow_max) if roi else None,
        mask=stored("m.img") != 0 if "-mask" in words else None,
    )
