"""Planes that no point of the beam meets are refused while the experiment is built."""

import jax
import jax.numpy as jnp
import pytest

import jaxbragg as jb

CRYSTAL = jb.CrystalConfig(cell=(70, 80, 90, 90, 90, 90))


def experiment(model: str = "corrected", **detector: object) -> jb.Experiment:
    return jb.Experiment(crystal=CRYSTAL, detector=jb.DetectorConfig(pixels=(8, 8), **detector), model=model)


@pytest.mark.spec("GEO-6")
@pytest.mark.parametrize("tilt", [{"rotations": (0, 90, 0)}, {"twotheta": 90}, {"twotheta": -90}])
def test_a_plane_parallel_to_the_beam_is_refused(tilt: dict[str, object]) -> None:
    with pytest.raises(jb.ConfigError, match=r"must meet the beam.*change `rotations` or `twotheta`"):
        experiment(**tilt)


@pytest.mark.spec("GEO-6")
def test_the_reference_program_accepts_a_plane_parallel_to_the_beam() -> None:
    once = jb.SamplingConfig(oversample=1)
    detector = jb.DetectorConfig(pixels=(8, 8), twotheta=90)
    jb.Experiment(crystal=CRYSTAL, detector=detector, sampling=once, model="nanobragg")


@pytest.mark.spec("GEO-6")
def test_a_plane_through_the_sample_is_refused() -> None:
    with pytest.raises(jb.ConfigError, match=r"must not hold the sample.*move `pix0`"):
        experiment(convention="custom", pix0=(0, 0, 500))


@pytest.mark.spec("GEO-6")
def test_traced_angles_are_not_looked_at() -> None:
    base = experiment(twotheta=5)

    @jax.jit
    def distance(twotheta: jax.Array) -> jax.Array:
        return base.with_fields(detector__twotheta=twotheta).detector.distance + 0 * twotheta

    assert float(distance(jnp.float32(90.0))) == pytest.approx(100.0)
