"""Groups of parameters by the names that users type."""

from jaxbragg.errors import ConfigError
from jaxbragg.refine.group import Group
from jaxbragg.refine.parameters import Orientation, Parameter, UnitCell
from jaxbragg.refine.photon_parameters import Background, Scale


def as_group(wanted: Group | str, system: str | None = None) -> Group:
    """A group of parameters, given as such or by name.

    Args:
      wanted: a group, or a name such as "misset", "cell", "scale", "background" or "detector.distance".
      system: crystal system, for the name "cell".

    Raises:
      ConfigError: no such name, or a cell without a crystal system.

    Source: specs/refinement.md REF-1.
    """
    if not isinstance(wanted, str):
        return wanted
    match wanted.removeprefix("crystal."):
        case "misset" | "orientation":
            return Orientation()
        case "cell":
            return _unit_cell(system)
        case "scale":
            return Scale()
        case "background":
            return Background()
    return Parameter(wanted)


def _unit_cell(system: str | None) -> UnitCell:
    if system is None:
        raise ConfigError(
            "refining the cell needs its crystal system, which numbers cannot tell; give "
            'system="monoclinic", say, or -system on the command line'
        )
    return UnitCell(system)
