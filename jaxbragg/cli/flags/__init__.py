"""Every option of the command line, as data: one table per group, in the order of -help.

A row says how an option is spelled, what follows it, and which fields of `Options` it sets. The order inside
a table matters where one spelling is part of another: the row that `stops` comes first, as in the C program.
"""

from jaxbragg.cli.flags.beam import BEAM
from jaxbragg.cli.flags.crystal import CRYSTAL
from jaxbragg.cli.flags.detector import HEADERS, PIXELS, PLACEMENT
from jaxbragg.cli.flags.flag import Flag, Group, Name
from jaxbragg.cli.flags.ignored import IGNORED
from jaxbragg.cli.flags.output import OUTPUT
from jaxbragg.cli.flags.own import MODELS, OWN, PRECISIONS
from jaxbragg.cli.flags.sampling import SAMPLING
from jaxbragg.cli.flags.spindle import SPINDLE
from jaxbragg.cli.flags.structure_factors import STRUCTURE_FACTORS

GROUPS: tuple[Group, ...] = (
    CRYSTAL,
    STRUCTURE_FACTORS,
    BEAM,
    PLACEMENT,
    PIXELS,
    SPINDLE,
    SAMPLING,
    HEADERS,
    OUTPUT,
    OWN,
    IGNORED,
)

ALL_FLAGS: tuple[Flag, ...] = tuple(flag for group in GROUPS for flag in group.flags)

__all__ = ["ALL_FLAGS", "GROUPS", "MODELS", "PRECISIONS", "Flag", "Group", "Name"]
