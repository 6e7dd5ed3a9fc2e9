"""Pictures of derivative images."""

import matplotlib
import numpy as np

from jaxbragg import plot_derivative_images

matplotlib.use("agg")


def test_a_panel_for_every_number():
    rng = np.random.default_rng(0)
    images = {"crystal.misset": rng.normal(size=(3, 8, 9)), "detector.distance": np.zeros((8, 9))}
    figure = plot_derivative_images(images)
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == ["crystal.misset[0]", "crystal.misset[1]", "crystal.misset[2]", "detector.distance"]
    for axes in figure.axes:
        for drawn in axes.get_images():
            low, high = drawn.get_clim()
            assert low == -high < 0
    figure.clear()
