"""The bundle of all configs: the one object that `simulate`, `trace` and gradients take."""

import dataclasses
from typing import Any

import numpy as np

from jaxbragg.config.background import BackgroundConfig
from jaxbragg.config.beam import BeamConfig
from jaxbragg.config.crystal import CrystalConfig
from jaxbragg.config.detector import DetectorConfig
from jaxbragg.config.model import CORRECTED, MODELS, Model
from jaxbragg.config.rotation import RotationConfig
from jaxbragg.config.sampling import SamplingConfig
from jaxbragg.config.step_rules import limited
from jaxbragg.config.structure_factors import StructureFactorConfig
from jaxbragg.config.tree import config, is_concrete, static, subtree
from jaxbragg.errors import ConfigError


@config
class Experiment:
    """Everything that decides the image.

    Attributes:
      crystal: what diffracts.
      beam: what hits it.
      detector: where the photons go, and the laboratory frame.
      rotation: the spindle scan.
      structure_factors: how strong each reflection is.
      sampling: how finely pixels are sampled, and which count.
      background: scattering that is not in spots.
      model: the corrected physics, or the reference program with its defects.
    """

    crystal: CrystalConfig = subtree()
    beam: BeamConfig = subtree(None)
    detector: DetectorConfig = subtree(None)
    rotation: RotationConfig = subtree(None)
    structure_factors: StructureFactorConfig = subtree(None)
    sampling: SamplingConfig = subtree(None)
    background: BackgroundConfig = subtree(None)
    model: Model = static(CORRECTED)

    def __post_init__(self) -> None:
        for name, kind in _DEFAULTS.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, kind())
        object.__setattr__(self, "model", _as_model(self.model))
        _check_parts(self)
        _check_mask(self)
        _check_orientations(self)
        _check_physical(self)
        _check_plane(self)
        if self.sampling.oversample is None:
            object.__setattr__(self, "sampling", _with_chosen_oversample(self))
        _check_points(self)
        _warn_clipped(self)

    def with_fields(self, **changes: Any) -> "Experiment":
        """The same experiment but for some fields, checked again.

        Args:
          **changes: new values by dotted path with `__` for the dot, such as `crystal__misset=(1, 2, 3)`, or
            whole configs, such as `beam=BeamConfig(...)`.

        Raises:
          ConfigError: no such field, or a value that makes no sense.
        """
        whole: dict[str, Any] = {}
        inner: dict[str, dict[str, Any]] = {}
        for path, value in changes.items():
            part, _, name = path.partition("__")
            if part not in _FIELD_NAMES:
                raise ConfigError(f"`{part}` must be one of {', '.join(sorted(_FIELD_NAMES))}, got {path!r}")
            if name:
                inner.setdefault(part, {})[name] = value
            else:
                whole[part] = value
        for part, values in inner.items():
            base = whole.get(part, getattr(self, part))
            try:
                whole[part] = dataclasses.replace(base, **values)
            except TypeError:
                known = ", ".join(f.name for f in dataclasses.fields(base))
                raise ConfigError(f"`{part}` has the fields {known}; got {', '.join(values)}") from None
        return dataclasses.replace(self, **whole)


_DEFAULTS = {
    "beam": BeamConfig,
    "detector": DetectorConfig,
    "rotation": RotationConfig,
    "structure_factors": StructureFactorConfig,
    "sampling": SamplingConfig,
    "background": BackgroundConfig,
}
_FIELD_NAMES = {f.name for f in dataclasses.fields(Experiment)}


def _as_model(model: Any) -> Model:
    """The model itself, or the one that its name means."""
    found = MODELS.get(model) if isinstance(model, str) else model
    if not isinstance(found, Model):
        raise ConfigError(f"`model` must be a Model or one of {', '.join(map(repr, MODELS))}, got {model!r}")
    return found


def _check_parts(experiment: Experiment) -> None:
    for name, kind in {"crystal": CrystalConfig, **_DEFAULTS}.items():
        part = getattr(experiment, name)
        if not isinstance(part, kind):
            raise ConfigError(f"`{name}` must be a {kind.__name__}, got {part!r}")


def _check_mask(experiment: Experiment) -> None:
    mask = experiment.sampling.mask
    if mask is None:
        return
    fast, slow = experiment.detector.pixels
    if np.shape(mask) != (slow, fast):
        raise ConfigError(
            f"`mask` must have the detector's shape (slow, fast) = ({slow}, {fast}), got {np.shape(mask)}; "
            "rotate or crop the mask, or set `pixels` to match"
        )


def _check_orientations(experiment: Experiment) -> None:
    """Refuse more orientations than memory can hold; they are kept for all pixels."""
    count = experiment.rotation.steps * len(experiment.crystal.mosaic_axes)
    limited(count, "`steps` of the spindle times mosaic domains", "give fewer of one of them")


def _check_points(experiment: Experiment) -> None:
    """Refuse more points of a pixel than memory can hold."""
    count = (experiment.sampling.oversample or 1) ** 2 * experiment.detector.sensor_layers
    limited(count, "`oversample` squared times sensor layers", "give fewer of one of them")


def _check_physical(experiment: Experiment) -> None:
    """Refuse what the corrected physics has no answer for."""
    if experiment.model != CORRECTED:
        return
    depth, fudge = experiment.detector.attenuation_depth, experiment.crystal.fudge
    if depth is not None and is_concrete(depth) and np.any(np.isinf(depth)):
        raise ConfigError(
            "`attenuation_depth` must be finite for a sensor that has a thickness, got inf; "
            "leave `sensor_thickness` out for a detector that records everything"
        )
    if is_concrete(fudge) and np.any(np.asarray(fudge) < 0):
        raise ConfigError(
            f"`fudge` must be zero or positive, got {float(np.min(fudge)):g}; it multiplies a squared radius"
        )


def _check_plane(experiment: Experiment) -> None:
    from jaxbragg.simulation.derived import check_plane

    if experiment.model == CORRECTED:
        check_plane(experiment)


def _with_chosen_oversample(experiment: Experiment) -> SamplingConfig:
    from jaxbragg.simulation.derived import recommended_oversample

    return dataclasses.replace(experiment.sampling, oversample=recommended_oversample(experiment))


def _warn_clipped(experiment: Experiment) -> None:
    from jaxbragg.simulation.derived import warn_if_clipped

    warn_if_clipped(experiment)
