"""Numbers that no option can mean: nan and infinity.

Rules: specs/command_line.md CLI-24.
"""

import dataclasses
import math
from typing import Any

from jaxbragg.cli.flags import ALL_FLAGS
from jaxbragg.cli.options import Options
from jaxbragg.errors import ConfigError


def check_numbers(options: Options) -> None:
    """Refuse numbers that are not finite.

    The wavelength may pass, since its own check knows about -energy.

    Raises:
      ConfigError: naming the option.

    Source: specs/command_line.md CLI-24.
    """
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        if field.name != "wavelength" and not _finite(value):
            raise ConfigError(
                f"{_option(field.name)} must be finite, got {_shown(value)}; give a number, or leave it out"
            )


def _finite(value: Any) -> bool:
    """Whether a value holds no nan or infinity."""
    values = value if isinstance(value, tuple) else (value,)
    return all(math.isfinite(x) for x in values if isinstance(x, float))


def _option(field: str) -> str:
    """The option that sets a field."""
    return next((flag.name for flag in ALL_FLAGS if field in flag.target), f"`{field}`")


def _shown(value: Any) -> str:
    """A number or several, as typed."""
    return " ".join(f"{x:g}" for x in (value if isinstance(value, tuple) else (value,)))
