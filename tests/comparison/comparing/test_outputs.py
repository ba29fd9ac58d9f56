"""Whether a model ends with a softmax or a sigmoid, however it is written."""

import keras
import numpy as np
import pytest

from keras_rectifiers.comparison.comparing.outputs import (
    applies,
    function_of,
    last_layer,
)

LAYERS = keras.layers
LOGITS = np.array([[-1.0, 3.0], [0.5, 0.5]])
SHARES = np.array([[0.1, 0.9], [0.5, 0.5]])


def sequential(*layers):
    return keras.Sequential([keras.Input((4,)), *layers])


def functional(*layers):
    return keras.Model(*_ends(sequential(*layers)))


def _ends(model):
    return model.inputs, model.outputs


@pytest.mark.parametrize("kind", [sequential, functional])
@pytest.mark.parametrize(
    ("layers", "function"),
    [
        ([LAYERS.Dense(2, activation="softmax")], "softmax"),
        ([LAYERS.Dense(2), LAYERS.Softmax()], "softmax"),
        ([LAYERS.Dense(2), LAYERS.Activation("sigmoid")], "sigmoid"),
        ([LAYERS.Dense(2)], ""),
        ([LAYERS.Dense(2, activation="relu")], ""),
    ],
)
def test_the_function_at_the_end_is_known_by_the_last_layer(kind, layers, function):
    last = last_layer(kind(*layers))
    assert function_of(last) == function
    # The values would say something else.
    assert applies(last, "softmax", LOGITS) == (function == "softmax")
    assert applies(last, "sigmoid", SHARES) == (function == "sigmoid")


def test_of_a_subclassed_model_it_is_told_by_the_outputs():
    class Model(keras.Model):
        def call(self, x):
            return x

    last = last_layer(Model())
    assert last is None and function_of(last) == ""
    assert applies(last, "softmax", SHARES) and applies(last, "sigmoid", SHARES)
    assert not applies(last, "softmax", LOGITS) and not applies(last, "sigmoid", LOGITS)
    assert not applies(last, "softmax", SHARES / 2)
