"""Options of the files written, the noise, and what is reported."""

from jaxbragg.cli.flags.flag import Flag, Group, count, names, number, switch, text

_PGM = (("write_pgm", True),)
_NOISE = (("write_noise", True),)

OUTPUT = Group(
    "Output",
    (
        text("-floatfile -floatimage", "float_file", "photons per pixel, 4-byte numbers", "floatimage.bin"),
        text("-intfile -intimage", "int_file", "scaled integers, SMV", "intimage.img"),
        number("-scale[factor]", "scale", "", "factor of the integer image", "brightest pixel at 55000"),
        number("-adc[offset]", "adc_offset", "", "added to both integer images", "40"),
        text(
            "-noisefile -noiseimage",
            "noise_file",
            "image with counting noise, SMV; cancels -nonoise",
            "noiseimage.img",
            effects=_NOISE,
        ),
        switch("-nonoise", "write_noise", False, "no image with noise", "off"),
        count("-seed", "seed", "seed of the noise", "from the clock"),
        text(
            "-pgmfile -pgmimage",
            "pgm_file",
            "picture of one byte per pixel; cancels -nopgm",
            "image.pgm",
            effects=_PGM,
        ),
        number(
            "-pgmscale", "pgmscale", "", "factor of the picture; cancels -nopgm", "automatic", effects=_PGM
        ),
        switch("-nopgm", "write_pgm", False, "no picture", "off"),
        switch("-printout", "printout", True, "print every pixel", "off"),
        Flag(
            names("-printout_pixel"),
            "print this pixel only",
            ("int",) * 2,
            ("printout_pixel",),
            "pixels",
            "all",
            values="fast slow",
            effects=(("printout", True),),
        ),
        switch("-progress", "progress", True, "show how far the image is", "yes"),
        switch("-noprogress", "progress", False, "do not show it"),
        Flag(
            names("-trace_pixel"),
            "report every step of the calculation of this pixel",
            ("int",) * 2,
            ("trace_pixel",),
            "pixels",
            "none",
            values="slow fast",
        ),
    ),
)
