"""NumPy files: an array with its shape and type, for further work in Python."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt

from jaxbragg.errors import ConfigError
from jaxbragg.io.atomic import replace_file
from jaxbragg.io.text import StrPath, format_error, read_bytes


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


def read_npy(path: StrPath) -> npt.NDArray[Any]:
    """Reads an array of numbers.

    Args:
      path: the file.

    Raises:
      FormatError: the file is no NumPy array of real numbers.

    Source: specs/files.md FILE-10.
    """
    remedy = "write it with numpy.save, from an array of real numbers"
    try:
        array: npt.NDArray[Any] = np.load(io.BytesIO(read_bytes(path)), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise format_error(path, None, "a NumPy file with one array", str(error), remedy) from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiub":
        found = getattr(array, "dtype", "several arrays")
        raise format_error(path, None, "an array of real numbers", f"{found}", remedy)
    return array
