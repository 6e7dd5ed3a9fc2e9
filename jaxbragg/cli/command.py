"""The commands `jaxbragg` and `nanobragg-jax`: which of their jobs is asked for, what happens on errors.

The only place that turns errors into a line on stderr and an exit code. Rules: specs/command_line.md CLI-43
and CLI-44.
"""

import difflib
import os
import sys
import warnings
from collections.abc import Callable, Sequence

from jaxbragg import __version__
from jaxbragg.errors import JaxbraggError, JaxbraggWarning, UsageError

FAILED = 9
"""Exit code of every error that is reported, as of the C program."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as of a shell."""

Job = Callable[[list[str], str], int]

_USAGE = """\
usage: jaxbragg <command> [options]

commands:
  demo      simulate a crystal of a real protein; needs no input
  simulate  simulate an image; takes the options of nanoBragg and some more
  trace     print every step of the calculation of one pixel
  refine    refine an experiment against a measured image

`jaxbragg <command> -h` lists the options of a command. `nanobragg-jax` is `jaxbragg simulate` in the place of
nanoBragg: same options, same files, same defects.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command `jaxbragg`.

    Args:
      argv: the words after the program's name; None takes those of this process.

    Returns:
      Exit code: 0, 9 after an error, 130 after Ctrl-C.

    Source: specs/command_line.md CLI-43.
    """
    return _guarded(_dispatch, _words(argv), "jaxbragg")


def nanobragg_main(argv: Sequence[str] | None = None) -> int:
    """Run the command `nanobragg-jax`, which stands in for the C program nanoBragg; see `main`."""
    return _guarded(_stand_in, _words(argv), "nanobragg-jax")


def _words(argv: Sequence[str] | None) -> list[str]:
    """The words after the program's name."""
    return sys.argv[1:] if argv is None else [os.fspath(word) for word in argv]


def _dispatch(words: list[str], program: str) -> int:
    """Find the job and do it."""
    if not words or words[0] in ("-h", "-help", "--help", "help"):
        print(_USAGE, end="")
        return 0 if words else FAILED
    if words[0] in ("-version", "--version"):
        return _version(program)
    jobs: dict[str, Job] = {"simulate": _simulate, "demo": _demo, "trace": _trace, "refine": _refine}
    job = jobs.get(words[0])
    if job is None:
        close = difflib.get_close_matches(words[0], jobs, n=1)
        remedy = f"did you mean `{program} {close[0]}`?" if close else f"give one of {', '.join(jobs)}"
        if words[0].startswith("-"):
            remedy = f"options come after it: {program} simulate {words[0]} ..."
        raise UsageError(f"expected a command, found {words[0]!r}; {remedy}")
    return job(words[1:], f"{program} {words[0]}")


def _stand_in(words: list[str], program: str) -> int:
    """Do what the C program does."""
    if words[:1] in (["-version"], ["--version"]):
        return _version(program)
    from jaxbragg.cli.simulate_command import run_simulation

    return run_simulation(words, program, "nanobragg")


def _version(program: str) -> int:
    print(f"{program} {__version__}")
    return 0


def _simulate(words: list[str], program: str) -> int:
    from jaxbragg.cli.simulate_command import run_simulation

    return run_simulation(words, program, "corrected")


def _demo(words: list[str], program: str) -> int:
    from jaxbragg.cli.demo import run_demo

    return run_demo(words, program)


def _trace(words: list[str], program: str) -> int:
    from jaxbragg.cli.trace_line import run_trace_line

    return run_trace_line(words, program)


def _refine(words: list[str], program: str) -> int:
    from jaxbragg.cli.refine_command import run_refinement

    return run_refinement(words, program)


def _guarded(job: Job, words: list[str], program: str) -> int:
    """Do a job; one line on stderr for every warning and for the error that ends it."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", JaxbraggWarning)
        warnings.showwarning = _show_warning
        try:
            code = job(words, program)
            sys.stdout.flush()
            return code
        except BrokenPipeError:
            _drop_stdout()
            return FAILED
        except KeyboardInterrupt:
            return _fail(program, "interrupted; no file is left half-written", INTERRUPTED)
        except MemoryError:
            return _fail(program, "not enough memory; use fewer pixels, or -roi", FAILED)
        except (JaxbraggError, OSError) as error:
            return _fail(program, str(error), FAILED)
        except RuntimeError as error:  # jaxlib has no class of its own for this
            if "RESOURCE_EXHAUSTED" not in str(error):
                raise
            return _fail(program, "not enough memory; use fewer pixels, or -roi", FAILED)


def _fail(program: str, text: str, code: int) -> int:
    """Say what went wrong, on one line."""
    try:
        sys.stdout.flush()
    except OSError:
        _drop_stdout()
    print(f"{program}: error: {_one_line(text)}", file=sys.stderr)
    return code


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """Print a warning without the place in the source where it arose."""
    print(f"warning: {_one_line(str(message))}", file=sys.stderr)


def _one_line(text: str) -> str:
    """A text without line ends and control characters; what the terminal cannot show is escaped."""
    shown = "".join(c if c.isprintable() else " " if c.isspace() else repr(c)[1:-1] for c in text)
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    return " ".join(shown.split()).encode(encoding, "backslashreplace").decode(encoding)


def _drop_stdout() -> None:
    """Nobody reads our output any more: keep the interpreter from complaining at its end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
