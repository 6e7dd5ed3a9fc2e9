"""What reverse mode keeps: nothing that grows with the samples.

Compiled memory of value and gradient with respect to everything. A number kept for every pixel of a tile and
every sample of a kind would be 64 kB times the number of samples; allowed are a tenth of that, and a few
copies of the orientation matrices of all domains and spindle angles.
"""

import jax
import jax.numpy as jnp
import pytest

import jaxbragg as jb
from jaxbragg.config.experiment import Experiment
from jaxbragg.simulation.domain_blocks import DOMAINS_PER_BLOCK
from tests.gradients import scenes

PIXELS = (128, 128)
"""One tile."""
FEW = {"domains": 2, "steps": 2, "sources": 2, "oversample": 2, "layers": 2}
MANY = {"domains": 64, "steps": 100, "sources": 150, "oversample": 12, "layers": 100}


def experiment(domains: int, steps: int, sources: int, oversample: int, layers: int) -> Experiment:
    return jb.Experiment(
        crystal=jb.CrystalConfig(
            cell=(40, 50, 60, 85, 95, 105), n_cells=(5, 4, 3), mosaic_spread=0.5, mosaic_domains=domains
        ),
        beam=jb.BeamConfig(
            wavelength=1.1,
            flux=1e16,
            dispersion=1.0,
            source_grid=tuple((0.0, 0.0, i / sources - 0.5) for i in range(sources)),
        ),
        detector=jb.DetectorConfig(
            pixels=PIXELS, pixel_size=0.1, distance=60, sensor_thickness=300, sensor_layers=layers
        ),
        rotation=jb.RotationConfig(osc=1.0, steps=steps),
        structure_factors=scenes.structure_factors(),
        sampling=jb.SamplingConfig(oversample=oversample),
    )


def temporary_bytes(counts: dict[str, int]) -> int:
    def loss(experiment: Experiment) -> jax.Array:
        return jnp.sum(jb.simulate(experiment) ** 2)

    lowered = jax.jit(jax.value_and_grad(loss)).lower(experiment(**counts))
    return int(lowered.compile().memory_analysis().temp_size_in_bytes)


def items(counts: dict[str, int], kind: str) -> int:
    """Samples of one kind: sub-pixels are the square of the oversampling."""
    return counts[kind] ** 2 if kind == "oversample" else counts[kind]


def allowed(few: dict[str, int], many: dict[str, int]) -> float:
    kept = min(items(many, k) - items(few, k) for k in FEW if many[k] != few[k])
    matrices = 8 * 9 * 8 * many["domains"] * many["steps"]
    return 0.1 * 4 * PIXELS[0] * PIXELS[1] * kept + matrices


@pytest.mark.spec("SUM-9", "PREC-9")
def test_no_kind_of_sample_is_kept() -> None:
    """All kinds at once: what is kept for one of them alone shows."""
    chosen = MANY | {"domains": 8}
    assert temporary_bytes(chosen) - temporary_bytes(FEW | {"domains": 8}) <= allowed(
        FEW | {"domains": 8}, chosen
    )


@pytest.mark.slow
@pytest.mark.spec("SUM-9", "PREC-9")
@pytest.mark.parametrize("kind", FEW)
def test_one_kind_of_sample_is_not_kept(kind: str) -> None:
    start = FEW | {"domains": 2 * DOMAINS_PER_BLOCK}  # blocks of domains are then as large as with more
    many = start | {kind: MANY[kind]}
    assert temporary_bytes(many) - temporary_bytes(start) <= allowed(start, many)
