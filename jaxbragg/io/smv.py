"""SMV images: a text header of `KEYWORD=value;` lines and 16-bit unsigned pixels.

Reading keeps the header as text; which of its numbers describe the experiment is decided by the command
line. Writing fills the header from an `SmvHeader`. Arrays are (slow, fast), as in the file.
"""

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jaxbragg.errors import ConfigError
from jaxbragg.io.atomic import replace_file
from jaxbragg.io.text import StrPath, format_error, general, leading_number, quoted, read_bytes

_MAGIC = b"{\nHEADER_BYT"
_BLOCK = 512
_BYTE_ORDERS = {"little_endian": "<u2", "big_endian": ">u2"}
_REMEDY = "give an SMV image as the detector or the simulator wrote it"


@dataclass(frozen=True, eq=False)
class SmvImage:
    """An SMV image.

    Attributes:
      header: the header text, HEADER_BYTES characters, one per byte.
      data: pixel values, detector units, uint16, (slow, fast).

    Source: specs/files.md FILE-6.
    """

    header: str
    data: npt.NDArray[np.uint16]

    def value(self, keyword: str) -> float | None:
        """The number that the header gives for a keyword.

        Args:
          keyword: the keyword without `=`; its last occurrence counts, even inside a longer keyword.

        Returns:
          The number after the next `=`, in the unit of the file, 0 if none follows; None if the keyword
          does not occur.

        Source: specs/files.md FILE-6.
        """
        return header_value(self.header, keyword)


def header_value(header: str, keyword: str) -> float | None:
    """The number that a header text gives for a keyword; see `SmvImage.value`."""
    _, found, rest = header.rpartition(keyword)
    if not found:
        return None
    _, equals, text = rest.partition("=")
    return leading_number(text) if equals else None


def read_smv(path: StrPath) -> SmvImage:
    """Reads an SMV image, plain or gzip, of either byte order.

    Args:
      path: the file.

    Returns:
      Header text and pixels.

    Raises:
      FormatError: no SMV header, another TYPE than unsigned_short, no or an unknown BYTE_ORDER, no size, or
        fewer pixels than the size demands.

    Source: specs/files.md FILE-6.
    """
    content = read_bytes(path)
    if not content.startswith(_MAGIC):
        start = quoted(content[:12].decode("latin-1"))
        raise format_error(path, None, "an SMV header, '{' and 'HEADER_BYTES='", start, _REMEDY)
    header = _header_text(path, content)
    kind = _word(header, "TYPE")
    if kind != "unsigned_short":
        raise format_error(
            path, None, "TYPE=unsigned_short", _or_none(kind), "convert the image to 16-bit unsigned pixels"
        )
    order = _word(header, "BYTE_ORDER")
    if order not in _BYTE_ORDERS:
        raise format_error(
            path, None, "BYTE_ORDER=little_endian or big_endian", _or_none(order), "correct the header"
        )
    fast, slow = _size(path, header)
    needed = len(header) + 2 * slow * fast
    if len(content) < needed:
        raise format_error(
            path,
            None,
            f"{needed} bytes for {fast} x {slow} pixels after {len(header)} bytes of header",
            f"{len(content)}",
            "the file is cut off, copy it again",
        )
    pixels = np.frombuffer(content, dtype=_BYTE_ORDERS[order], count=slow * fast, offset=len(header))
    return SmvImage(header, pixels.reshape(slow, fast).astype(np.uint16))


def _header_text(path: StrPath, content: bytes) -> str:
    """The first HEADER_BYTES bytes as text, one character per byte."""
    length = header_value(content[:_BLOCK].decode("latin-1"), "HEADER_BYTES")
    if length is None or not len(_MAGIC) <= length <= len(content):
        raise format_error(
            path,
            None,
            f"HEADER_BYTES between {len(_MAGIC)} and the length of the file, {len(content)}",
            _or_none(None if length is None else f"{length:g}"),
            _REMEDY,
        )
    return content[: int(length)].decode("latin-1")


def _word(header: str, keyword: str) -> str | None:
    """The text after `keyword=` at the beginning of a header line, up to `;` or the line's end."""
    found = re.findall(rf"(?:^|[;\n])[ \t]*{keyword}[ \t]*=[ \t]*([^;\n]*)", header)
    return found[-1].strip() if found else None


def _or_none(text: str | None) -> str:
    """A value for an error text."""
    return "none" if text is None else quoted(text)


def _size(path: StrPath, header: str) -> tuple[int, int]:
    """Number of fast and slow pixels, from SIZE1 and SIZE2 or from DETECTOR_DIMENSIONS."""
    fast, slow = header_value(header, "SIZE1"), header_value(header, "SIZE2")
    if not fast:
        words = (_word(header, "DETECTOR_DIMENSIONS") or "0").split()
        fast, slow = leading_number(words[0] if words else ""), leading_number(words[-1] if words else "")
    if not _is_count(fast) or slow is None or not _is_count(slow):
        found = " x ".join("none" if size is None else f"{size:g}" for size in (fast, slow))
        raise format_error(
            path, None, "positive whole numbers SIZE1 and SIZE2 (or DETECTOR_DIMENSIONS)", found, _REMEDY
        )
    return int(fast), int(slow)


def _is_count(value: float) -> bool:
    """Whether a number can be a number of pixels."""
    return math.isfinite(value) and value == int(value) and 1 <= value < 2**31


