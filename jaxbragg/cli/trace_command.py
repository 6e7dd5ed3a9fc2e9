"""What `jaxbragg trace` and `-trace_pixel` print."""

from jaxbragg.config.experiment import Experiment
from jaxbragg.simulation.trace import trace
from jaxbragg.tracing.as_json import trace_json
from jaxbragg.tracing.text import trace_text


def run_trace(
    experiment: Experiment, slow: int, fast: int, as_json: bool = False, precision: str = "float64"
) -> str:
    """The trace of one pixel as text that ends in a line break.

    Args:
      experiment: what is simulated.
      slow, fast: the pixel.
      as_json: every key as JSON instead of the reference program's vocabulary.
      precision: as in `jaxbragg.simulate`; that of the image whose pixel is doubted.

    Raises:
      ConfigError: there is no such pixel.

    Source: specs/trace.md TRACE-8.
    """
    traced = trace(experiment, slow, fast, precision=precision)
    return trace_json(traced) + "\n" if as_json else trace_text(traced)
