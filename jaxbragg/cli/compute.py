"""The image of an experiment, with progress on stderr."""

import numpy as np
import numpy.typing as npt

from jaxbragg.config.experiment import Experiment
from jaxbragg.simulation.run import simulate


def compute_image(experiment: Experiment, precision: str, *, progress: bool) -> npt.NDArray[np.floating]:
    """Photons per pixel, (slow, fast)."""
    return np.asarray(simulate(experiment, precision=precision))