@dataclass(frozen=True)
class SmvHeader:
    """The numbers of the header that the simulator writes, in the order of the file.

    Attributes:
      size_fast: number of pixels along the fast axis.
      size_slow: number of pixels along the slow axis.
      pixel_size: mm.
      distance: sample to detector along the beam, mm.
      wavelength: angstrom.
      beam_center: X and Y in the convention of the user, mm.
      adxv_center: X and Y in ADXV's convention, mm.
      mosflm_center: X and Y in MOSFLM's convention, mm.
      denzo_beam: X and Y in DENZO's convention, mm.
      dials_origin: origin of the detector in DIALS's frame, mm.
      xds_org: ORGX and ORGY in XDS's convention, pixels.
      close_distance: sample to detector plane along its normal, mm.
      phi: spindle angle at the start, degrees.
      osc_range: spindle range, degrees.
      twotheta: detector swing, degrees.

    Source: specs/files.md FILE-7.
    """

    size_fast: int
    size_slow: int
    pixel_size: float
    distance: float
    wavelength: float
    beam_center: tuple[float, float]
    adxv_center: tuple[float, float]
    mosflm_center: tuple[float, float]
    denzo_beam: tuple[float, float]
    dials_origin: tuple[float, float, float]
    xds_org: tuple[float, float]
    close_distance: float
    phi: float
    osc_range: float
    twotheta: float


def header_fields(header: SmvHeader) -> dict[str, float | int | str]:
    """Keywords and values of the header that the simulator writes, in the order of the file.

    Args:
      header: the numbers.

    Returns:
      Keyword to value, ready for `format_header`.

    Source: specs/files.md FILE-7.
    """
    return {
        "DIM": 2,
        "BYTE_ORDER": "little_endian",
        "TYPE": "unsigned_short",
        "SIZE1": header.size_fast,
        "SIZE2": header.size_slow,
        "PIXEL_SIZE": float(header.pixel_size),
        "DISTANCE": float(header.distance),
        "WAVELENGTH": float(header.wavelength),
        "BEAM_CENTER_X": float(header.beam_center[0]),
        "BEAM_CENTER_Y": float(header.beam_center[1]),
        "ADXV_CENTER_X": float(header.adxv_center[0]),
        "ADXV_CENTER_Y": float(header.adxv_center[1]),
        "MOSFLM_CENTER_X": float(header.mosflm_center[0]),
        "MOSFLM_CENTER_Y": float(header.mosflm_center[1]),
        "DENZO_X_BEAM": float(header.denzo_beam[0]),
        "DENZO_Y_BEAM": float(header.denzo_beam[1]),
        "DIALS_ORIGIN": ",".join(general(x) for x in header.dials_origin),
        "XDS_ORGX": float(header.xds_org[0]),
        "XDS_ORGY": float(header.xds_org[1]),
        "CLOSE_DISTANCE": float(header.close_distance),
        "PHI": float(header.phi),
        "OSC_START": float(header.phi),
        "OSC_RANGE": float(header.osc_range),
        "TWOTHETA": float(header.twotheta),
        "DETECTOR_SN": "000",
        "BEAMLINE": "fake",
    }


def format_header(fields: Mapping[str, float | int | str]) -> bytes:
    """Lays out a header: HEADER_BYTES first, then the fields in their order, padded to blocks of 512 bytes.

    Args:
      fields: keyword to value; integers and text are written as they are, reals with six digits.

    Returns:
      The header, a multiple of 512 bytes, ASCII.

    Raises:
      ConfigError: a keyword or text that would break the header.

    Source: specs/files.md FILE-7.
    """
    text = "".join(_field_line(keyword, value) for keyword, value in fields.items())
    length = _BLOCK
    while len(start := f"{{\nHEADER_BYTES={length};\n{text}}}\f") > length:
        length += _BLOCK
    return start.ljust(length).encode("ascii")


def _field_line(keyword: str, value: float | int | str) -> str:
    """One line; DIALS_ORIGIN goes without semicolon because the readers of such files know it so."""
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) else general(value)
    if not (keyword + text).isascii() or re.search(r"[=;{}\s]", keyword) or re.search(r"[;{}\f\r\n]", text):
        raise ConfigError(
            f"SMV header lines must be ASCII without ';', braces and line ends, got {keyword!r} = {text!r}; "
            "rename or leave out the field"
        )
    return f"{keyword}={text}\n" if keyword == "DIALS_ORIGIN" else f"{keyword}={text};\n"


def write_smv(path: StrPath, header: bytes, data: npt.NDArray[np.uint16]) -> None:
    """Writes an SMV image: the header, then the pixels in little-endian order.

    Args:
      path: the file to write; it appears complete or not at all.
      header: the header, from `format_header`.
      data: pixel values, uint16, (slow, fast).

    Raises:
      ConfigError: the data are not 16-bit unsigned and two-dimensional, or the header tells another size.
      JaxbraggError: the file cannot be written.

    Source: specs/files.md FILE-7.
    """
    if data.dtype != np.uint16 or data.ndim != 2:
        raise ConfigError(
            f"SMV pixels must be uint16 of shape (slow, fast), got {data.dtype} of shape {data.shape}; "
            "convert the image to detector units first"
        )
    text = header.decode("latin-1")
    told = (header_value(text, "SIZE2"), header_value(text, "SIZE1"))
    if told != data.shape:
        raise ConfigError(
            f"the SMV header of {os.fspath(path)} must tell SIZE2, SIZE1 = {data.shape}, got {told}; "
            "build the header for this image"
        )
    with replace_file(path) as file:
        file.write(header)
        file.write(np.ascontiguousarray(data, dtype="<u2").data)
