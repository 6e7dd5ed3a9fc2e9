"""The program's own traces, number by number.

Tolerances are the printed digits: 10⁻¹² relative, and 10⁻¹⁵ of the natural scale where a value is the
rounding of zero; 10⁻⁹ for lattice factors, which lose N times |h| roundings, and for what follows from them.
"""

import numpy as np
import pytest

import jaxbragg
from jaxbragg.tracing.compare import _in_vocabulary, compare_traces
from jaxbragg.tracing.lines import CAUSAL_ORDER, LATTICE_KEYS
from tests.reference import cases
from tests.tracing.traces import NAMES, ours, theirs

AFTER_THE_LATTICE = (*LATTICE_KEYS[-5:], "I_before_scaling", "I_pixel_final", "floatimage_accumulated")


def natural_scale(key: str, name: str) -> float:
    """What a rounding error of a component is measured against; 0 for numbers without a vector."""
    values = theirs(name)
    if key.startswith(("rot_", "pix", "DETECTOR_PIX0")):
        return float(np.abs(values[key]).max())
    if key.endswith(("_vec", "_AXIS")):
        return 1.0
    if key == "scattering_vec_A_inv":
        return 1.0 / float(np.min(values["lambda_meters"]))
    if key == "hkl_frac":
        return (
            natural_scale("scattering_vec_A_inv", name)
            * float(np.abs(values["rot_c_angstroms"]).max())
            * 1e-10
        )
    return 0.0


@pytest.mark.spec("TRACE-8")
@pytest.mark.parametrize("name", NAMES)
def test_every_number_agrees(name: str) -> None:
    comparison = compare_traces(ours(name), theirs(name))
    found = {row.key: row for row in comparison.rows}
    assert set(found) == {*theirs(name), "pixel"}
    mine, saved = _in_vocabulary(ours(name)), _in_vocabulary(theirs(name))
    for key, expected in saved.items():
        rtol = 1e-9 if key in AFTER_THE_LATTICE else 1e-12
        atol = 1e-15 * natural_scale(key, name)
        np.testing.assert_allclose(mine[key], expected, rtol=rtol, atol=atol, err_msg=key)
    for key in LATTICE_KEYS[-5:-1]:
        np.testing.assert_array_equal(np.sign(mine[key]), np.sign(saved[key]), err_msg=key)


@pytest.mark.spec("TRACE-8")
def test_the_trace_that_began_the_project() -> None:
    """A trace that derived the fluence by itself disagreed with its simulator by nine orders of magnitude."""
    assert float(ours("large_detector")["beam"]["fluence"]) == pytest.approx(1.25932015286227e29, rel=1e-14)
    assert float(ours("large_detector")["accumulation"]["pixel"]) == pytest.approx(
        0.229943264387978, rel=1e-11
    )


@pytest.mark.spec("TRACE-1", "TRACE-2")
def test_a_pixel_of_a_large_detector_is_that_of_the_image() -> None:
    """4096² pixels; the image is made in the region of interest around the pixel only."""
    run = cases.load_traces()["large_detector"]
    image = jaxbragg.simulate(cases.experiment(run, "nanobragg"), precision="float64")
    whole = cases.experiment(run, "nanobragg").with_fields(sampling__roi=None)
    pixel = jaxbragg.trace(whole, run.slow, run.fast, precision="float64")["accumulation"]["pixel"]
    np.testing.assert_allclose(pixel, np.asarray(image)[run.slow, run.fast], rtol=1e-13, atol=0)


@pytest.mark.spec("TRACE-9")
@pytest.mark.parametrize("name", NAMES)
def test_comparison_finds_no_divergence_and_keeps_the_order_of_cause(name: str) -> None:
    comparison = compare_traces(ours(name), theirs(name))
    assert comparison.first_divergence is None and comparison.largest_error < 1e-9
    places = [CAUSAL_ORDER.index(row.key) for row in comparison.rows]
    assert places == sorted(places)
