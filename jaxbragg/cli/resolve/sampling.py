"""Sampling of the image and of the spindle, region of interest, and background.

Rules: specs/command_line.md CLI-38 to CLI-40.
"""

from jaxbragg.cli.options import Options
from jaxbragg.config.background import BackgroundConfig
from jaxbragg.config.rotation import RotationConfig
from jaxbragg.config.sampling import SamplingConfig
from jaxbragg.config.step_rules import phi_steps
from jaxbragg.shapes import HostArray


def rotation_config(options: Options) -> RotationConfig:
    """The spindle scan that options describe.

    Source: specs/command_line.md CLI-38.
    """
    steps = phi_steps(options.phisteps, options.osc, options.phistep)
    return RotationConfig(phi=options.phi or 0.0, osc=steps.oscillation, steps=steps.n, phi_step=steps.step)


def sampling_config(options: Options, pixels: tuple[int, int], mask: HostArray | None) -> SamplingConfig:
    """How finely, and which pixels.

    Args:
      options: as typed.
      pixels: number of pixels along fast and slow.
      mask: 0 where a pixel is not computed, (slow, fast).

    Source: specs/command_line.md CLI-39.
    """
    oversample = options.oversample if options.oversample is not None and options.oversample > 0 else None
    return SamplingConfig(
        oversample=oversample,
        dmin=None if options.dmin is None or options.dmin <= 0 else options.dmin,
        roi=None if options.roi is None else region(options.roi, pixels),
        mask=mask,
        oversample_thick=options.oversample_thick,
        oversample_polar=options.oversample_polar,
        oversample_omega=options.oversample_omega,
    )


def region(typed: tuple[int, int, int, int], pixels: tuple[int, int]) -> tuple[int, int, int, int]:
    """First and last fast, first and last slow pixel, inside the image.

    Negative numbers are not limits, and numbers beyond the image stand for its end. A first beyond the last
    pixel leaves nothing to compute; it comes out with the last just before the first.

    Args:
      typed: the four numbers, ends included.
      pixels: number of pixels along fast and slow.
    """
    fast_first, fast_last = _interval(typed[0], typed[1], pixels[0])
    slow_first, slow_last = _interval(typed[2], typed[3], pixels[1])
    return fast_first, fast_last, slow_first, slow_last


def is_empty(roi: tuple[int, int, int, int] | None) -> bool:
    """Whether a region has no pixels."""
    return roi is not None and (roi[0] > roi[1] or roi[2] > roi[3])


def _interval(first: int, last: int, count: int) -> tuple[int, int]:
    """One pair of ends."""
    first = min(max(first, 0), count)
    last = count - 1 if last < 0 else min(last, count - 1)
    return first, max(last, first - 1)


def background_config(options: Options) -> BackgroundConfig:
    """Diffuse scatter: none without water."""
    return BackgroundConfig(water=options.water or None)
