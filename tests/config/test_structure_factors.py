"""When structure factors are interpolated: as said in Python, by the typed cell counts in the command."""

import numpy as np
import pytest

import jaxbragg as jb

LINE = "-cell 50 50 50 90 90 90 -oversample 1 -hkl"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "small.hkl"
    path.write_text("".join(f"{h} {k} {l} 7\n" for h in range(6) for k in range(6) for l in range(6)))
    return str(path)


@pytest.mark.spec("SF-5")
@pytest.mark.parametrize(
    ("words", "interpolates"),
    [
        ("-N 3", False),
        ("-N 2", True),
        ("-Na 10 -Nb 10 -Nc 2", True),
        ("-N 2 -nointerpolate", False),
        ("-N 9 -interpolate", True),
        ("-samplesize 0.001", True),  # counts as typed are one
        ("-N 3 -samplesize 0.00001", False),
    ],
)
@pytest.mark.filterwarnings("ignore::jaxbragg.JaxbraggWarning")
def test_the_command_line_interpolates_for_small_crystals(table, words, interpolates):
    experiment = jb.from_nanobragg([*LINE.split(), table, *words.split()])
    assert experiment.structure_factors.interpolate is interpolates


@pytest.mark.spec("SF-5")
def test_python_interpolates_when_told_to():
    assert not jb.StructureFactorConfig(table=np.ones((6, 6, 6))).interpolate
    assert jb.StructureFactorConfig(table=np.ones((6, 6, 6)), interpolate=True).interpolate


@pytest.mark.spec("UNIT-5")
def test_energy_sets_the_wavelength():
    typed = jb.from_nanobragg(["-cell", *"50 50 50 90 90 90".split(), "-energy", "12000", "-default_F", "1"])
    assert float(typed.beam.wavelength) == pytest.approx(12.39842 / 12, rel=1e-15)
    # h c / e, CODATA 2018: 12398.4198 eV Å
    assert float(typed.beam.wavelength) == pytest.approx(12398.4198 / 12000, rel=1e-7)
