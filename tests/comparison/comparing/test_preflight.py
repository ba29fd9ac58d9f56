"""What is found of a user's function before anything is trained."""

import random

import keras
import numpy as np
import pytest

from keras_rectifiers.comparison.comparing.preflight import Layer
from tests.comparison.comparing.made_up_work import (
    build_model,
    checked,
    compiled,
    data,
)

LAYERS = keras.layers


def with_input(size, *more):
    return lambda a: keras.Sequential(
        [keras.Input((size,)), LAYERS.Dense(6), a(), *(layer() for layer in more)]
    )


def ignoring(activation):
    return build_model(lambda: LAYERS.ReLU())


def dropping(activation):
    activation()
    return ignoring(activation)


def failing_for_one(activation):
    if activation.name == "tanh":
        raise KeyError("width")
    return build_model(activation)


def of_other_shapes(activation):
    units = 3 if activation.name == "relu" else 4
    return with_input(4, lambda: LAYERS.Dense(units))(activation)


def with_other_rates(activation):
    rate = 0.1 if activation.name == "relu" else 0.2
    return compiled(optimizer=keras.optimizers.SGD(rate))(activation)


def frozen(activation):
    model = build_model(activation)
    model.trainable = False
    return model


def in_more_places(activation):
    hidden = [LAYERS.Dense(6), activation()]
    if activation.name == "tanh":
        hidden += [LAYERS.Dense(6), activation()]
    return keras.Sequential([keras.Input((4,)), *hidden, LAYERS.Dense(3)])


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (in_more_places, "same places.* Received: 1 calls for 'relu' and 2 for 'tanh'"),
        (ignoring, r"to call activation\(\) wherever .* does not call it, for 'relu'"),
        (dropping, r"to use the layers that .* the same model for 'relu' and 'tanh'"),
        (
            failing_for_one,
            r"For 'tanh' it raises KeyError: 'width'. For relu it works",
        ),
        (of_other_shapes, r"\(None, 3\) for 'relu' and \(None, 4\) for 'tanh'"),
        (with_input(5), r"'relu' cannot run on the data: .* shape \(None, 4\)"),
        (with_other_rates, r"same learning rate. Received: 0.1.* 0.2.* for 'tanh'"),
        (frozen, "trainable weights.* for 'relu' that has none"),
        (with_input(4, lambda: LAYERS.Dense(3, "softmax")), None),
        (compiled("mse"), "'mse' compares outputs and targets"),
    ],
)
def test_functions_that_would_waste_the_training_are_refused(build, message):
    if message is None:
        checked(build)
    else:
        with pytest.raises(ValueError, match=message):
            checked(build)


@pytest.mark.parametrize("build", [lambda a: 5, lambda a: None, lambda a: a()])
def test_what_is_no_model_is_refused(build):
    with pytest.raises(
        TypeError, match=r"to return a keras.Model. Received: .* 'relu'"
    ):
        checked(build)


@pytest.mark.parametrize("build", [5, LAYERS.ReLU(), build_model])
def test_what_is_no_function_is_refused(build):
    if build is build_model:
        checked(build)
    else:
        with pytest.raises(TypeError, match="Expected `build_model` to be a function"):
            checked(build)


def test_an_activation_that_changes_the_channels_needs_a_layer_of_its_own():
    def build(activation):
        return keras.Sequential(
            [
                keras.Input((4,)),
                LAYERS.Dense(6, activation=activation()),
                LAYERS.Dense(3),
            ]
        )

    with pytest.raises(ValueError, match=r"'crelu' cannot run .* relu can. An activ"):
        checked(build, "crelu")
    assert set(checked(build_model, "crelu").layers) == {"relu", "crelu"}


def test_layers_as_arguments_and_in_subclassed_models_are_found():
    class Model(keras.Model):
        def __init__(self, activation):
            super().__init__()
            self.hidden = LAYERS.Dense(6, activation=activation())
            self.out = LAYERS.Dense(3)

        def call(self, x):
            return self.out(self.hidden(x))

    found = checked(Model)
    assert found.recipe.from_logits
    assert found.layers["tanh"] == [
        Layer(name=found.layers["tanh"][0].name, depth=0, num_units=6)
    ]


def test_what_is_known_of_the_models_is_told():
    found = checked(compiled(metrics=["accuracy"]))
    assert found.recipe is None
    assert set(found.metrics) == {"loss", "accuracy"}
    assert found.learning_rate == pytest.approx(0.01)
    assert [layer.depth for layer in found.layers["relu"]] == [0]
    assert found.builders["tanh"]().layers[1].activation.__name__ == "tanh"


def test_a_schedule_has_no_rate_and_a_model_without_hidden_layer_no_layers():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    found = checked(compiled(optimizer=keras.optimizers.SGD(schedule)))
    assert found.learning_rate is None

    def build(activation):
        return keras.Sequential([keras.Input((4,)), activation(), LAYERS.Dense(3)])

    assert checked(build).layers == {"relu": [], "tanh": []}


def test_no_random_stream_moves_and_the_data_stay_as_they_are():
    given = data()
    before = [array.copy() for array in given]
    keras.utils.set_random_seed(1)
    expected = keras.ops.convert_to_numpy(keras.random.normal((3,)))
    keras.utils.set_random_seed(1)
    state = random.getstate()
    checked(given=given)
    assert random.getstate() == state
    found = keras.ops.convert_to_numpy(keras.random.normal((3,)))
    np.testing.assert_array_equal(found, expected)
    for array, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, copy)
