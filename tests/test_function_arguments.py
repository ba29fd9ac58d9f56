"""What the functions take and refuse, their digits, and models that hold them."""

import functools
import inspect

import keras
import numpy as np
import pytest

from keras_rectifiers import functions

SAVED = [
    functions.prelu,
    functions.rrelu,
    functions.smooth_relu,
    functions.shifted_relu,
    functions.maxout,
    functions.crelu,
    functions.swish,
    functions.squared_relu,
    functions.s_shaped_relu,
    functions.gated_linear_unit,
]


@pytest.mark.parametrize("function", SAVED, ids=lambda function: function.__name__)
def test_functions_are_registered(function):
    serialized = keras.saving.serialize_keras_object(function)
    assert keras.saving.deserialize_keras_object(serialized) is function
    assert keras.activations.get(keras.activations.serialize(function)) is function


def test_every_public_function_of_x_is_saved():
    public = {
        function
        for name, function in vars(functions).items()
        if inspect.isfunction(function)
        and function.__module__ == functions.__name__
        and not name.startswith("_")
        and "x" in inspect.signature(function).parameters
    }
    assert public == set(SAVED)


def test_a_model_with_functions_for_activations_loads(rng, tmp_path):
    x = rng.normal(size=(3, 4)).astype("float32")
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(4, activation=functions.shifted_relu),
            keras.layers.Activation(functions.rrelu),
            keras.layers.Dense(4, activation=functions.smooth_relu),
            keras.layers.Activation(functions.crelu),
            keras.layers.Activation(functions.gated_linear_unit),
            keras.layers.Dense(4, activation=functions.swish),
            keras.layers.Dense(4, activation=functions.squared_relu),
            keras.layers.Dense(4, activation=functions.s_shaped_relu),
        ]
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(loaded(x)), keras.ops.convert_to_numpy(model(x))
    )


@pytest.mark.parametrize(
    "function",
    [
        functions.crelu,
        functools.partial(functions.maxout, units=2),
        functions.gated_linear_unit,
        functools.partial(functions.rrelu, noise="channel", seed=1),
    ],
)
def test_the_channels_are_the_last_axis_unless_it_is_said(function, rng):
    x = rng.normal(size=(2, 4, 6))
    y = keras.ops.convert_to_numpy(function(x))
    last = keras.ops.convert_to_numpy(function(x, channel_axis=-1))
    other = keras.ops.convert_to_numpy(function(x, channel_axis=1))
    np.testing.assert_array_equal(y, last)
    assert not np.array_equal(y, other)
