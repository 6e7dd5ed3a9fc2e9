"""Every `ConfigError` of the configs: expected, found, remedy, word for word.

The last test reads the source and fails when a text is raised that no case here shows.
"""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import jaxbragg as jb
from jaxbragg.config.alike import check_alike
from jaxbragg.config.step_rules import range_steps, source_grid

CELL = {"cell": (10.0, 20.0, 30.0, 90.0, 90.0, 90.0)}
ONE_SOURCE = {"positions": [[1.0, 0.0, 0.0]], "wavelengths": [1.0]}


def experiment(**parts):
    sampling = parts.pop("sampling", jb.SamplingConfig(oversample=1))
    return jb.Experiment(crystal=jb.CrystalConfig(**CELL), sampling=sampling, **parts)


CASES = [
    # numbers
    (
        lambda: jb.DetectorConfig(distance=-80),
        "`distance` must be positive and finite, got -80 mm; use a rotation to face the detector backwards",
    ),
    (lambda: jb.DetectorConfig(pixel_size=np.nan), "`pixel_size` must be positive and finite, got nan mm"),
    (lambda: jb.BeamConfig(exposure=np.inf), "`exposure` must be finite, got inf s"),
    (
        lambda: jb.BeamConfig(polarization=-1.5),
        "`polarization` must be between -1 and 1, got -1.5; it is the Kahn factor, not a percentage",
    ),
    (
        lambda: jb.CrystalConfig(**CELL, mosaic_spread=-1),
        "`mosaic_spread` must be zero or positive, and finite, got -1 degrees",
    ),
    (
        lambda: jb.DetectorConfig(sensor_thickness=100, attenuation_depth=0),
        "`attenuation_depth` must be positive, got 0 µm",
    ),
    (
        lambda: jb.DetectorConfig(close_distance=0),
        "`close_distance` must be different from zero, and finite, got 0 mm; the plane must not hold the "
        "sample",
    ),
    (
        lambda: jb.DetectorConfig(convention="custom", slow_axis=(0, 0, 0)),
        "`slow_axis` must be a vector with a direction, got [0.0, 0.0, 0.0]; leave it out to use the "
        "convention's own",
    ),
    (
        lambda: jb.DetectorConfig(twotheta_axis=(0, 1e200, 0)),
        "`twotheta_axis` must be a vector with a direction, got [0.0, 1e+200, 0.0]; leave it out to use the "
        "convention's own",
    ),
    (
        lambda: jb.CrystalConfig(cell=(1, 2, 3, 90, 90, "x")),
        "`cell` must be a number or an array of numbers in Å, degrees, got (1, 2, 3, 90, 90, 'x')",
    ),
    (
        lambda: jb.RotationConfig(phi="a"),
        "`phi` must be a number or an array of numbers in degrees, got 'a'",
    ),
    (
        lambda: jb.DetectorConfig(distance=1j),
        "`distance` must be a number or an array of numbers in mm, got 1j",
    ),
    # shapes
    (
        lambda: jb.CrystalConfig(cell=(1, 2, 3)),
        "`cell` must have shape (6,), got (3,); to batch experiments, stack whole experiments with "
        "jax.tree.map and use jax.vmap",
    ),
    (
        lambda: jb.SamplingConfig(mask=[1.0, 0.0]),
        "`mask` must have shape (any, any), got (2,); to batch experiments, stack whole experiments with "
        "jax.tree.map and use jax.vmap",
    ),
    # crystal
    (
        lambda: jb.CrystalConfig(),
        "a crystal needs a `cell` (a, b, c in Å, alpha, beta, gamma in degrees) or an orientation `matrix`, "
        "got neither",
    ),
    (
        lambda: jb.CrystalConfig(cell=(1, 2, 3, 90, 90, 190)),
        "cell angles must meet in a corner: each below 180 degrees and below the sum of the other two, "
        "together below 360, got 90 90 190; check the order alpha beta gamma",
    ),
    (
        lambda: jb.CrystalConfig(matrix=[[1, 0, 0], [2, 0, 0], [3, 0, 1]]),
        "`matrix` must have three independent columns a*, b*, c*, got [[1.0, 0.0, 0.0], [2.0, 0.0, 0.0], "
        "[3.0, 0.0, 1.0]]",
    ),
    (
        lambda: jb.CrystalConfig(**CELL, mosaic_domains=0),
        "`mosaic_domains` must be at least 1, got 0",
    ),
    (
        lambda: jb.CrystalConfig(**CELL, mosaic_axes=[[0, 0, 1]], mosaic_fractions=[0, 1]),
        "every mosaic domain needs an axis and a fraction, got 1 and 2",
    ),
    (
        lambda: jb.CrystalConfig(**CELL, mosaic_axes=[[0, 0, 1]]),
        "give both or neither of `mosaic_axes` and `mosaic_fractions`; without them they are drawn",
    ),
    (
        lambda: jb.CrystalConfig(**CELL, mosaic_axes=[[0, 0, 1], [0, 3, 4]], mosaic_fractions=[0, 1]),
        "`mosaic_axes` must be unit vectors, got one of length 5; divide each by its length",
    ),
    (
        lambda: jb.CrystalConfig(**CELL, shape="cube"),
        "`shape` must be one of 'square', 'round', 'gauss', 'tophat', got 'cube'",
    ),
    # beam
    (
        lambda: jb.BeamConfig(flux=1e12, beamsize=0),
        "`beamsize` must not be 0 mm when flux and exposure are given: the fluence would be infinite; "
        "give the beam's edge, or `fluence` instead of `flux`",
    ),
    (
        lambda: jb.BeamConfig(fluence=1, given_fluence=2),
        "give only one of `fluence` and `given_fluence`, which are the same",
    ),
    (
        lambda: jb.SourceList(positions=[[1, 0, 0]], wavelengths=[1, 2]),
        "a source list needs as many positions as wavelengths and weights, and at least one, got 1, 2 and 2",
    ),
    (
        lambda: jb.SourceList(**ONE_SOURCE, weights=[0]),
        "source weights must not all be zero; give relative photon numbers, such as 1",
    ),
    (
        lambda: jb.SourceList(positions=[[0, 0, 0]], wavelengths=[1]),
        "every source must lie away from the sample, got a position of 0 0 0",
    ),
    # detector
    (
        lambda: jb.DetectorConfig(convention="cbf"),
        "`convention` must be one of 'adxv', 'mosflm', 'denzo', 'xds', 'dials', 'custom', got 'cbf'",
    ),
    (
        lambda: jb.DetectorConfig(pivot="beam"),
        "`pivot` must be left out in the mosflm convention, which fixes it; use convention='custom'",
    ),
    (
        lambda: jb.DetectorConfig(pixels=(3, 0)),
        "`pixels` must be two positive integers (fast, slow), got (3, 0)",
    ),
    (
        lambda: jb.DetectorConfig(pixels=(65536, 65536)),
        "`pixels` must be fewer than 2147483648 in all, got 65536 x 65536; give larger pixels or simulate "
        "panels one by one",
    ),
    (
        lambda: jb.DetectorConfig(sensor_thickness=100, sensor_layers=1.5),
        "`sensor_layers` must be a positive integer, got 1.5",
    ),
    (
        lambda: jb.DetectorConfig(attenuation_depth=3),
        "`attenuation_depth` needs a `sensor_thickness` too; leave both out for a bare detector",
    ),
    # rotation, structure factors, sampling
    (lambda: jb.RotationConfig(steps=0), "`steps` must be a positive number of phi steps, got 0"),
    (
        lambda: jb.StructureFactorConfig(index_min=4),
        "`index_min` must be three integers h, k, l, got 4",
    ),
    (
        lambda: jb.StructureFactorConfig(table=[[[]]]),
        "`table` must hold at least one reflection, got shape (1, 1, 0)",
    ),
    (
        lambda: jb.SamplingConfig(oversample=2.0),
        "`oversample` must be a positive integer, got 2.0; None chooses it",
    ),
    (
        lambda: jb.SamplingConfig(roi=(1, 2, 3)),
        "`roi` must be four integers (fast first, fast last, slow first, slow last), got (1, 2, 3)",
    ),
    (
        lambda: range_steps(None, 1.0, 1e-9),
        "the number of steps of a range must be at most 10000000, got 1e+09; give a larger step or "
        "fewer steps",
    ),
    (
        lambda: source_grid(range_steps(1, 1.0, 1.0), range_steps(1, 1.0, 1.0), range_steps(1, 0, 0), True),
        "a round beam must keep at least one source, but the divergence steps put all of them into the "
        "corners; give steps that fit their range, or a square beam",
    ),
    # experiment
    (
        lambda: experiment(model="nanobrag"),
        "`model` must be a Model or one of 'corrected', 'nanobragg', got 'nanobrag'",
    ),
    (lambda: experiment(beam=1.0), "`beam` must be a BeamConfig, got 1.0"),
    (
        lambda: experiment(sampling=jb.SamplingConfig(oversample=1, mask=[[1.0, 0.0]])),
        "`mask` must have the detector's shape (slow, fast) = (1024, 1024), got (1, 2); rotate or crop the "
        "mask, or set `pixels` to match",
    ),
    (
        lambda: experiment(detector=jb.DetectorConfig(sensor_thickness=1, attenuation_depth=np.inf)),
        "`attenuation_depth` must be finite for a sensor that has a thickness, got inf; leave "
        "`sensor_thickness` out for a detector that records everything",
    ),
    (
        lambda: experiment(rotation=jb.RotationConfig(osc=1, steps=10_000_001)),
        "`steps` of the spindle times mosaic domains must be at most 10000000, got 1e+07; give fewer of one "
        "of them",
    ),
    (
        lambda: experiment(sampling=jb.SamplingConfig(oversample=5000)),
        "`oversample` squared times sensor layers must be at most 10000000, got 2.5e+07; give fewer of one "
        "of them",
    ),
    (
        lambda: experiment().with_fields(crystal__fudge=-0.5),
        "`fudge` must be zero or positive, got -0.5; it multiplies a squared radius",
    ),
    (
        lambda: experiment().with_fields(crytsal__cell=1),
        "`crytsal` must be one of background, beam, crystal, detector, model, rotation, sampling, "
        "structure_factors, got 'crytsal__cell'",
    ),
    (
        lambda: experiment().with_fields(background__air=1),
        "`background` has the fields water; got air",
    ),
    (
        lambda: check_alike(
            [
                experiment(),
                experiment(beam=jb.BeamConfig(exposure=2)),
                experiment(rotation=jb.RotationConfig(steps=2)),
            ]
        ),
        "experiments of a batch must differ in numbers only, got another `rotation.steps` in experiment 2 "
        "than in experiment 0; simulate those that are alike together",
    ),
]


@pytest.mark.spec("CFG-4", "CFG-11", "CFG-12")
@pytest.mark.parametrize(("build", "text"), CASES, ids=[text[:40] for _, text in CASES])
def test_error_says_what_was_expected_and_found(build, text):
    with pytest.raises(jb.ConfigError) as caught:
        build()
    assert str(caught.value) == text


def raised_texts():
    """Pattern and place of every ConfigError raised under jaxbragg/config."""
    for path in sorted(Path(jb.__file__).parent.glob("config/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "ConfigError":
                yield pattern(node.args[0]), f"{path.name}:{node.lineno}"


def pattern(node):
    """A regular expression for an f-string: anything may stand where values are put in."""
    if isinstance(node, ast.Constant):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(pattern(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return pattern(node.left) + pattern(node.right)
    return ".*"


def test_every_text_that_the_configs_raise_is_shown_here():
    shown = [text for _, text in CASES]
    missing = [place for text, place in raised_texts() if not any(re.fullmatch(text, t) for t in shown)]
    assert not missing
