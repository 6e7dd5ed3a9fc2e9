"""NumPy files."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from jaxbragg.errors import ConfigError
from jaxbragg.io.npy import write_npy

pytestmark = pytest.mark.spec("FILE-10")


@given(
    array=hnp.arrays(
        hnp.floating_dtypes(endianness="=") | hnp.integer_dtypes(), hnp.array_shapes(min_dims=0, max_side=4)
    )
)
def test_numpy_loads_the_same_array(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("npy") / "name without ending"
    write_npy(path, array)
    loaded = np.load(path)
    assert loaded.dtype == array.dtype
    assert loaded.shape == array.shape
    assert loaded.tobytes() == array.tobytes()


def test_objects_are_refused(tmp_path):
    with pytest.raises(
        ConfigError, match="only arrays of numbers can be written, got dtype object; convert it first"
    ):
        write_npy(tmp_path / "a.npy", np.array([None]))
    assert not list(tmp_path.iterdir())
