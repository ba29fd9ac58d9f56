"""What cures by other layers change of a program, and what they leave."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers.diagnosis.layer_cures import SMALL_DROPOUT
from keras_rectifiers.inspection.probe import values_of
from tests.diagnosis.made_up_programs import (
    LABELS,
    SEQUENCES,
    X,
    activations,
    cured,
    output_of,
    program,
)

SPARSE = "sparse_categorical_crossentropy"


def dense(units=8, activation="sigmoid", **settings):
    return layers.Dense(units, activation, **settings)


@pytest.mark.parametrize(
    ("kind", "words", "found"),
    [
        ("vanishing", "relu", ["relu", "relu", "linear"]),
        ("vanishing", "normalisation", ["linear", "sigmoid"] * 2 + ["linear"]),
    ],
)
def test_activations_are_replaced_and_normalised_in_hidden_layers_only(
    kind, words, found
):
    given = program(dense(), dense(), dense(1, None))
    changed = cured(kind, words, given)
    assert activations(changed) == found
    assert activations(given) == ["sigmoid", "sigmoid", "linear"]
    norms = [
        isinstance(part, layers.BatchNormalization) for part in changed.model.layers
    ]
    assert sum(norms) == 2 * (words == "normalisation")


def test_a_relu_becomes_leaky():
    changed = cured("dead", "leaky", program(dense(8, "relu"), dense(1, None)))
    assert activations(changed) == ["leaky_relu", "linear"]


def test_dropout_is_lowered_and_layers_are_unfrozen():
    given = program(dense(trainable=False), layers.Dropout(0.9), dense(1, None))
    assert cured("dropout", "dropout", given).model.layers[1].rate == SMALL_DROPOUT
    assert all(v.trainable for v in cured("frozen", "", given).model.weights)


def test_recurrent_layers_get_their_default_activation():
    given = program(layers.LSTM(4, activation="relu"), dense(1, None), x=SEQUENCES)
    assert activations(cured("exploding", "tanh", given)) == ["tanh", "linear"]
    assert cured("exploding", "tanh", program(dense(1, None))) is None


def test_a_model_that_cannot_be_made_again_is_not_cured_in_this_way():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.last = layers.Dense(1)

        def call(self, x):
            return self.last(x)

    model = Own()
    model.compile("sgd", "mse")
    model(X)
    given = program(dense(1, None))
    given = replace(given, model=model, values=values_of(model))
    assert cured("vanishing", "relu", given) is None
    assert cured("vanishing", "normalisation", given) is None


def test_hidden_layers_get_as_many_units_as_there_are_classes():
    given = program(
        dense(1), dense(2), dense(9), dense(3, "softmax"), y=LABELS, loss=SPARSE
    )
    changed = cured("narrow", "units", given)
    assert [layer.units for layer in changed.model.layers] == [3, 3, 9, 3]


@pytest.mark.parametrize("kind", ["no gradient", "constant predictions"])
def test_what_passes_nothing_on_gets_other_weights(kind):
    bias = keras.initializers.Constant(-50.0)
    given = program(dense(8, "relu", bias_initializer=bias), dense(1, None))
    kernel, bias, *_ = cured(kind, "he_normal", given).values[0]
    assert not ops.convert_to_numpy(bias).any()
    kernels = map(ops.convert_to_numpy, (kernel, given.values[0][0]))
    assert not np.array_equal(*kernels)


def test_a_simple_net_shows_whether_the_data_can_be_learned():
    parts = layers.LSTM(4), layers.Dense(8, "relu"), layers.Dense(3, "softmax")
    given = program(*parts, x=SEQUENCES, y=LABELS, loss=SPARSE)
    changed = cured("stuck", "single hidden layer", given)
    assert activations(changed) == ["relu", "softmax"]
    assert output_of(changed).prediction.shape == (32, 3)
    np.testing.assert_allclose(
        ops.convert_to_numpy(changed.x).mean((0, 1)), 0, atol=1e-5
    )
    tokens = replace(given, x=ops.ones((32, 5), "int32"))
    assert cured("stuck", "single hidden layer", tokens) is None
