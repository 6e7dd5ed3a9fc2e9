"""PNG preview: the picture that a crystallographer looks at, dark spots on white.

For the eye only: grey levels are stretched so that weak and strong spots both show. Resolution rings and
their labels come from the caller. Needs Pillow, which is imported when a preview is written.
"""

import functools
import importlib.util
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from jaxbragg.errors import ConfigError, JaxbraggError
from jaxbragg.io.atomic import replace_file
from jaxbragg.io.text import StrPath

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

Pixels = npt.NDArray[np.floating] | npt.NDArray[np.integer]

LARGEST_SIDE = 2048
"""Images with more pixels along an axis are reduced."""

_SMALLEST_SIDE = 512
_WEAKEST = 1e-4
"""Fraction of the brightest level around which the stretch turns from linear to logarithmic, at the least."""

_HUGE = 1e300
_RING_COLOUR = (40, 100, 200)
_CROSS_COLOUR = (220, 40, 40)
_LABEL_ANGLES = [math.radians(a) for a in (-45, -135, 135, 45, -90, 90, 0, 180, -20, -70, 160, 20)]

_FARTHEST = 1e12
"""Pixels; a beam or ring that is farther away leaves nothing to see."""


def write_preview(
    path: StrPath,
    image: Pixels,
    *,
    beam_center: tuple[float, float] | None = None,
    rings: Sequence[tuple[float, str]] = (),
    title: str | None = None,
) -> None:
    """Writes a picture of an image with resolution rings.

    The fast axis points to the right, the slow axis down. Images larger than `LARGEST_SIDE` are reduced to
    the brightest pixel of each square, small ones are enlarged by whole numbers.

    Args:
      path: the file to write; it appears complete or not at all.
      image: pixel values of any unit, (slow, fast); nan shows as background.
      beam_center: where the beam hits, slow and fast, in pixels from the outer corner of the first pixel;
        rings and cross are left out when None.
      rings: radius in pixels and label of each ring.
      title: a line above the picture.

    Raises:
      JaxbraggError: Pillow is not installed, or the file cannot be written.
      ConfigError: the image is empty or not two-dimensional.

    Source: specs/files.md FILE-11.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise JaxbraggError('PNG previews need Pillow; run: pip install "jaxbragg[plot]"') from error
    if image.ndim != 2 or image.size == 0:
        raise ConfigError(f"a preview needs an image of shape (slow, fast), got {image.shape}; reshape it")
    reduced, zoom = _fit(image)
    picture = np.repeat(_grey(reduced)[:, :, None], 3, axis=2)
    if beam_center is not None and all(abs(x) < _FARTHEST for x in beam_center):
        center = (beam_center[0] * zoom, beam_center[1] * zoom)
        shown = [(radius * zoom, label) for radius, label in rings if 0 < radius < _FARTHEST]
        canvas = Image.fromarray(_with_rings(picture, center, [radius for radius, _ in shown]))
        _draw_labels(canvas, center, shown)
        _draw_cross(canvas, center)
    else:
        canvas = Image.fromarray(picture)
    content = io.BytesIO()
    (canvas if not title else _with_title(canvas, title)).save(content, format="PNG", compress_level=1)
    with replace_file(path) as file:
        file.write(content.getbuffer())


def _fit(image: Pixels) -> tuple[npt.NDArray[np.float64], float]:
    """The image at a good size, without nan, and the number of picture pixels per image pixel."""
    longest = max(image.shape)
    if longest > LARGEST_SIDE:
        step = math.ceil(longest / LARGEST_SIDE)
        return _finite(_brightest(_brightest(image, step, axis=0), step, axis=1)), 1 / step
    zoom = max(1, -(-_SMALLEST_SIDE // longest))
    return _finite(image).repeat(zoom, axis=0).repeat(zoom, axis=1), float(zoom)


def _brightest(image: Pixels, step: int, axis: int) -> Pixels:
    """The brightest of every `step` pixels along an axis; nan is none."""
    last = image.shape[axis] - 1
    first = np.arange(0, last + 1, step)
    shifted = (np.take(image, np.minimum(first + k, last), axis) for k in range(step))
    brightest: Pixels = functools.reduce(np.fmax, shifted)
    return brightest


def _finite(image: Pixels) -> npt.NDArray[np.float64]:
    """The image with nan as its lowest value, and nothing so large that differences overflow."""
    values = np.clip(image.astype(np.float64), -_HUGE, _HUGE)
    good = np.isfinite(values)
    if good.all():
        return values
    return np.where(good, values, values[good].min()) if good.any() else np.zeros(values.shape)


def _grey(values: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Grey levels, white background and dark spots; linear within the noise, logarithmic above it."""
    background = float(np.median(values))
    high = float(values.max()) - background
    if not high > 0:
        return np.full(values.shape, 255, dtype=np.uint8)
    excess = np.clip(values - background, 0, None) / high
    noise = 1.4826 * float(np.median(np.abs(values - background))) / high
    soft = max(3 * noise, _WEAKEST)
    darkness = np.arcsinh(excess / soft) / math.asinh(1 / soft)
    return np.rint(255 * (1 - darkness)).astype(np.uint8)


