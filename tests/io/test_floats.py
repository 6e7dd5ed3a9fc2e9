"""Float images."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from jaxbragg.errors import ConfigError, FormatError
from jaxbragg.io.floats import read_float_image, write_float_image

GOLDEN = Path(__file__).parent / "golden"
pytestmark = pytest.mark.spec("FILE-8")


def test_image_of_the_reference_program(tmp_path):
    source = GOLDEN / "header" / "floatimage.bin"
    image = read_float_image(source, (4, 3))
    assert image.dtype == np.float32
    assert image[0].tolist() == [np.float32(2.8701334), np.float32(9.658905), np.float32(70.4335)]
    write_float_image(tmp_path / "a.bin", image.astype(np.float64))
    assert (tmp_path / "a.bin").read_bytes() == source.read_bytes()


def test_other_shape_is_refused():
    path = GOLDEN / "header" / "floatimage.bin"
    with pytest.raises(FormatError) as caught:
        read_float_image(path, (4, 4))
    assert str(caught.value) == (
        f"{path}: expected 64 bytes for 4 x 4 pixels (fast x slow), found 48; check the number of pixels"
    )


def test_only_images_can_be_written(tmp_path):
    with pytest.raises(
        ConfigError, match=r"an image must have the shape \(slow, fast\), got \(3,\); reshape it"
    ):
        write_float_image(tmp_path / "a.bin", np.zeros(3))


@given(image=hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6)))
def test_what_is_written_is_read(tmp_path_factory, image):
    path = tmp_path_factory.mktemp("floats") / "a.bin"
    write_float_image(path, image)
    assert path.stat().st_size == 4 * image.size
    assert read_float_image(path, image.shape).tobytes() == image.tobytes()
