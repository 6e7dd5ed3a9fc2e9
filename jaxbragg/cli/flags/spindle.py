"""Options of the spindle: start, range and steps of the rotation during the exposure."""

from jaxbragg.cli.flags.flag import Group, count, number

SPINDLE = Group(
    "Spindle",
    (
        number("-phi$", "phi", "deg", "start of the rotation", "0"),
        number("-osc[illation]", "osc", "deg", "range of the rotation", "0"),
        number("-phistep$", "phistep", "deg", "step of the rotation", "from range and steps"),
        count("-phisteps", "phisteps", "steps of the rotation", "2 with a range, else 1"),
    ),
)
