"""ELU, against the library."""

import numpy as np
import pytest
from keras import ops

import keras_rectifiers
from studies.definitions import elu
from studies.definitions.deviations import X

# What float32 holds of numbers up to 5.
IN_FLOAT32 = 1e-6


@pytest.mark.parametrize(
    ("name", "expected"),
    [("elu", elu.elu(X, 1.0)), ("shifted_relu", np.maximum(-1, X))],
)
def test_elu_and_its_lower_bound_are_those_of_the_library(name, expected):
    got = ops.convert_to_numpy(keras_rectifiers.get(name)(X.astype(np.float32)))
    np.testing.assert_allclose(got, expected, rtol=IN_FLOAT32, atol=IN_FLOAT32)
