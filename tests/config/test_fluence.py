"""The fluence exists once. These tests fail when anything but one property makes a fluence of its own.

A re-implementation once had the right fluence in its image and another, 10⁹ times smaller, in its trace,
because the trace multiplied flux, exposure and beam size again. See specs/configs.md CFG-6.
"""

import ast
from pathlib import Path

import pytest

import jaxbragg as jb
from jaxbragg.config.beam import BeamConfig
from tests.physics.experiments import assert_same, image, still

PACKAGE = Path(jb.__file__).parent
HOME = PACKAGE / "config" / "beam.py"
INGREDIENTS = {"flux", "exposure", "beamsize"}


@pytest.mark.spec("CFG-6", "BEAM-3")
@pytest.mark.parametrize(("model", "water"), [("corrected", 10.0), ("nanobragg", 0.0)])
def test_image_follows_the_property(monkeypatch, model, water):
    experiment = still(
        model=model, beam=jb.BeamConfig(flux=1e12, beamsize=0.05), background=jb.BackgroundConfig(water=water)
    )
    before = image(experiment)
    real = BeamConfig.fluence
    monkeypatch.setattr(BeamConfig, "fluence", property(lambda beam: 3.0 * real.fget(beam)))
    assert_same(image(experiment), 3.0 * before)


def products(tree):
    """Every multiplication or division, with the names that occur in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.Pow):
            names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            names |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
            yield node, names


@pytest.mark.spec("CFG-6")
def test_no_other_module_multiplies_flux_and_exposure():
    offenders = []
    for path in sorted(PACKAGE.glob("**/*.py")):
        for node, names in products(ast.parse(path.read_text())):
            used = {name for name in INGREDIENTS if any(name in n.lower() for n in names)}
            if len(used) > 1 and path != HOME:
                offenders.append(f"{path.relative_to(PACKAGE)}:{node.lineno} multiplies {sorted(used)}")
    assert not offenders


@pytest.mark.spec("CFG-6")
def test_its_own_module_does_so_in_one_function():
    tree = ast.parse(HOME.read_text())
    makers = {
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for _, names in products(function)
        if {"flux", "exposure"} <= names
    }
    assert makers == {"_fluence"}
    callers = {
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "_fluence"
    }
    assert callers == {"fluence"}
