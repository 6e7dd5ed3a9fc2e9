"""SMV images: reading those of others, writing the reference program's, byte for byte."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jaxbragg.errors import ConfigError, FormatError
from jaxbragg.io.smv import (
    SmvHeader,
    format_header,
    header_fields,
    header_value,
    read_smv,
    write_smv,
)

GOLDEN = Path(__file__).parent / "golden"
IMAGES = sorted(GOLDEN.glob("*/*image.img"))
KNOWN = SmvHeader(
    size_fast=3,
    size_slow=4,
    pixel_size=0.2,
    distance=123,
    wavelength=1.5,
    beam_center=(0.3, 0.5),
    adxv_center=(0.6, 0.4),
    mosflm_center=(0.3, 0.5),
    denzo_beam=(0.4, 0.6),
    dials_origin=(-0.6, 0.4, -123),
    xds_org=(3.5, 2.5),
    close_distance=123,
    phi=10,
    osc_range=2,
    twotheta=0,
)
PLAIN = (
    "{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\nSIZE1=3;\nSIZE2=2;\n}\f"
)


def written(tmp_path, header, data=bytes(12), length=512):
    path = tmp_path / "a.img"
    path.write_bytes(header.encode().ljust(length) + data)
    return path


def numbers_of(header):
    """An SmvHeader from the text of a header: the way back, made only from single values."""

    def value(keyword):
        return header_value(header, f"\n{keyword}")

    origin = header.split("DIALS_ORIGIN=")[1].split("\n")[0].split(",")
    return SmvHeader(
        int(value("SIZE1")),
        int(value("SIZE2")),
        *(value(k) for k in ("PIXEL_SIZE", "DISTANCE", "WAVELENGTH")),
        *((value(f"{k}_X"), value(f"{k}_Y")) for k in ("BEAM_CENTER", "ADXV_CENTER", "MOSFLM_CENTER")),
        (value("DENZO_X_BEAM"), value("DENZO_Y_BEAM")),
        tuple(float(x) for x in origin),
        (value("XDS_ORGX"), value("XDS_ORGY")),
        *(value(k) for k in ("CLOSE_DISTANCE", "PHI", "OSC_RANGE", "TWOTHETA")),
    )


@pytest.mark.spec("FILE-7")
def test_header_of_the_worked_example_byte_for_byte():
    expected = (GOLDEN / "header" / "intimage.img").read_bytes()[:512]
    assert format_header(header_fields(KNOWN)) == expected


@pytest.mark.spec("FILE-7")
@pytest.mark.parametrize("source", IMAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_image_of_the_reference_program_is_rewritten_byte_for_byte(tmp_path, source):
    image = read_smv(source)
    path = tmp_path / "a.img"
    write_smv(path, format_header(header_fields(numbers_of(image.header))), image.data)
    assert path.read_bytes() == source.read_bytes()


@pytest.mark.spec("FILE-6")
def test_pixels_stand_slow_by_fast():
    image = read_smv(GOLDEN / "header" / "noiseimage.img")
    assert image.data.dtype == np.uint16
    assert image.data.tolist() == [[41, 53, 113], [52, 77, 300], [53, 81, 312], [44, 51, 104]]


@pytest.mark.spec("FILE-6")
def test_last_occurrence_of_a_keyword_counts_even_inside_a_longer_one():
    header = "DISTANCE=100;\nCLOSE_DISTANCE=99.5;\nPHI=3 deg;\nNAME=x;\nEMPTY=;\nLAST"
    assert header_value(header, "DISTANCE") == 99.5
    assert header_value(header, "PHI") == 3
    assert header_value(header, "NAME") == 0
    assert header_value(header, "EMPTY") == 0
    assert header_value(header, "LAST") is None
    assert header_value(header, "ABSENT") is None


@pytest.mark.spec("FILE-6")
def test_value_reads_the_header_of_an_image():
    image = read_smv(GOLDEN / "dials" / "intimage.img")
    assert image.value("DISTANCE") == 74.8173
    assert image.value("WAVELENGTH") == 0.9
    assert image.value("ORGX") == 4
    assert image.value("KAPPA") is None


@pytest.mark.spec("FILE-6")
@pytest.mark.parametrize(("order", "kind"), [("little_endian", "<u2"), ("big_endian", ">u2")])
@pytest.mark.parametrize("length", [512, 1024, 200])
def test_byte_orders_and_header_lengths(tmp_path, order, kind, length):
    data = np.array([[1, 256, 65535], [40, 0, 7]], dtype=np.uint16)
    header = PLAIN.replace("little_endian", order).replace("=512", f"={length}")
    image = read_smv(written(tmp_path, header, data.astype(kind).tobytes(), length))
    assert image.data.tolist() == data.tolist()
    assert len(image.header) == length


@pytest.mark.spec("FILE-6")
@pytest.mark.parametrize(("sizes", "shape"), [("3 2", (2, 3)), ("2", (2, 2))])
@pytest.mark.parametrize("other", ["", "SIZE1=0;\n"])
def test_size_from_detector_dimensions(tmp_path, sizes, shape, other):
    header = PLAIN.replace("SIZE1=3;\nSIZE2=2;\n", f"{other}DETECTOR_DIMENSIONS={sizes};\n")
    assert read_smv(written(tmp_path, header)).data.shape == shape


@pytest.mark.spec("FILE-6")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("{\nHEADER_BYTES", "{\r\nHEADER_BYTES"),
            r"expected an SMV header, '{' and 'HEADER_BYTES=', found '{\r\nHEAD",
        ),
        (
            ("TYPE=unsigned_short", "TYPE=float"),
            "expected TYPE=unsigned_short, found 'float'; convert the image",
        ),
        (("TYPE=unsigned_short;\n", ""), "expected TYPE=unsigned_short, found none; convert the image"),
        (
            ("BYTE_ORDER=little_endian;\n", ""),
            "expected BYTE_ORDER=little_endian or big_endian, found none; correct the header",
        ),
        (
            ("little_endian", "middle"),
            "expected BYTE_ORDER=little_endian or big_endian, found 'middle'; correct",
        ),
        (
            ("SIZE1=3;\n", ""),
            "expected positive whole numbers SIZE1 and SIZE2 (or "
            "DETECTOR_DIMENSIONS), found 0 x 0; give an SMV",
        ),
        (
            ("SIZE2=2;\n", ""),
            "expected positive whole numbers SIZE1 and SIZE2 (or DETECTOR_DIMENSIONS), found 3 x none",
        ),
        (
            ("SIZE2=2", "SIZE2=-2"),
            "expected positive whole numbers SIZE1 and SIZE2 (or DETECTOR_DIMENSIONS), found 3 x -2",
        ),
        (("SIZE2=2", "SIZE2=1.5"), "expected positive whole numbers SIZE1 and SIZE2"),
        (("SIZE2=2", "SIZE2=inf"), "expected positive whole numbers SIZE1 and SIZE2"),
        (
            ("SIZE2=2", "SIZE2=3"),
            "expected 530 bytes for 3 x 3 pixels after 512 bytes of header, found "
            "524; the file is cut off, copy it again",
        ),
        (
            ("=512", "=9999"),
            "expected HEADER_BYTES between 12 and the length of the file, 524, found '9999'; give an SMV",
        ),
        (
            ("HEADER_BYTES=512", "HEADER_BYT"),
            "expected HEADER_BYTES between 12 and the length of the file, 524, found none",
        ),
        (("=512", "=nan"), "expected HEADER_BYTES between 12"),
    ],
)
def test_refused_with_reason(tmp_path, change, message):
    path = written(tmp_path, PLAIN.replace(*change))
    with pytest.raises(FormatError) as caught:
        read_smv(path)
    assert str(caught.value).startswith(f"{path}: {message}")


@pytest.mark.spec("FILE-7")
def test_header_that_needs_more_room_says_so(tmp_path):
    wide = -1.23456e-100
    header = SmvHeader(3, 2, *[wide] * 3, *[(wide, wide)] * 4, (wide,) * 3, (wide, wide), *[wide] * 4)
    text = format_header(header_fields(header))
    assert len(text) == 1024
    assert text.startswith(b"{\nHEADER_BYTES=1024;\n")
    path = tmp_path / "a.img"
    write_smv(path, text, np.ones((2, 3), dtype=np.uint16))
    assert read_smv(path).data.sum() == 6


@pytest.mark.spec("FILE-7")
@pytest.mark.parametrize("fields", [{"A=B": 1}, {"A": "x;y"}, {"A": "x}\f"}, {"Å": 1}, {"A": "x\ny"}])
def test_fields_that_would_break_the_header_are_refused(fields):
    with pytest.raises(
        ConfigError, match="SMV header lines must be ASCII without ';', braces and line ends, got"
    ):
        format_header(fields)


@pytest.mark.spec("FILE-7")
def test_header_of_another_image_is_refused(tmp_path):
    header = format_header({"SIZE1": 3, "SIZE2": 2})
    with pytest.raises(ConfigError, match=r"must tell SIZE2, SIZE1 = \(3, 2\), got \(2\.0, 3\.0\); build"):
        write_smv(tmp_path / "a.img", header, np.zeros((3, 2), dtype=np.uint16))


@pytest.mark.spec("FILE-7")
@pytest.mark.parametrize("data", [np.zeros((2, 3)), np.zeros(6, dtype=np.uint16)])
def test_only_detector_units_can_be_written(tmp_path, data):
    with pytest.raises(ConfigError, match=r"SMV pixels must be uint16 of shape \(slow, fast\), got"):
        write_smv(tmp_path / "a.img", format_header({"SIZE1": 3, "SIZE2": 2}), data)


@pytest.mark.spec("FILE-6", "FILE-7")
@given(
    data=hnp.arrays(np.uint16, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6)), phi=st.floats(-360, 360)
)
def test_what_is_written_is_read(tmp_path_factory, data, phi):
    path = tmp_path_factory.mktemp("smv") / "a.img"
    fields = {"BYTE_ORDER": "little_endian", "TYPE": "unsigned_short"}
    fields |= {"SIZE1": data.shape[1], "SIZE2": data.shape[0], "PHI": phi}
    write_smv(path, format_header(fields), data)
    image = read_smv(path)
    assert image.data.tobytes() == data.tobytes()
    assert image.value("PHI") == pytest.approx(phi, rel=1e-5, abs=0)


@pytest.mark.spec("FILE-7")
def test_fabio_reads_what_we_write(tmp_path):
    fabio = pytest.importorskip("fabio", reason="fabio is not installed")
    data = np.arange(12, dtype=np.uint16).reshape(4, 3) * 5000
    path = tmp_path / "a.img"
    write_smv(path, format_header(header_fields(KNOWN)), data)
    with fabio.open(path) as image:
        assert image.data.tolist() == data.tolist()
        assert image.header["DISTANCE"] == "123"
        assert image.header["XDS_ORGX"] == "3.5"
