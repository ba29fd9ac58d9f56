"""ReLU, PReLU and GELU, against the library and plain Python."""

import math

import numpy as np
import pytest
from keras import ops
from keras.initializers import Constant

import keras_rectifiers
from keras_rectifiers.comparison.reporting.identities import TOLERANCE
from keras_rectifiers.layers import Maxout, PReLU
from studies.definitions import rectifiers
from studies.definitions.deviations import X

# What float32 holds of numbers up to 5.
IN_FLOAT32 = 1e-6


@pytest.mark.parametrize(
    ("name", "expected"),
    [("relu", rectifiers.relu(X)), ("gelu", rectifiers.gelu(X))],
)
def test_relu_and_gelu_are_those_of_the_library(name, expected):
    got = ops.convert_to_numpy(keras_rectifiers.get(name)(X.astype(np.float32)))
    np.testing.assert_allclose(got, expected, rtol=IN_FLOAT32, atol=IN_FLOAT32)


@pytest.mark.parametrize("slope", rectifiers.SLOPES)
def test_the_layer_prelu_is_a_maxout_of_two_pieces(slope):
    x = X.astype(np.float32)[:, None]
    prelu = ops.convert_to_numpy(PReLU(Constant(slope))(x))[:, 0]
    both = np.concatenate([x, np.float32(slope) * x], axis=1)
    maxout = ops.convert_to_numpy(Maxout(1)(both))[:, 0]
    np.testing.assert_array_equal(prelu, maxout)
    np.testing.assert_allclose(prelu, rectifiers.prelu(X, slope), rtol=IN_FLOAT32)


def test_the_bump_of_gelu_is_where_a_fine_grid_finds_it():
    x = np.linspace(-1, -0.5, 500_001)
    y = [number * math.erfc(-number / math.sqrt(2)) / 2 for number in x[::1000]]
    least = int(np.argmin(rectifiers.gelu(x)))
    assert x[least] == pytest.approx(rectifiers.BUMP_AT, abs=2e-6)
    assert rectifiers.gelu(x)[least] == pytest.approx(rectifiers.BUMP, abs=TOLERANCE)
    np.testing.assert_allclose(rectifiers.gelu(x[::1000]), y, atol=TOLERANCE)
