"""NumPy files: an array with its shape and type, for further work in Python."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt

from jaxbragg.errors import ConfigError
from jaxbragg.io.atomic import replace_file
from jaxbragg.io.text import StrPath


def write_npy(path: StrPath, array: npt.NDArray[Any]) -> None:
    """Writes an array so that `numpy.load` returns it unchanged.

    Args:
      path: the file to write, name as given (no ending is added); it appears complete or not at all.
      array: numbers of any type and shape.

    Raises:
      ConfigError: the array holds objects instead of numbers.
      JaxbraggError: the file cannot be written.

    Source: specs/files.md FILE-10.
    """
    if array.dtype.hasobject:
        raise ConfigError(f"only arrays of numbers can be written, got dtype {array.dtype}; convert it first")
    content = io.BytesIO()  # numpy's own writing to files hides the cause of a failure
    np.save(content, array, allow_pickle=False)
    with replace_file(path) as file:
        file.write(content.getbuffer())
