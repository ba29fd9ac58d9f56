"""SquaredReLU against its closed form."""

import keras
import numpy as np
import pytest

from keras_rectifiers.layers import SquaredReLU


def test_golden_values():
    y = SquaredReLU()(np.array([[-2, -0.5, 0, 0.5, 3]], "float32"))
    np.testing.assert_array_equal(y, [[0, 0, 0, 0.25, 9]])


def test_it_is_the_square_of_the_plain_rectifier(rng):
    x = rng.normal(size=(4, 9)).astype("float32")
    expected = keras.ops.convert_to_numpy(keras.ops.relu(x)) ** 2
    np.testing.assert_allclose(SquaredReLU()(x), expected, rtol=1e-7)


@pytest.mark.parametrize(
    ("x", "expected"), [(255.5, 65280.25), (256.5, np.inf), (-256.5, 0)]
)
def test_float16_overflows_above_256(x, expected):
    y = keras.ops.convert_to_numpy(SquaredReLU(dtype="float16")(np.array([[x]])))
    assert y == np.float16(expected)


def test_it_has_no_weights():
    layer = SquaredReLU()
    assert layer.built
    assert layer.variables == []