def _with_rings(
    picture: npt.NDArray[np.uint8], center: tuple[float, float], radii: Sequence[float]
) -> npt.NDArray[np.uint8]:
    """The picture with thin circles, smoothed at their edges."""
    slow, fast = (np.arange(size, dtype=np.float64) + 0.5 for size in picture.shape[:2])
    distance = np.hypot(slow[:, None] - center[0], fast[None, :] - center[1])
    colour = np.array(_RING_COLOUR, dtype=np.float64)
    blended = picture.copy()
    for radius in radii:
        apart = np.abs(distance - radius)
        on_ring = apart < 1
        cover = 1 - apart[on_ring][:, None]
        blended[on_ring] = np.rint(blended[on_ring] + 0.7 * cover * (colour - blended[on_ring]))
    return blended


def _draw_labels(
    canvas: "Image.Image", center: tuple[float, float], rings: Sequence[tuple[float, str]]
) -> None:
    """Writes each label on its ring, where it fits into the picture and covers no other label."""
    from PIL import ImageDraw

    draw = ImageDraw.Draw(canvas)
    taken: list[tuple[float, float, float, float]] = []
    for radius, label in rings:
        for angle in _LABEL_ANGLES:
            place = (center[1] + radius * math.cos(angle), center[0] + radius * math.sin(angle))
            left, top, right, bottom = _text_box(draw, place, label, _font_size(canvas))
            inside = left >= 0 and top >= 0 and right <= canvas.width and bottom <= canvas.height
            free = all(right < t[0] or left > t[2] or bottom < t[1] or top > t[3] for t in taken)
            if inside and free:
                draw.rectangle((left, top, right, bottom), fill=(255, 255, 255))
                draw.text(place, label, fill=_RING_COLOUR, font=_font(_font_size(canvas)), anchor="mm")
                taken.append((left, top, right, bottom))
                break


def _draw_cross(canvas: "Image.Image", center: tuple[float, float]) -> None:
    """Marks the beam centre by four strokes that leave the centre itself visible."""
    from PIL import ImageDraw

    draw = ImageDraw.Draw(canvas)
    y, x = center
    if not (-20 <= y <= canvas.height + 20 and -20 <= x <= canvas.width + 20):
        return
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        draw.line((x + 3 * dx, y + 3 * dy, x + 9 * dx, y + 9 * dy), fill=_CROSS_COLOUR, width=1)


def _with_title(canvas: "Image.Image", title: str) -> "Image.Image":
    """The picture below a white strip with the title."""
    from PIL import Image, ImageDraw

    size = _font_size(canvas)
    framed = Image.new("RGB", (canvas.width, canvas.height + 2 * size), (255, 255, 255))
    framed.paste(canvas, (0, 2 * size))
    ImageDraw.Draw(framed).text((size // 2, size), title, fill=(0, 0, 0), font=_font(size), anchor="lm")
    return framed


def _font_size(canvas: "Image.Image") -> int:
    """Height of the letters for a picture of this size."""
    return max(11, max(canvas.size) // 70)


def _font(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    """The letters that matplotlib brings along, or Pillow's own, which lack the sign for angstrom."""
    from PIL import ImageFont

    package = importlib.util.find_spec("matplotlib")
    for folder in (package.submodule_search_locations or []) if package else []:
        letters = Path(folder, "mpl-data", "fonts", "ttf", "DejaVuSans.ttf")
        if letters.is_file():
            return ImageFont.truetype(str(letters), size)
    return ImageFont.load_default(size)


def _text_box(
    draw: "ImageDraw.ImageDraw", place: tuple[float, float], label: str, size: int
) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a centred label with a small margin."""
    left, top, right, bottom = draw.textbbox(place, label, font=_font(size), anchor="mm")
    return left - 2, top - 1, right + 2, bottom + 1
