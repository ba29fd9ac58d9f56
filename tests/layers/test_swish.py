"""Swish: its values, and the learning of beta."""

import math
import re

import keras
import numpy as np
import pytest

from keras_rectifiers.layers import Swish
from tests.compiling import AS_A_WHOLE


def swish(x, beta):
    return x * np.exp(-np.logaddexp(0, -beta * x))


def values(layer, x):
    return keras.ops.convert_to_numpy(layer(x))


def test_golden_values(tolerance):
    x = np.array([[-1.0, 0.0, 1.0, 100.0]], "float32")
    expected = [[-0.11920292, 0, 0.88079708, 100]]
    np.testing.assert_allclose(values(Swish(2.0), x), expected, rtol=tolerance)


def test_beta_of_one_is_silu(rng, tolerance):
    x = rng.normal(size=(4, 9)).astype("float32")
    np.testing.assert_allclose(
        values(Swish(), x),
        keras.ops.convert_to_numpy(keras.ops.silu(x)),
        rtol=tolerance,
    )


def test_beta_of_zero_halves_and_a_large_one_rectifies():
    x = np.array([[-3.0, 0.0, 5.0]], "float32")
    np.testing.assert_array_equal(values(Swish(0.0), x), x / 2)
    np.testing.assert_array_equal(values(Swish(1e30), x), np.maximum(x, 0))


@pytest.mark.parametrize("learnable", [False, True])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_infinite_inputs_give_the_limits(learnable, dtype):
    x = np.array([[-np.inf, np.inf]])
    y = values(keras.Sequential([Swish(2.0, learnable=learnable, dtype=dtype)]), x)
    np.testing.assert_array_equal(y.astype("float32"), [[0, np.inf]])


def test_the_smallest_value_is_where_it_is_documented():
    x = np.linspace(-3, 0, 3001, dtype="float32")[np.newaxis]
    y = values(Swish(2.0, learnable=False), x)
    assert y.min() == pytest.approx(-0.278 / 2, abs=3e-4)
    assert x[0, y.argmin()] == pytest.approx(-1.278 / 2, abs=2e-3)


def test_fixed_beta_is_a_plain_number_and_no_weight():
    layer = Swish(2, learnable=False)
    layer.build((None, 3))
    assert layer.beta == 2.0
    assert isinstance(layer.beta, float)
    assert layer.variables == []


@pytest.mark.parametrize(("shared", "num_values"), [(True, 1), (False, 3)])
def test_learned_beta_starts_at_the_number_given(shared, num_values):
    layer = Swish(-0.3, shared=shared)
    assert layer.beta == -0.3
    layer.build((None, 3))
    beta = keras.ops.convert_to_numpy(layer.beta)
    np.testing.assert_array_equal(beta, np.full(num_values, -0.3, "float32"))


def test_beta_per_channel_acts_along_the_channel_axis(tolerance):
    layer = Swish(shared=False, channel_axis=1)
    layer.build((None, 2, None))
    layer.beta.assign([2.0, 5.0])
    y = values(layer, np.ones((1, 2, 3), "float32"))
    expected = np.broadcast_to([[swish(1, 2)], [swish(1, 5)]], (1, 2, 3))
    np.testing.assert_allclose(y, expected, rtol=tolerance)


def test_training_finds_the_beta_of_the_target(rng):
    x = np.tile(rng.normal(size=(256, 2)).astype("float32"), (200, 1))
    beta = np.array([-0.4, 3.0])
    model = keras.Sequential([keras.Input((2,)), Swish(1.5, shared=False)])
    model.compile(keras.optimizers.Adam(0.1), "mse", jit_compile=AS_A_WHOLE)
    model.fit(x, swish(x, beta), batch_size=256, verbose=0)
    found = keras.ops.convert_to_numpy(model.layers[0].beta)
    # As near as Adam comes in 200 steps.
    np.testing.assert_allclose(found, beta, rtol=0.01)


def test_a_frozen_layer_does_not_learn():
    layer = Swish(trainable=False)
    layer.build((None, 3))
    assert layer.trainable_weights == []


def test_half_precision_keeps_the_digits_of_a_learned_beta():
    layer = Swish(1.003, dtype="mixed_bfloat16")
    y = keras.ops.cast(layer(np.full((1, 1), -8.0)), "float32")
    # In bfloat16 beta would be 1, and the result 2.4% larger.
    y = keras.ops.convert_to_numpy(y)
    np.testing.assert_allclose(y, [[swish(-8, 1.003)]], rtol=2**-8)


def test_the_weight_is_not_called_as_those_of_normalisations():
    layer = Swish(name="rectifier")
    layer.build((None, 4))
    assert layer.beta.path == "rectifier/swish_beta"


def test_other_channels_than_it_was_built_for_are_refused():
    layer = Swish(shared=False, name="rectifier")
    layer(np.ones((2, 3)))
    message = (
        "Swish expects 3 channels along axis -1, for which 'rectifier' was built. "
        "Received: an input of shape (2, 4)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layer(np.ones((2, 4)))


def test_channels_must_be_known_for_a_beta_each():
    message = (
        "Swish expects the number of channels to be known, because it has a weight per "
        "channel. Give the input a size along `channel_axis`, or pass shared=True. "
        "Received: channel_axis=-1 for the input shape (None, None)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Swish(shared=False).build((None, None))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"beta": math.inf},
            ValueError,
            "Swish expects `beta` to be from -1e+30 to 1e+30. Received: beta=inf",
        ),
        (
            {"beta": "ones"},
            TypeError,
            "Swish expects `beta` to be a real number. "
            "Received: beta='ones' of type str",
        ),
        (
            {"learnable": 0},
            TypeError,
            "Swish expects `learnable` to be True or False. "
            "Received: learnable=0 of type int",
        ),
        (
            {"shared": None},
            TypeError,
            "Swish expects `shared` to be True or False. "
            "Received: shared=None of type NoneType",
        ),
        (
            {"channel_axis": 0},
            ValueError,
            "Swish expects `channel_axis` to be an axis other than the batch axis; use "
            "-1 for the last axis and 1 for channels-first inputs. Received: "
            "channel_axis=0",
        ),
    ],
)
def test_wrong_arguments_are_refused_at_construction(arguments, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        Swish(**arguments)
