"""The region of interest: a rectangle of pixels given by its inclusive corners."""

from collections.abc import Iterator

Roi = tuple[int, int, int, int]
"""(fast_min, fast_max, slow_min, slow_max), pixels, all inclusive; a negative entry means the image edge."""

BLOCK_PIXELS = 1 << 18  # a few float64 copies of a block stay within a processor's cache


def roi_slices(roi: Roi | None, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Index of the pixels inside a region of interest.

    Args:
      roi: the region, or None for the whole image. Parts beyond the image are ignored; a minimum above
        its maximum leaves no pixel.
      shape: (n_slow, n_fast) of the image.

    Returns:
      Slices along slow and fast, within the image.

    Source: specs/noise.md DIGIT-1.
    """
    n_slow, n_fast = shape
    fast_min, fast_max, slow_min, slow_max = (-1, -1, -1, -1) if roi is None else roi
    return _span(slow_min, slow_max, n_slow), _span(fast_min, fast_max, n_fast)


def _span(first: int, last: int, n: int) -> slice:
    """Slice of one axis."""
    start = min(max(first, 0), n)
    stop = n if last < 0 else min(last + 1, n)
    return slice(start, max(start, stop))


def row_blocks(region: tuple[slice, slice]) -> Iterator[tuple[slice, slice]]:
    """Cut a region into runs of whole rows, in reading order, so that temporaries stay small."""
    slow, fast = region
    if fast.stop == fast.start:
        return
    rows = max(1, BLOCK_PIXELS // (fast.stop - fast.start))
    for start in range(slow.start, slow.stop, rows):
        yield slice(start, min(start + rows, slow.stop)), fast
