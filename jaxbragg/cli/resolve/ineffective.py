"""stub"""
from collections.abc import Iterator
from jaxbragg.cli.options import Options
from jaxbragg.config.model import Model

def ineffective(typed: Options, known: Options, model: Model) -> Iterator[str]:
    yield from ()
