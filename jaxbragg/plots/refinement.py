"""Data, model, residual and convergence of a refinement, as a picture."""

from typing import TYPE_CHECKING

import numpy as np

from jaxbragg.errors import JaxbraggError
from jaxbragg.refine.result import Refinement
from jaxbragg.shapes import HostArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_SIGMA = 5.0
"""Residuals beyond so many standard deviations have the end of the colour scale."""


def plot_refinement(result: Refinement, shot: int = 0) -> "Figure":
    """Draw how well a shot fits and how its refinement went.

    Upper row: measured photons, expected photons, both in one scale that shows weak pixels too, and the
    residual in standard deviations. Lower row: how far every number was from its end in each step, in its own
    standard deviations; and how many residuals there are of each size, with the curve of a perfect model.

    Args:
      result: of `refine_image` or `refine_shots`.
      shot: which shot.

    Returns:
      A matplotlib figure; `figure.savefig("fit.png")` writes it.

    Raises:
      JaxbraggError: matplotlib is not installed.

    Source: specs/refinement.md REF-21.
    """
    figure = _new_figure()
    upper, lower = figure.subfigures(2, 1, squeeze=False, height_ratios=(3, 2))[:, 0]
    _draw_images(upper.subplots(1, 3, sharex=True, sharey=True), result, shot)
    steps, residuals = lower.subplots(1, 2, width_ratios=(2, 1))
    _draw_steps(steps, result, shot)
    _draw_residuals(residuals, result.pictures(shot).residual)
    figure.suptitle(
        f"reduced χ² {result.reduced_chi_square:.4f} over {result.n_pixels} pixels, "
        f"{len(result.history)} steps; {result.reasons[-1]}"
    )
    return figure


def _new_figure() -> "Figure":
    try:
        from matplotlib import pyplot
    except ImportError:
        raise JaxbraggError(
            "plot_refinement needs matplotlib, which is not installed; pip install 'jaxbragg[plot]'"
        ) from None
    return pyplot.figure(figsize=(13, 8), layout="constrained")


def _draw_images(axes: HostArray, result: Refinement, shot: int) -> None:
    """Data and model in one scale of grey, residual from blue to red."""
    data, model, residual = result.pictures(shot)
    highest = float(np.nanpercentile(model, 99.8))
    rows, columns = np.nonzero(np.isfinite(data))
    for panel, image, title in zip(axes[:2], (data, model), ("data", "model"), strict=True):
        shown = panel.imshow(np.sqrt(np.maximum(image, 0.0)), cmap="gray_r", vmin=0, vmax=np.sqrt(highest))
        panel.set_title(f"{title}, √photons")
    panel.figure.colorbar(shown, ax=list(axes[:2]), shrink=0.7)
    shown = axes[2].imshow(residual, cmap="RdBu_r", vmin=-MOST_SIGMA, vmax=MOST_SIGMA)
    axes[2].set_title("(data − model)/σ")
    axes[2].figure.colorbar(shown, ax=axes[2], shrink=0.7)
    axes[0].set_xlim(columns.min() - 0.5, columns.max() + 0.5)
    axes[0].set_ylim(rows.max() + 0.5, rows.min() - 0.5)
    axes[0].set_ylabel("slow")
    for panel in axes:
        panel.set_xlabel("fast")


def _draw_steps(axes: "Axes", result: Refinement, shot: int) -> None:
    """Distance of every number of the shot from its end, in standard deviations, step by step."""
    values = np.array([step.values for step in result.history]).reshape(len(result.history), -1)
    for column, parameter in enumerate(result.parameters):
        if parameter.shot not in (None, shot):
            continue
        unit = parameter.sigma if np.isfinite(parameter.sigma) else 1.0
        away = (values[:, column] - parameter.after) / unit
        axes.plot(away, ".-", lw=1, label=parameter.name)
    for number in range(1, len(result.history)):
        if result.history[number].stage != result.history[number - 1].stage:
            axes.axvline(number - 0.5, color="0.8", lw=1)
    axes.set_yscale("symlog", linthresh=1.0)
    axes.set_xlabel("step")
    axes.set_ylabel("(value − end)/σ")
    axes.legend(fontsize=7, ncols=2, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_residuals(axes: "Axes", residual: HostArray) -> None:
    """Histogram of the residuals, and the normal distribution."""
    values = residual[np.isfinite(residual)]
    edges = np.linspace(-MOST_SIGMA, MOST_SIGMA, 51)
    axes.hist(np.clip(values, -MOST_SIGMA, MOST_SIGMA), list(edges), color="#c9d6df")
    middle, width = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    axes.plot(middle, len(values) * width * np.exp(-(middle**2) / 2) / np.sqrt(2 * np.pi), color="#d1495b")
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.5)
    axes.set_xlabel("(data − model)/σ")
    axes.set_ylabel("pixels")
    axes.spines[["top", "right"]].set_visible(False)
