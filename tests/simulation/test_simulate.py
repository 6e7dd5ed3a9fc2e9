"""`simulate` under the transformations of JAX, and what it does not do: recompile, grow, change settings."""

from collections.abc import Callable

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg
from jaxbragg.simulation import run
from jaxbragg.simulation.domain_blocks import DOMAINS_PER_BLOCK
from jaxbragg.simulation.program import Program
from jaxbragg.simulation.tiles import PIXELS_PER_TILE, rows_per_tile
from tests.compilations import compilations


def small(**changes: object) -> jaxbragg.Experiment:
    """A triclinic crystal, tilted, two mosaic domains, on a detector of odd shape."""
    experiment = jaxbragg.Experiment(
        crystal=jaxbragg.CrystalConfig(
            cell=(40, 50, 60, 85, 95, 105),
            n_cells=(5, 4, 3),
            misset=(3, 4, 5),
            mosaic_spread=0.3,
            mosaic_domains=2,
        ),
        detector=jaxbragg.DetectorConfig(pixels=(23, 17), pixel_size=0.5, distance=60, rotations=(1, -2, 3)),
        beam=jaxbragg.BeamConfig(wavelength=1.1, polarization=0.9),
        structure_factors=jaxbragg.StructureFactorConfig(default_f=100),
        sampling=jaxbragg.SamplingConfig(oversample=1),
    )
    return experiment.with_fields(**changes)


@pytest.mark.spec("PREC-1")
@pytest.mark.parametrize(("precision", "dtype"), [("float64", np.float64), ("mixed", np.float32)])
def test_dtype_of_the_image(precision: str, dtype: type) -> None:
    image = jaxbragg.simulate(small(), precision=precision)
    assert image.dtype == dtype and image.shape == (17, 23)


@pytest.mark.spec("PREC-5")
def test_mixed_agrees_with_float64() -> None:
    """Rounding of factors and of the sum to float32: a few 6e-8 of each pixel, plus the peel's 1e-7 N."""
    exact = np.asarray(jaxbragg.simulate(small(), precision="float64"))
    mixed = np.asarray(jaxbragg.simulate(small()))
    assert np.abs(mixed - exact).sum() <= 1e-6 * exact.sum()


def test_unknown_precision_is_a_config_error() -> None:
    with pytest.raises(jaxbragg.ConfigError, match="`precision` must be one of 'float64', 'mixed'"):
        jaxbragg.simulate(small(), precision="double")


@pytest.mark.spec("PREC-2")
def test_the_callers_x64_setting_stays() -> None:
    before = jax.config.jax_enable_x64
    jaxbragg.simulate(small(), precision="float64")
    assert jax.config.jax_enable_x64 == before
    assert jnp.zeros(1).dtype == (jnp.float64 if before else jnp.float32)


@pytest.mark.spec("CFG-1")
def test_jit_gives_the_same_image() -> None:
    plain, jitted = jaxbragg.simulate(small()), jax.jit(jaxbragg.simulate)(small())
    assert np.abs(plain - jitted).max() <= 1e-6 * plain.max()


@pytest.mark.spec("SUM-9")
def test_gradient_with_respect_to_the_whole_experiment() -> None:
    """Every leaf gets a finite derivative of its own shape; those of the cell agree with differences."""

    def total(experiment: jaxbragg.Experiment) -> jax.Array:
        return (jaxbragg.simulate(experiment, precision="float64") ** 2).sum()

    experiment = small()
    with jax.enable_x64(True):
        check_gradient(total, experiment)


def check_gradient(
    total: Callable[[jaxbragg.Experiment], jax.Array], experiment: jaxbragg.Experiment
) -> None:
    gradient = jax.grad(total)(experiment)
    assert jax.tree.structure(gradient) == jax.tree.structure(experiment)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradient))
    step = 1e-5
    for axis in range(6):
        shift = step * np.eye(6)[axis]
        cell = experiment.crystal.cell
        up, down = (total(experiment.with_fields(crystal__cell=cell + s)) for s in (shift, -shift))
        # central differences: step² curvature and rounding/step both near 1e-7 of the largest derivative
        expected = float(up - down) / (2 * step)
        assert float(gradient.crystal.cell[axis]) == pytest.approx(expected, rel=2e-5)


@pytest.mark.spec("SUM-9")
def test_forward_mode_agrees_with_reverse_mode() -> None:
    def total(distance: float) -> jax.Array:
        experiment = small()
        detector = jaxbragg.DetectorConfig(pixels=(23, 17), pixel_size=0.5, distance=distance)
        return jaxbragg.simulate(experiment.with_fields(detector=detector), precision="float64").sum()

    with jax.enable_x64(True):
        assert float(jax.jacfwd(total)(60.0)) == pytest.approx(float(jax.grad(total)(60.0)), rel=1e-9)


def test_vmap_over_stacked_experiments() -> None:
    experiments = [small(crystal__misset=(angle, 0, 0)) for angle in (0.0, 1.0, 2.0)]
    stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *experiments)
    images = jax.vmap(jaxbragg.simulate)(stacked)
    for image, experiment in zip(images, experiments, strict=True):
        alone = jaxbragg.simulate(experiment)
        assert np.abs(image - alone).max() <= 1e-6 * alone.max()


