"""Options of the sampling inside a pixel and of the part of the image that is computed."""

from jaxbragg.cli.flags.flag import Flag, Group, count, names, switch

SAMPLING = Group(
    "Sampling",
    (
        switch("-oversample_thick", "oversample_thick", True, "absorption per sample", "off", stops=True),
        switch("-oversample_polar", "oversample_polar", True, "polarization per sample", "off", stops=True),
        switch("-oversample_omega", "oversample_omega", True, "solid angle per sample", "off", stops=True),
        count("-oversample", "oversample", "samples along the edge of a pixel", "from the crystal size"),
        Flag(
            names("-roi"),
            "compute these pixels only, ends included",
            ("int",) * 4,
            ("roi",),
            "pixels",
            "all",
            values="xmin xmax ymin ymax",
        ),
    ),
)
