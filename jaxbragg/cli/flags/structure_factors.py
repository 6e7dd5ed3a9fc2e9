"""Options of the structure factors and of the scatter that is not from the crystal."""

from jaxbragg.cli.flags.flag import Group, number, switch, text

_NEVER_USED = "the file is looked for, but its content is never used"

STRUCTURE_FACTORS = Group(
    "Structure factors and background",
    (
        text("-mat[rix]", "matrix_file", "orientation matrix (MOSFLM); gives cell and orientation", "none"),
        text("-hkl[file]", "hkl_file", "structure factors, one `h k l F` a line", "none"),
        number("-default_F", "default_f", "electrons", "F of every reflection that is not in the list", "0"),
        text("-dump[file]", "dump_file", "where the structure factors are kept between runs", "Fdump.bin"),
        switch(
            "-interpolate",
            "interpolate",
            True,
            "interpolate F between reflections",
            "on if any of -Na -Nb -Nc is 2 or less",
        ),
        switch("-nointerpolate", "interpolate", False, "take F from the nearest reflection"),
        number("-dmin", "dmin", "Å", "leave out everything beyond this resolution", "0, no limit"),
        number("-water", "water", "µm", "edge of a cube of water that scatters too", "0"),
        text("-stol$ -4stol$ -Q$", "stol_file", "amorphous scatter", ignored=_NEVER_USED),
        text("-stolout[file]", "stolout_file", "amorphous scatter as read", ignored="it is not written"),
    ),
)
