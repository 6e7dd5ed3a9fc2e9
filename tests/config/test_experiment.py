"""The bundle: same but for some fields, choices by name, and the oversampling that it chooses."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxbragg as jb

CUBE = (100.0, 100.0, 100.0, 90.0, 90.0, 90.0)


def experiment(n_cells=(1, 1, 1), **parts):
    return jb.Experiment(crystal=jb.CrystalConfig(cell=CUBE, n_cells=n_cells), **parts)


@pytest.mark.spec("CFG-5")
def test_same_but_for_some_fields():
    base = experiment()
    changed = base.with_fields(
        crystal__misset=(1, 2, 3), beam=jb.BeamConfig(wavelength=2.0), model="nanobragg"
    )
    assert changed.crystal.misset.tolist() == [1.0, 2.0, 3.0]
    assert changed.crystal.cell is base.crystal.cell
    assert changed.beam.wavelength == 2.0
    assert changed.model is jb.NANOBRAGG
    assert base.beam.wavelength == 1.0
    assert base.with_fields(beam=jb.BeamConfig(), beam__wavelength=3.0).beam.wavelength == 3.0


@pytest.mark.spec("CFG-5", "CFG-4")
def test_changed_fields_are_checked():
    with pytest.raises(jb.ConfigError, match=r"`wavelength` must be positive and finite, got -1 Å"):
        experiment().with_fields(beam__wavelength=-1)


@pytest.mark.spec("CFG-8")
def test_choices_by_name():
    assert jb.DetectorConfig(convention="XDS").convention is jb.Convention.XDS
    custom = jb.DetectorConfig(convention=jb.Convention.CUSTOM, pivot="sample")
    assert custom.pivot is jb.Pivot.SAMPLE
    assert experiment(model="nanobragg").model is jb.NANOBRAGG
    assert experiment(model="corrected").model is jb.CORRECTED


@pytest.mark.spec("SAMP-6", "CFG-9")
@pytest.mark.parametrize(("n", "oversample"), [(1, 1), (3, 1), (4, 2), (33, 10), (34, 11)])
def test_oversampling_puts_three_points_on_a_spot(n, oversample):
    # a pixel of 0.1 mm at 100 mm is 1 mrad wide; a crystal of n x 100 Å has spots of 1/(100 n) rad at 1 Å
    chosen = experiment(n_cells=(1, n, 1)).sampling.oversample
    assert chosen == oversample


@pytest.mark.spec("SAMP-6")
def test_oversampling_of_a_detector_behind_is_one():
    behind = jb.DetectorConfig(rotations=(0, 120, 0))
    assert experiment(n_cells=(1000, 1, 1), detector=behind).sampling.oversample == 1


@pytest.mark.spec("SAMP-6")
def test_absurd_oversampling_is_refused():
    with pytest.raises(jb.ConfigError, match="`oversample` chosen from the crystal size would be 300000"):
        experiment(n_cells=(1_000_000, 1, 1))


@pytest.mark.spec("CFG-9")
def test_traced_values_choose_no_oversampling():
    def build(cell):
        return jb.Experiment(crystal=jb.CrystalConfig(cell=cell)).crystal.cell

    with pytest.raises(jb.ConfigError, match="`oversample` must be given when an experiment is built"):
        jax.jit(build)(jnp.asarray(CUBE))


@pytest.mark.spec("CRYST-5")
def test_a_clipped_sample_warns():
    crystal = jb.CrystalConfig(cell=CUBE, sample_size=(0.5, 0.5, 0.05))
    sampling = jb.SamplingConfig(oversample=1)
    with pytest.warns(jb.JaxbraggWarning, match=r"0\.5 mm along y but the beam only 0\.1 mm") as caught:
        jb.Experiment(crystal=crystal, sampling=sampling)
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        jb.Experiment(crystal=crystal, sampling=sampling, beam=jb.BeamConfig(beamsize=1.0))


@pytest.mark.spec("CFG-3")
def test_parts_that_are_left_out_get_their_defaults():
    base = experiment()
    assert isinstance(base.beam, jb.BeamConfig)
    assert base.background.water is None
    np.testing.assert_array_equal(base.rotation.phi, 0.0)


@pytest.mark.spec("CFG-5")
@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"beam__divergence": (1.0, 0.0)}, "`divergence` has no effect"),
        ({"beam__dispersion": 0.5}, "`dispersion` has no effect"),
        ({"crystal__mosaic_spread": 0.5}, "`mosaic_spread` has no effect"),
    ],
)
def test_a_range_that_its_samples_do_not_know_warns(change, text):
    """The samples were chosen for a range of zero, and changed fields keep the rest."""
    with pytest.warns(jb.JaxbraggWarning, match=text):
        experiment().with_fields(**change)


@pytest.mark.spec("CFG-5", "SAMP-1", "SAMP-4")
def test_samples_can_be_chosen_again():
    wider = experiment().with_fields(
        beam__divergence=(1.0, 0.0),
        beam__source_grid=None,
        crystal__mosaic_spread=0.5,
        crystal__mosaic_domains=4,
    )
    assert len(wider.beam.source_grid) == 2
    assert len(wider.crystal.mosaic_fractions) == 4


@pytest.mark.spec("GEO-6", "CFG-11")
def test_a_plane_must_meet_the_beam_and_miss_the_sample():
    with pytest.raises(jb.ConfigError, match="must meet the beam, but the cosine of beam and normal is 6"):
        experiment(detector=jb.DetectorConfig(rotations=(0, 90, 0)))
    with pytest.raises(jb.ConfigError, match="must not hold the sample, but its `close_distance` is 0 mm"):
        experiment(detector=jb.DetectorConfig(convention="custom", pix0=(0, -3, -3)))