def test_changing_numbers_does_not_compile_again() -> None:
    jaxbragg.simulate(small())
    changed = small(
        crystal__cell=(41, 52, 63, 80, 91, 102),
        crystal__n_cells=(7, 8, 9),
        beam__flux=1e12,
        beam__wavelength=0.9,
        detector__distance=77.0,
        detector__twotheta=3.0,
        structure_factors__default_f=5.0,
    )
    with compilations() as count:
        jaxbragg.simulate(changed)
    assert count == [0]


def temporary_bytes(**changes: object) -> int:
    lowered = jax.jit(lambda e: jaxbragg.simulate(e)).lower(small(**changes))
    return int(lowered.compile().memory_analysis().temp_size_in_bytes)


def gradient_temporary_bytes(domains: int) -> int:
    """Of the derivative by every ray, by the crystal and by the rotation of every domain."""
    experiment = small(crystal__mosaic_domains=domains, detector__pixels=(128, 128))

    def total(fields: dict[str, jax.Array]) -> jax.Array:
        return (jaxbragg.simulate(experiment.with_fields(**fields)) ** 2).sum()

    by = {"crystal__misset": jnp.ones(3), "crystal__mosaic_spread": 0.3, "detector__distance": 60.0}
    lowered = jax.jit(jax.grad(total)).lower(by)
    return int(lowered.compile().memory_analysis().temp_size_in_bytes)


@pytest.mark.spec("PREC-9")
def test_memory_does_not_grow_with_the_domains() -> None:
    few, many = (temporary_bytes(crystal__mosaic_domains=n) for n in (20, 2000))
    per_domain_arrays = 4 * 9 * 8 * (2000 - 20)  # rotation matrices, a few copies
    assert many - few <= per_domain_arrays


@pytest.mark.spec("SUM-9")
def test_memory_of_the_gradient_does_not_hold_samples() -> None:
    few, many = (gradient_temporary_bytes(n) for n in (2 * DOMAINS_PER_BLOCK, 2000))
    one_number_per_sample = 128 * 128 * 4 * (2000 - 20)
    assert many - few <= 0.03 * one_number_per_sample


@pytest.mark.spec("PREC-9")
def test_memory_does_not_grow_with_the_image_beyond_it() -> None:
    """A 2048² image in tiles: one image of sums before the common scale, and a few tiles."""
    assert temporary_bytes(detector__pixels=(2048, 2048)) <= 2048 * 2048 * 4 + 64 * PIXELS_PER_TILE


@pytest.mark.spec("PREC-9")
@pytest.mark.parametrize(
    ("rows", "columns", "expected"),
    [(1, 1, 1), (17, 23, 17), (1024, 1024, 64), (4096, 4096, 16), (1021, 977, 68), (1024, 1040, 64)],
)
def test_tiles_are_whole_rows_and_not_small(rows: int, columns: int, expected: int) -> None:
    assert rows_per_tile(rows, columns, PIXELS_PER_TILE) == expected


def test_an_image_that_is_no_multiple_of_a_tile() -> None:
    """977 x 401 pixels are tiles of 68 rows and a rest; a region of interest sees the same pixels."""
    whole = jaxbragg.simulate(small(detector__pixels=(977, 401)))
    roi = (100, 180, 300, 400)
    part = jaxbragg.simulate(small(detector__pixels=(977, 401), sampling__roi=roi))
    assert np.abs(part[300:401, 100:181] - whole[300:401, 100:181]).max() <= 1e-6 * whole.max()
    assert float(jnp.abs(part[:300]).max()) == 0.0 and float(jnp.abs(part[:, :100]).max()) == 0.0


@pytest.mark.spec("PREC-9")
@pytest.mark.parametrize("changes", [{}, {"sampling__dmin": 2.0, "background__water": 1.0}])
def test_an_image_of_single_samples_is_all_that_is_stored(changes: dict[str, float]) -> None:
    single = {"crystal__mosaic_domains": 1, "crystal__mosaic_spread": 0.0}
    assert temporary_bytes(**single, detector__pixels=(512, 512), **changes) <= 2**16


@pytest.mark.spec("PREC-9", "SUM-9")
def test_tiles_change_neither_image_nor_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    """One domain, without tiles and with them; the derivative is the same program but for the image's."""
    experiment = small(crystal__mosaic_domains=1, crystal__mosaic_spread=0.0, detector__pixels=(300, 401))

    def value_and_slope() -> tuple[jax.Array, jax.Array]:
        def total(misset: jax.Array) -> jax.Array:
            return (jaxbragg.simulate(experiment.with_fields(crystal__misset=misset)) ** 2).sum()

        image = jaxbragg.simulate(experiment.with_fields(crystal__misset=jnp.array([3.0, 4.0, 5.0])))
        return image, jax.jit(jax.grad(total))(jnp.array([3.0, 4.0, 5.0]))

    at_once = value_and_slope()
    monkeypatch.setattr(run, "is_one_kernel", lambda *_: False)
    monkeypatch.setattr(run, "image_program", Program(run._compute))  # not the one that is compiled
    chex.assert_trees_all_close(at_once, value_and_slope(), rtol=2e-5)
