import math
import re

import keras
import numpy as np
import pytest

from keras_rectifiers.layers import ShiftedReLU


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [(-1.0, [-1, -1, -0.5, 0, 3]), (0, [0, 0, 0, 0, 3]), (0.5, [0.5] * 4 + [3])],
)
def test_golden_values(threshold, expected):
    y = ShiftedReLU(threshold)(np.array([[-2, -1, -0.5, 0, 3]], "float32"))
    np.testing.assert_array_equal(y, [expected])


def test_default_threshold_is_minus_one():
    assert ShiftedReLU().threshold == -1.0


def test_threshold_of_zero_is_the_plain_rectifier(rng):
    x = rng.normal(size=(4, 9)).astype("float32")
    np.testing.assert_array_equal(ShiftedReLU(0.0)(x), keras.ops.relu(x))


def test_threshold_rounds_to_the_compute_dtype():
    y = ShiftedReLU(-0.1, dtype="float16")(np.array([[-3.0]]))
    assert np.asarray(y) == np.float16(-0.1)


@pytest.mark.parametrize(
    ("threshold", "error", "message"),
    [
        (
            -math.inf,
            ValueError,
            "ShiftedReLU expects `threshold` to be from -1e+30 to 1e+30. "
            "Received: threshold=-inf",
        ),
        (
            False,
            TypeError,
            "ShiftedReLU expects `threshold` to be a real number. "
            "Received: threshold=False of type bool",
        ),
        (
            "low",
            TypeError,
            "ShiftedReLU expects `threshold` to be a real number. "
            "Received: threshold='low' of type str",
        ),
    ],
)
def test_wrong_thresholds_are_refused_at_construction(threshold, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        ShiftedReLU(threshold)
