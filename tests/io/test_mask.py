"""Pixel masks."""

from pathlib import Path

import pytest

from jaxbragg.errors import FormatError
from jaxbragg.io.mask import read_mask
from jaxbragg.io.smv import read_smv

MASK = Path(__file__).parent / "golden" / "mask_negative_seed" / "m.img"
pytestmark = pytest.mark.spec("FILE-6")


def test_zero_means_skip():
    mask = read_mask(MASK, (20, 26))
    assert mask.dtype == bool
    assert (mask == (read_smv(MASK).data > 0)).all()
    assert 0 < mask.sum() < mask.size


def test_masked_pixels_of_the_reference_image_show_no_photons():
    # run with -adc -10 inside -roi 2 22 3 17: masked and outside pixels are all clipped to 0
    image = read_smv(MASK.with_name("intimage.img")).data
    assert not image[~read_mask(MASK)].any()


def test_other_shape_is_refused():
    with pytest.raises(FormatError) as caught:
        read_mask(MASK, (26, 20))
    assert str(caught.value) == (
        f"{MASK}: expected a mask of 20 x 26 pixels (fast x slow), found 26 x "
        f"20; make the mask for this detector"
    )
