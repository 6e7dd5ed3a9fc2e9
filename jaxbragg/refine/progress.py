"""How a refinement gets on, on one line of stderr that changes with every step."""

import contextlib
import sys
from collections.abc import Callable, Iterator

from jaxbragg.refine.result import Step


@contextlib.contextmanager
def step_line(wanted: bool) -> Iterator[Callable[[Step], None]]:
    """Show every step until the refinement ends.

    Args:
      wanted: False shows nothing.

    Yields:
      A function to call after every step.

    Source: specs/refinement.md REF-18.
    """
    if not wanted:
        yield lambda step: None
        return
    from tqdm import tqdm

    with tqdm(
        desc="compiling", unit=" steps", file=sys.stderr, bar_format="{desc}{postfix} [{elapsed}]"
    ) as bar:

        def show(step: Step) -> None:
            bar.set_description_str(f"stage {step.stage + 1}, step {bar.n}", refresh=False)
            away = "" if step.distance != step.distance else f", {step.distance:.2g}σ to go"
            bar.set_postfix_str(f"χ² {step.reduced_chi_square:.4f}{away}", refresh=False)
            bar.n += 1
            bar.refresh()

        yield show
