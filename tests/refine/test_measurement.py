"""From detector units to the pixels that are compared."""

import numpy as np
import pytest

import jaxbragg
from jaxbragg.refine.measurement import Measurement
from jaxbragg.refine.pixels import chosen_pixels, filled_up
from tests.refine import scenes


def image(**changed: float) -> np.ndarray:
    values = np.arange(64.0 * 64.0).reshape(64, 64)
    for place, value in changed.items():
        slow, fast = (int(x) for x in place.removeprefix("p").split("_"))
        values[slow, fast] = value
    return values


@pytest.mark.spec("REF-6")
def test_photons_are_detector_units_less_the_offset_over_the_gain():
    measured = Measurement(image() * 4 + 10, gain=4.0, offset=10.0, readout_noise=2.0)
    np.testing.assert_array_equal(measured.photons(), image())
    assert np.all(measured.variance() == 0.25)


@pytest.mark.spec("REF-6")
def test_masked_pixels_may_be_anything_and_are_left_out():
    mask = np.ones((64, 64))
    mask[3, 4] = 0
    chosen = chosen_pixels(scenes.crystal(), Measurement(image(p3_4=np.nan), mask=mask))
    assert len(chosen.slow) == 64 * 64 - 1
    assert not np.any((chosen.slow == 3) & (chosen.fast == 4))


@pytest.mark.spec("REF-6")
def test_saturated_pixels_are_left_out_with_a_warning():
    with pytest.warns(jaxbragg.JaxbraggWarning, match="96 saturated pixels"):
        chosen = chosen_pixels(scenes.crystal(), Measurement(image(), saturation=4000))
    assert chosen.photons.max() == 3999


@pytest.mark.spec("REF-6")
def test_the_experiments_mask_and_region_count_too():
    mask = np.ones((64, 64))
    mask[10, 10] = 0
    experiment = scenes.crystal().with_fields(sampling__mask=mask, sampling__roi=(10, 12, 10, 13))
    chosen = chosen_pixels(experiment, Measurement(image()))
    assert len(chosen.slow) == 3 * 4 - 1


@pytest.mark.spec("REF-6")
@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"image": image(p5_6=np.nan)}, "1 are not, the first at slow 5, fast 6; mask"),
        ({"image": image(p5_6=np.inf)}, "first at slow 5, fast 6"),
        ({"image": np.zeros((32, 64))}, r"\(64, 64\), got \(32, 64\)"),
        ({"image": image(), "mask": np.ones((64, 63))}, r"mask must have the shape .* got \(64, 63\)"),
        ({"image": image(), "mask": np.zeros((64, 64))}, "no pixel is left"),
        ({"image": np.zeros(5)}, r"got float64 of shape \(5,\)"),
        ({"image": image(), "gain": 0.0}, "`gain` must be positive"),
        ({"image": image(), "offset": np.nan}, "`offset` must be a finite number"),
        ({"image": image(), "readout_noise": -1.0}, "`readout_noise` must be zero or positive"),
    ],
)
def test_data_that_cannot_be_compared_are_refused(fields, text):
    with pytest.raises(jaxbragg.ConfigError, match=text):
        chosen_pixels(scenes.crystal(), Measurement(**fields))


@pytest.mark.spec("REF-7")
def test_pixels_of_regions_know_their_region_and_place():
    regions = [(0, 2, 10, 14), (2, 4, 10, 10)]
    chosen = chosen_pixels(scenes.crystal(), Measurement(image()), regions)
    assert len(chosen.slow) == 3 * 5 + 2  # one pixel is in both
    first = chosen.region == 0
    assert set(chosen.x[first]) == {-1.0, 0.0, 1.0}
    assert set(chosen.y[first]) == {-1.0, -0.5, 0.0, 0.5, 1.0}
    assert set(chosen.x[~first]) == {0.0, 1.0} and set(chosen.y[~first]) == {0.0}
    np.testing.assert_array_equal(chosen.photons, image()[chosen.slow, chosen.fast])


@pytest.mark.spec("REF-7")
@pytest.mark.parametrize("region", [(0, 64, 0, 5), (-1, 5, 0, 5), (5, 4, 0, 5)])
def test_regions_off_the_detector_are_refused(region):
    with pytest.raises(jaxbragg.ConfigError, match="must lie on the detector"):
        chosen_pixels(scenes.crystal(), Measurement(image()), [region])


@pytest.mark.spec("REF-7")
def test_shoeboxes_surround_the_brightest_pixels_once():
    spots = np.zeros((40, 50))
    spots[20, 30], spots[21, 31], spots[0, 0], spots[39, 10] = 9.0, 8.0, 5.0, 1.0
    found = jaxbragg.shoeboxes(spots, threshold=2.0, half_width=3)
    assert found == [(27, 33, 17, 23), (0, 3, 0, 3)]
    assert jaxbragg.shoeboxes(spots, threshold=2.0, half_width=3, most=1) == found[:1]


def test_a_list_is_filled_up_with_unused_pixels():
    chosen = chosen_pixels(scenes.crystal(), Measurement(image()), [(0, 1, 0, 1)])
    full = filled_up(chosen, 7)
    assert full.used.tolist() == [True] * 4 + [False] * 3
    assert all(len(x) == 7 for x in full)
