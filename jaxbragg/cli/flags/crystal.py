"""Options of the crystal: cell, size, orientation, mosaicity, shape of the spots."""

from jaxbragg.cli.flags.flag import Flag, Group, count, names, number, switch

CRYSTAL = Group(
    "Crystal",
    (
        count("-Na", "na", "unit cells along a", "1", stops=True),
        count("-Nb", "nb", "unit cells along b", "1", stops=True),
        count("-Nc", "nc", "unit cells along c", "1", stops=True),
        count("-N$", "na nb nc", "unit cells along each axis", "1", stops=True),
        Flag(
            names("-cell"),
            "unit cell; missing edges equal a, missing angles are 90; needed unless -mat is given",
            ("cell",),
            ("cell",),
            "Å, deg",
            values="a b c alpha beta gamma",
        ),
        Flag(
            names("-misset"),
            "rotations about x, then y, then z on top of the orientation, or the word random",
            ("misset",),
            ("misset",),
            "deg",
            "none",
            values="x y z | random",
        ),
        count("-misset_seed", "misset_seed", "seed of -misset random", "from the clock"),
        number(
            "-samplesize -sample_size -xtalsize -xtal_size",
            "sample_x sample_y sample_z",
            "mm",
            "edge of the crystal; replaces -N",
            "not used",
        ),
        number(
            "-sample_thick[ness] -sample_x -xtal_thick[ness] -xtal_x",
            "sample_x",
            "mm",
            "size along a; replaces -Na",
            "not used",
        ),
        number(
            "-sample_width -sample_y -xtal_width -xtal_y -width",
            "sample_y",
            "mm",
            "size along b, no more than -beamsize; replaces -Nb",
            "not used",
        ),
        number(
            "-sample_heigh[t] -sample_z -xtal_heigh[t] -xtal_z -heigh[t]",
            "sample_z",
            "mm",
            "size along c, no more than -beamsize; replaces -Nc",
            "not used",
        ),
        number("-mosaic$ -mosaici[ty] -mosaic_spr[ead]", "mosaic_spread", "deg", "mosaic spread", "0"),
        count("-mosaic_dom[ains]", "mosaic_domains", "mosaic domains", "10 with a spread, else 1"),
        count("-mosaic_seed", "mosaic_seed", "seed of the mosaic domains", "12345678"),
        switch("-square_xtal", "shape", "square", "spots of a parallelepiped crystal", "yes"),
        switch("-round_xtal", "shape", "round", "spots of a spherical crystal"),
        switch("-gauss_xtal", "shape", "gauss", "Gaussian spots"),
        switch("-tophat_spots -binary_spots", "shape", "tophat", "spots with sharp edges"),
        number("-fudge", "fudge", "", "scale of the squared radius in round, gauss and tophat spots", "1"),
    ),
)
