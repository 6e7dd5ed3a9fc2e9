"""Options that the C program does not have."""

from jaxbragg.cli.flags.flag import Flag, Group, names, switch, text

MODELS = ("corrected", "nanobragg")
"""The repaired physics, and the program as it is."""

PRECISIONS = ("mixed", "float64", "float32")
"""Width of the numbers in the calculation."""

OWN = Group(
    "Beyond the C program",
    (
        text(
            "-model",
            "model",
            "repaired physics, or the C program as it is",
            "corrected; nanobragg for nanobragg-jax",
            values="|".join(MODELS),
            choices=MODELS,
        ),
        text(
            "-precision",
            "precision",
            "width of the numbers",
            "mixed; float64 with -model nanobragg",
            values="|".join(PRECISIONS),
            choices=PRECISIONS,
        ),
        text("-pngfile", "png_file", "picture as PNG", "none"),
        text("-npyfile", "npy_file", "photons per pixel as a NumPy file", "none"),
        switch("-nocache", "nocache", True, "do not keep compiled programs between runs", "off"),
        switch("-verbose", "verbose", True, "report more", "off"),
        Flag(names("-help -h$"), "print this text", effects=(("help", True),)),
    ),
)
