"""Whether what a command line asks for fits into the memory that is free; decided before it is allocated.

Rules: specs/command_line.md CLI-44. How many samples an experiment may have at all: specs/configs.md CFG-12.
"""

import math

from jaxbragg.errors import JaxbraggError

BYTES_PER_PIXEL = 48
"""Memory of the image, its mask and all that is made from it, at the peak."""

BYTES_PER_REFLECTION = 32
"""Memory of the box of structure factors, at the peak: reading, widening, writing the dump."""


def check_image_memory(pixels: tuple[int, int]) -> None:
    """Refuse an image that does not fit into the memory that is free.

    Args:
      pixels: number of pixels along fast and slow.

    Raises:
      JaxbraggError: it does not.

    Source: specs/command_line.md CLI-44.
    """
    fast, slow = pixels
    _check(
        f"an image of {fast} x {slow} pixels",
        fast * slow * BYTES_PER_PIXEL,
        "give fewer pixels (-detpixels, -pixel), or simulate panels one by one",
    )


def check_box_memory(name: str, shape: tuple[int, int, int]) -> None:
    """Refuse structure factors whose box does not fit into the memory that is free.

    Args:
      name: of the file that lists them.
      shape: of the box around all indices.

    Raises:
      JaxbraggError: it does not.

    Source: specs/command_line.md CLI-44.
    """
    h, k, l = shape
    _check(
        f"{name}: a box of {h} x {k} x {l} reflections",
        h * k * l * BYTES_PER_REFLECTION,
        "check the list for wrong indices, or leave out the finest resolution",
    )


def _check(what: str, needed: float, remedy: str) -> None:
    free = free_memory()
    if needed > free:
        raise JaxbraggError(
            f"{what} needs {needed / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB are free; {remedy}"
        )


def free_memory() -> float:
    """Bytes; infinite where the system does not tell."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            words = dict(line.split(":") for line in file)
        return 1024.0 * float(words["MemAvailable"].split()[0])
    except (OSError, KeyError, ValueError):
        return math.inf
