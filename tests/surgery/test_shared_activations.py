"""An activation that several layers share, or that stands in the graph too, stays one."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_rectifiers import PReLU, RReLU, replace_activations


def shared_activation(shared, sizes=(8, 8)):
    inputs = x = keras.Input((4,))
    for size in sizes:
        x = layers.Dense(size, activation=shared)(x)
    model = keras.Model(inputs, layers.Dense(2)(layers.ReLU()(x)))
    model(np.ones((1, 4), "float32"))  # makes the slopes
    return model


def test_an_activation_shared_by_layers_stays_shared(rng):
    slopes = PReLU(name="shared")
    model = shared_activation(slopes)
    slopes.negative_slope.assign(rng.uniform(0.1, 0.9, size=(8,)))
    new = replace_activations(model, "elu", layers.ReLU)
    first, second = new.layers[1].activation, new.layers[2].activation
    assert first is second
    assert first is not slopes
    np.testing.assert_array_equal(first.get_weights()[0], slopes.get_weights()[0])
    assert len(new.weights) == len(model.weights)
    x = rng.normal(size=(3, 4)).astype("float32")
    expected = keras.Model(model.input, model.layers[2].output)(x)
    y = keras.Model(new.input, new.layers[2].output)(x)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(y), keras.ops.convert_to_numpy(expected), rtol=1e-6
    )


def test_what_replaces_a_shared_activation_is_shared():
    changes = []
    model = shared_activation(RReLU(seed=1))
    new = replace_activations(model, PReLU(), report=changes.append)
    assert len(changes) == 3
    assert new.layers[1].activation is new.layers[2].activation
    assert len(new.weights) == 6 + 2  # its slopes, and those in place of the ReLU
    assert new.layers[3].negative_slope is not new.layers[1].activation.negative_slope


def test_only_one_of_two_places_may_be_replaced():
    model = shared_activation(PReLU())
    name = model.layers[1].name
    new = replace_activations(model, "elu", name)
    assert isinstance(new.layers[1].activation, layers.ELU)
    assert isinstance(new.layers[2].activation, PReLU)
    np.testing.assert_array_equal(
        new.layers[2].activation.get_weights()[0],
        model.layers[2].activation.get_weights()[0],
    )


def test_a_shared_activation_inside_a_wrapper_stays_shared():
    shared = PReLU(name="shared")
    inputs = keras.Input((3, 4))
    x = layers.TimeDistributed(layers.Dense(8, activation=shared))(inputs)
    x = layers.Dense(8, activation=shared)(x)
    model = keras.Model(inputs, layers.Dense(2)(layers.ReLU()(x)))
    model(np.ones((1, 3, 4), "float32"))
    new = replace_activations(model, "elu", layers.ReLU)
    assert new.layers[1].layer.activation is new.layers[2].activation


def in_graph_and_argument(activation):
    inputs = keras.Input((4,))
    x = layers.Dense(8, activation=activation)(inputs)
    x = layers.Dense(8)(activation(layers.Dense(8)(x)))
    model = keras.Model(inputs, layers.Dense(2)(layers.ReLU(name="other")(x)))
    model(np.ones((1, 4), "float32"))  # makes the slopes
    return model


def test_an_activation_of_a_layer_that_stands_in_the_graph_too_stays_shared(rng):
    slopes = PReLU(name="shared")
    model = in_graph_and_argument(slopes)
    slopes.negative_slope.assign(rng.uniform(0.1, 0.9, size=(8,)))
    new = replace_activations(model, layers.ReLU(), layers.ReLU)
    assert new.layers[1].activation is new.get_layer("shared")
    assert len(new.weights) == len(model.weights)
    x = rng.normal(size=(3, 4)).astype("float32")
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(new(x)),
        keras.ops.convert_to_numpy(model(x)),
        rtol=1e-6,
    )


@pytest.mark.parametrize("name", [None, "shared"])
def test_what_replaces_it_in_both_places_is_shared(name):
    model = in_graph_and_argument(RReLU(seed=1, name="shared"))
    where = name and [name, model.layers[1].name]
    new = replace_activations(model, PReLU(), where)
    assert isinstance(new.get_layer("shared"), PReLU)
    assert new.layers[1].activation is new.get_layer("shared")
    assert new.layers[1].activation.negative_slope.shape == (8,)


def test_a_function_in_place_of_both_is_an_argument_and_a_layer():
    new = replace_activations(in_graph_and_argument(RReLU(name="shared")), "gelu")
    assert new.layers[1].activation is keras.activations.gelu
    assert isinstance(new.get_layer("shared"), layers.Activation)
