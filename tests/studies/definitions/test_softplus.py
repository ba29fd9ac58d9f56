"""Softplus, against the library."""

import numpy as np
import pytest
from keras import ops

import keras_rectifiers
from studies.definitions import softplus
from studies.definitions.deviations import X

# What float32 holds of numbers up to 5.
IN_FLOAT32 = 1e-6


@pytest.mark.parametrize(
    ("name", "expected"),
    [("sigmoid", softplus.logistic(X)), ("smooth_relu", softplus.softplus(X))],
)
def test_softplus_and_its_slope_are_those_of_the_library(name, expected):
    got = ops.convert_to_numpy(keras_rectifiers.get(name)(X.astype(np.float32)))
    np.testing.assert_allclose(got, expected, rtol=IN_FLOAT32, atol=IN_FLOAT32)


@pytest.mark.parametrize("sharpness", softplus.SHARPNESSES)
def test_softplus_is_as_sharp_as_that_of_the_library(sharpness):
    smooth = keras_rectifiers.SmoothReLU(sharpness)
    got = ops.convert_to_numpy(smooth(X.astype(np.float32)))
    expected = softplus.softplus(X, sharpness)
    np.testing.assert_allclose(got, expected, rtol=IN_FLOAT32, atol=IN_FLOAT32)
