"""Derivative images as pictures."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxbragg.errors import JaxbraggError
from jaxbragg.shapes import HostArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 4


def plot_derivative_images(images: Mapping[str, Any]) -> "Figure":
    """Draw derivative images side by side, each on a scale of its own that is symmetric about zero.

    The scale ends at the 99.5th percentile of the pixels that are not zero, so that a few bright pixels do
    not hide the rest.

    Args:
      images: result of `jaxbragg.derivative_images`.

    Returns:
      A matplotlib figure; `figure.savefig("derivatives.png")` writes it.

    Raises:
      JaxbraggError: matplotlib is not installed.
    """
    try:
        from matplotlib import pyplot
    except ImportError:
        raise JaxbraggError(
            "plot_derivative_images needs matplotlib, which is not installed; pip install 'jaxbragg[plot]'"
        ) from None
    panels = _panels(images)
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = pyplot.subplots(
        rows, columns, squeeze=False, figsize=(3.4 * columns, 3.1 * rows), layout="constrained"
    )
    for place in axes.flat[len(panels) :]:
        place.set_axis_off()
    for place, (title, image) in zip(axes.flat, panels, strict=False):
        limit = _limit(image)
        drawn = place.imshow(image, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
        place.set_title(title, fontsize=9)
        place.tick_params(labelsize=7)
        figure.colorbar(drawn, ax=place, shrink=0.8).ax.tick_params(labelsize=7)
    figure.supxlabel("fast (pixels)", fontsize=9)
    figure.supylabel("slow (pixels)", fontsize=9)
    figure.suptitle("Derivatives: photons per pixel and unit of the parameter", fontsize=10)
    return figure


def _panels(images: Mapping[str, Any]) -> list[tuple[str, HostArray]]:
    """A title and an image for every number."""
    panels = []
    for name, stack in images.items():
        values = np.asarray(stack)
        for index in np.ndindex(values.shape[:-2]):
            title = name + "".join(f"[{i}]" for i in index)
            panels.append((title, values[index]))
    return panels


def _limit(image: HostArray) -> float:
    sizes = np.abs(image[image != 0])
    return float(np.percentile(sizes, 99.5)) if sizes.size else 1.0
