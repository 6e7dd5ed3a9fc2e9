"""Options that the C program documents or accepts, and that change nothing."""

from jaxbragg.cli.flags.flag import Flag, Group, names

_NOT_USED = "the number is read and never used"
_UNKNOWN = "the C program documents it but does not know it"


def _dead(spelling: str, right: str, values: int = 1) -> Flag:
    """A spelling of the program's own examples that the program does not recognise."""
    return Flag(
        names(spelling),
        f"write {right}",
        ("float",) * values,
        ignored=_UNKNOWN,
        instead=right,
        values="x y z" if values == 3 else "",
    )


IGNORED = Group(
    "Without effect: the nanobragg model warns of them, the corrected one refuses them",
    (
        Flag(
            names("-density -sample_den[sity]"),
            "density of the sample",
            ("float",),
            unit="g/cm³",
            ignored=_NOT_USED,
        ),
        Flag(
            names("-MW$ -molec[ular_weight]"),
            "molar mass of the sample",
            ("float",),
            unit="g/mol",
            ignored=_NOT_USED,
        ),
        Flag(names("-coherent"), "add sources coherently", ignored="nothing reads it"),
        Flag(
            names("-source_dist[ance]"),
            "distance of the sources",
            ("float",),
            unit="m",
            ignored="it is 10 m, and only directions matter",
        ),
        _dead("-hdiv$", "-hdivrange"),
        _dead("-vdiv$", "-vdivrange"),
        _dead("-dispstep$", "-dispsteps"),
        _dead("-detsize_x$", "-detsize_f"),
        _dead("-detsize_y$", "-detsize_s"),
        _dead("-xdet_vector$", "-fdet_vector", 3),
        _dead("-ydet_vector$", "-sdet_vector", 3),
        _dead("-zdet_vector$", "-odet_vector", 3),
    ),
)
