"""`jaxbragg trace ... -pixel SLOW FAST [-json]`: which pixel, of which experiment, in which form.

Rules: specs/command_line.md CLI-55; what is printed: `jaxbragg.cli.trace_command`.
"""

from jaxbragg.cli.resolve.words import read_words
from jaxbragg.cli.simulate_command import check_complete
from jaxbragg.errors import UsageError

_USAGE = """\
usage: {program} [options of jaxbragg simulate] -pixel SLOW FAST [-json]

Prints every step of the calculation of one pixel; nothing is written. Text in the words of the C program, or
with -json every quantity, named as in jaxbragg.trace.
"""


def run_trace_line(words: list[str], program: str) -> int:
    """Trace one pixel.

    Args:
      words: the command line after the program's name.
      program: the name under which the command was called.

    Returns:
      Exit code.

    Raises:
      JaxbraggError: the line is refused, or there is no such pixel.

    Source: specs/command_line.md CLI-55.
    """
    if any(word in ("-h", "-help", "--help") for word in words):
        print(_USAGE.format(program=program), end="")
        return 0
    as_json = any(word in ("-json", "--json") for word in words)
    words, pixel = _without_pixel([word for word in words if word not in ("-json", "--json")])
    options, model = read_words(words)
    pixel = pixel or options.trace_pixel
    if pixel is None:
        raise UsageError("which pixel is to be traced? give -pixel SLOW FAST, two whole numbers from 0")
    check_complete(options, model, program)
    from jaxbragg.cli.inputs import check_inputs

    check_inputs(options, model)

    from jaxbragg.cli.compilation_cache import start_jax

    start_jax(keep_compiled=not options.nocache)
    from jaxbragg.cli.compute import check_traced
    from jaxbragg.cli.resolve.experiment import resolve
    from jaxbragg.cli.trace_command import run_trace

    experiment = resolve(options, model=model)
    check_traced(experiment)
    precision = options.precision or "float64"
    print(run_trace(experiment, *pixel, as_json=as_json, precision=precision), end="")
    return 0


def _without_pixel(words: list[str]) -> tuple[list[str], tuple[int, int] | None]:
    """The words without the last `-pixel SLOW FAST`; `-pixel` before a single number is the pixel's size."""
    for n in range(len(words) - 3, -1, -1):
        first, second = words[n + 1 : n + 3]
        if words[n] in ("-pixel", "--pixel") and first.isdecimal() and second.isdecimal():
            return words[:n] + words[n + 3 :], (int(first), int(second))
    return words, None
