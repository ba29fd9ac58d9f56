import math
import re

import keras
import numpy as np
import pytest

from keras_rectifiers.layers import SmoothReLU
from tests.compiling import AS_A_WHOLE


def sharpness_of(layer):
    return keras.ops.convert_to_numpy(layer.sharpness)


def test_golden_values(tolerance):
    x = np.array([[-1.0, 0.0, 1.0, 100.0]], "float32")
    y = SmoothReLU(5.0)(x)
    expected = [[0.00134307, 0.13862944, 1.00134307, 100.0]]
    np.testing.assert_allclose(y, expected, rtol=4 * tolerance)


def test_fixed_sharpness_is_a_plain_number_and_no_weight():
    layer = SmoothReLU(2)
    layer.build((None, 3))
    assert layer.sharpness == 2.0
    assert isinstance(layer.sharpness, float)
    assert layer.variables == []


@pytest.mark.parametrize(("shared", "num_values"), [(True, 1), (False, 3)])
def test_learned_sharpness_starts_at_the_number_given(shared, num_values, tolerance):
    layer = SmoothReLU(300.0, learnable=True, shared=shared)
    assert layer.sharpness == 300.0
    layer.build((None, 3))
    expected = np.full(num_values, 300.0)
    # The logarithm multiplies the relative error by its size, 6.
    np.testing.assert_allclose(sharpness_of(layer), expected, rtol=6 * tolerance)


def test_sharpness_per_channel_acts_along_the_channel_axis(tolerance):
    layer = SmoothReLU(learnable=True, shared=False, channel_axis=1)
    layer.build((None, 2, None))
    layer.log_sharpness.assign(np.log([2.0, 5.0]))
    y = layer(np.zeros((1, 2, 3), "float32"))
    expected = np.broadcast_to([[math.log(2) / 2], [math.log(2) / 5]], (1, 2, 3))
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(y), expected, rtol=4 * tolerance
    )


def test_training_finds_the_sharpness_of_the_target(rng):
    x = np.tile(rng.normal(size=(256, 2)).astype("float32"), (200, 1))
    k = np.array([0.7, 4.0])
    model = keras.Sequential(
        [keras.Input((2,)), SmoothReLU(1.5, learnable=True, shared=False)]
    )
    model.compile(keras.optimizers.Adam(0.1), "mse", jit_compile=AS_A_WHOLE)
    model.fit(x, np.logaddexp(0, k * x) / k, batch_size=256, verbose=0)
    # As near as Adam comes in 200 steps.
    np.testing.assert_allclose(sharpness_of(model.layers[0]), k, rtol=0.01)


def test_learned_sharpness_stays_positive_under_a_large_step():
    layer = SmoothReLU(1e-3, learnable=True)
    layer.build((None, 2))
    layer.log_sharpness.assign(layer.log_sharpness - 10.0)
    assert sharpness_of(layer) > 0


def test_half_precision_keeps_the_digits_of_a_learned_sharpness():
    layer = SmoothReLU(1e4, learnable=True, dtype="mixed_float16")
    x = np.array([[1e-4]], "float32")
    expected = np.logaddexp(0, 1e4 * np.float16(1e-4)) / 1e4
    # float16 has steps of 2**-24 at this size; the logarithm of the sharpness alone,
    # rounded to float16, would move the result by 0.4%.
    y = keras.ops.convert_to_numpy(layer(x))
    np.testing.assert_allclose(y, [[expected]], atol=2**-25, rtol=0)


def test_the_weight_is_named_as_the_attribute():
    layer = SmoothReLU(learnable=True, name="rectifier")
    layer.build((None, 4))
    assert layer.log_sharpness.path == "rectifier/log_sharpness"


def test_other_channels_than_it_was_built_for_are_refused():
    layer = SmoothReLU(learnable=True, shared=False, name="rectifier")
    layer(np.ones((2, 3)))
    message = (
        "SmoothReLU expects 3 channels along axis -1, for which 'rectifier' was built. "
        "Received: an input of shape (2, 4)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layer(np.ones((2, 4)))


def test_channels_must_be_known_for_a_sharpness_each():
    message = (
        "SmoothReLU expects the number of channels to be known, because it has a "
        "weight per channel. Give the input a size along `channel_axis`, or pass "
        "shared=True. Received: channel_axis=-1 for the input shape (None, None)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        SmoothReLU(learnable=True, shared=False).build((None, None))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"sharpness": 0},
            ValueError,
            "SmoothReLU expects `sharpness` to be from 1e-30 to 1e+30. "
            "Received: sharpness=0.0",
        ),
        (
            {"sharpness": -1.5},
            ValueError,
            "SmoothReLU expects `sharpness` to be from 1e-30 to 1e+30. "
            "Received: sharpness=-1.5",
        ),
        (
            {"sharpness": math.inf},
            ValueError,
            "SmoothReLU expects `sharpness` to be from 1e-30 to 1e+30. "
            "Received: sharpness=inf",
        ),
        (
            {"sharpness": math.nan},
            ValueError,
            "SmoothReLU expects `sharpness` to be from 1e-30 to 1e+30. "
            "Received: sharpness=nan",
        ),
        (
            {"sharpness": 1e-40},  # float32 does not hold its inverse
            ValueError,
            "SmoothReLU expects `sharpness` to be from 1e-30 to 1e+30. "
            "Received: sharpness=1e-40",
        ),
        (
            {"sharpness": True},
            TypeError,
            "SmoothReLU expects `sharpness` to be a real number. Received: sharpness=True of type bool",
        ),
        (
            {"learnable": "yes"},
            TypeError,
            "SmoothReLU expects `learnable` to be True or False. "
            "Received: learnable='yes' of type str",
        ),
        (
            {"shared": 1},
            TypeError,
            "SmoothReLU expects `shared` to be True or False. "
            "Received: shared=1 of type int",
        ),
        (
            {"channel_axis": 0.5},
            TypeError,
            "SmoothReLU expects `channel_axis` to be an integer. "
            "Received: channel_axis=0.5 of type float",
        ),
    ],
)
def test_wrong_arguments_are_refused_at_construction(arguments, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        SmoothReLU(**arguments)
