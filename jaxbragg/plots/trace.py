"""Where the intensity of a pixel comes from, as a picture."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxbragg.errors import JaxbraggError
from jaxbragg.shapes import HostArray
from jaxbragg.simulation.trace_keys import RULES, Trace
from jaxbragg.tracing.lines import require_single_pixel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

AXES = ("sub-pixel", "layer", "source", "phi step", "domain")
"""Names of the sample axes of a trace."""

COLOUR = "#33658a"
PALE = "#c9d6df"
STRONG = "#d1495b"


def plot_trace(trace: Trace) -> "Figure":
    """Draw which samples a pixel's photons come from, and where these lie around the reflections.

    Upper row: photons of each sub-pixel, layer, source, spindle step and domain, summed over all others;
    kinds of which there is only one are left out. Lower row: the fractional indices of the samples, seen
    along each index, relative to the reflection that gives most; the area of a disc is its sample's share of
    the photons, and the cross around each reflection spans its main maximum, 1/N to both sides. Right: the
    factors from intensity to photons.

    Args:
      trace: result of `jaxbragg.trace` for one pixel.

    Returns:
      A matplotlib figure; `figure.savefig("pixel.png")` writes it.

    Raises:
      ConfigError: the trace is of several pixels.
      JaxbraggError: matplotlib is not installed.

    Source: specs/trace.md TRACE-10.
    """
    require_single_pixel(trace)
    kinds = [axis for axis, n in enumerate(_contribution(trace).shape) if n > 1] or [0]
    figure = _new_figure()
    left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=(3, 1))[0]
    upper, lower = left.subfigures(2, 1, squeeze=False, height_ratios=(2, 3))[:, 0]
    bars = upper.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    for axes, kind in zip(bars, kinds, strict=True):
        _draw_contributions(axes, trace, kind)
    bars[0].set_ylabel("photons")
    upper.suptitle("Photons by origin, each summed over all others", fontsize=10)
    lower.suptitle(
        "Fractional indices of the samples: dots; discs: share of the photons; crosses: reflections ± 1/N",
        fontsize=10,
    )
    for axes, plane in zip(lower.subplots(1, 3), ((0, 1), (0, 2), (1, 2)), strict=True):
        _draw_indices(axes, trace, plane)
    right.text(0.0, 0.97, _factors(trace), family="monospace", fontsize=9, va="top", linespacing=1.5)
    return figure


def _new_figure() -> "Figure":
    try:
        from matplotlib import pyplot
    except ImportError:
        raise JaxbraggError(
            "plot_trace needs matplotlib, which is not installed; pip install 'jaxbragg[plot]'"
        ) from None
    return pyplot.figure(figsize=(13, 7), layout="constrained")


def _contribution(trace: Trace) -> HostArray:
    return np.asarray(trace["samples"]["contribution"], dtype=np.float64)


def _draw_contributions(axes: "Axes", trace: Trace, kind: int) -> None:
    """Photons of each sample of one kind."""
    others = tuple(axis for axis in range(len(AXES)) if axis != kind)
    photons = _contribution(trace).sum(axis=others)
    axes.bar(np.arange(len(photons)), photons, width=1.0 if len(photons) > 30 else 0.8, color=COLOUR)
    axes.set_xlabel(AXES[kind])
    axes.set_xlim(-0.6, len(photons) - 0.4)
    axes.set_xticks(np.arange(0, len(photons), math.ceil(len(photons) / 8)))
    axes.spines[["top", "right"]].set_visible(False)


def _draw_indices(axes: "Axes", trace: Trace, plane: tuple[int, int]) -> None:
    """Fractional indices of all samples in the plane of two indices."""
    samples, share = trace["samples"], _contribution(trace).ravel()
    hkl = np.asarray(samples["hkl"], dtype=np.float64).reshape(-1, 3)
    nearest = np.asarray(samples["nearest"]).reshape(-1, 3)
    main = nearest[np.argmax(np.abs(share))]
    x, y = plane
    width = 1.0 / np.asarray(trace["crystal"]["cells"], dtype=np.float64)
    for spot in np.unique(nearest[:, plane] - main[list(plane)], axis=0):
        axes.plot(spot[0] + np.array([-1, 1]) * width[x], [spot[1]] * 2, color=PALE, lw=2, zorder=1)
        axes.plot([spot[0]] * 2, spot[1] + np.array([-1, 1]) * width[y], color=PALE, lw=2, zorder=1)
    largest = np.abs(share).max()
    most = np.clip(2e4 / len(share), 5.0, 250.0)  # points²; many discs would hide each other
    area = most * np.abs(share) / largest if largest > 0 else np.zeros_like(share)
    place = hkl - main
    axes.scatter(place[:, x], place[:, y], s=area, color=STRONG, alpha=0.5, lw=0, zorder=3)
    axes.plot(place[:, x], place[:, y], ".", ms=2, color=COLOUR, zorder=2)
    axes.set_xlabel(_offset("hkl"[x], main[x]))
    axes.set_ylabel(_offset("hkl"[y], main[y]))
    axes.set_aspect("equal", adjustable="datalim")
    axes.spines[["top", "right"]].set_visible(False)


def _offset(name: str, whole: int) -> str:
    return f"${name}$" if whole == 0 else f"${name} {'-' if whole > 0 else '+'} {abs(whole)}$"


def _factors(trace: Trace) -> str:
    """The way from intensity to photons, one factor per line."""
    pixel, sums, share = trace["pixel"], trace["accumulation"], _contribution(trace)
    best = np.unravel_index(int(np.argmax(np.abs(share))), share.shape)

    def number(value: Any) -> str:
        return f"{float(np.asarray(value)):.6g}"

    def factor(name: str) -> str:
        return "own per sample" if sums[f"own_{name}"] else number(sums[name])  # type: ignore[literal-required]

    samples = trace["samples"]
    nearest = " ".join(str(i) for i in np.asarray(samples["nearest"])[best])
    rows = (
        (f"pixel slow {int(pixel['slow'])}, fast {int(pixel['fast'])}", ""),
        ("", ""),
        ("intensity sum", number(sums["intensity_sum"])),
        ("x r_e²", f"{number(sums['r_e_sq'])} m²"),
        ("x fluence", f"{number(trace['beam']['fluence'])} /m²"),
        ("/ steps", number(sums["steps"])),
        ("x capture", factor("capture")),
        ("x polarization", factor("polarization")),
        ("x solid angle", factor("solid_angle")),
        ("diffuse part", number(sums["diffuse"])),
        ("= photons", number(sums["photons"])),
        ("", ""),
        ("strongest sample", f"{share[best] / share.sum():.1%}" if share[best] != 0 else "none"),
        ("reflection", nearest),
        ("F", f"{number(np.asarray(samples['amplitude'])[best])} electrons"),
        ("  found as", RULES[int(np.asarray(samples["rule"])[best])]),
        ("lattice", number(np.asarray(samples["lattice"])[best])),
    )
    return "\n".join(f"{name:<17}{value}" for name, value in rows)
