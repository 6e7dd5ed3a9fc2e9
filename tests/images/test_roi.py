"""The region of interest and its cutting into blocks of rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxbragg.images import roi as region
from jaxbragg.images.roi import roi_slices, row_blocks


@pytest.mark.spec("DIGIT-1")
@pytest.mark.parametrize(
    ("roi", "expected"),
    [
        (None, (slice(0, 5), slice(0, 7))),
        ((-1, -1, -1, -1), (slice(0, 5), slice(0, 7))),
        ((1, 3, 2, 2), (slice(2, 3), slice(1, 4))),
        ((0, 0, 0, 0), (slice(0, 1), slice(0, 1))),
        ((5, 100, -3, 100), (slice(0, 5), slice(5, 7))),
        ((20, 30, 0, 4), (slice(0, 5), slice(7, 7))),
        ((3, 1, 0, 4), (slice(0, 5), slice(3, 3))),
    ],
)
def test_corners_are_inclusive_and_cut_at_the_image(roi, expected):
    assert roi_slices(roi, (5, 7)) == expected


@given(st.integers(1, 40), st.integers(0, 9), st.integers(1, 100))
def test_blocks_cover_every_row_once_in_order(n_slow, n_fast, block_pixels):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(region, "BLOCK_PIXELS", block_pixels)
        blocks = list(row_blocks(roi_slices(None, (n_slow, n_fast))))
    rows = [row for slow, _ in blocks for row in range(slow.start, slow.stop)]
    assert rows == (list(range(n_slow)) if n_fast else [])
