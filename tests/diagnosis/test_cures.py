"""What each cure changes of a program, and what it leaves."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers.diagnosis.cures import CURES
from keras_rectifiers.diagnosis.program import Output
from keras_rectifiers.diagnosis.reasoning import KINDS
from keras_rectifiers.diagnosis.rehearsed_program import Program
from keras_rectifiers.inspection.probe import values_of

X = np.random.default_rng(0).normal(3, 5, size=(32, 4)).astype("float32")


def program(*parts, x=X, optimizer="sgd", loss="mse"):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(x.shape[1:]), *parts])
    model.compile(optimizer, loss)
    x = ops.convert_to_tensor(x)
    prediction = ops.convert_to_numpy(model(x))
    output = Output(
        name="out",
        layer="last",
        activation="linear",
        prediction=prediction,
        loss="mean_squared_error",
        from_logits=False,
        targets=np.arange(32.0),
    )
    return Program(
        model=model,
        x=x,
        y=ops.convert_to_tensor(np.arange(32.0)),
        loss=None,
        outputs=[output],
        values=values_of(model),
    )


def cured(kind, words, given):
    ((_, cure),) = [pair for pair in CURES[kind] if words in pair[0]]
    return cure(given)


def dense(units=8, activation="sigmoid", **settings):
    return layers.Dense(units, activation, **settings)


def activations(changed):
    return [
        layer.activation.__name__
        for layer in changed.model.layers
        if hasattr(layer, "activation")
    ]


def test_cures_are_of_kinds_that_can_be_found():
    assert set(CURES) <= set(KINDS)


def test_inputs_and_targets_get_mean_0_and_variance_1():
    changed = cured("unscaled inputs", "inputs and targets", program(dense(1, None)))
    x, (output,) = ops.convert_to_numpy(changed.x), changed.outputs
    np.testing.assert_allclose(x.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(x.std(0), 1, rtol=1e-4)
    assert (output.targets.mean(), output.targets.std()) == pytest.approx((0, 1))


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
    assert cured("dropout", "dropout", given).model.layers[1].rate == 0.2
    assert all(v.trainable for v in cured("frozen", "", given).model.weights)


def test_recurrent_layers_get_their_default_activation():
    x = np.zeros((32, 3, 2), "float32")
    given = program(layers.LSTM(4, activation="relu"), dense(1, None), x=x)
    assert activations(cured("exploding", "tanh", given)) == ["tanh", "linear"]
    assert cured("exploding", "tanh", program(dense(1, None))) is None


def test_a_rate_is_changed_unless_it_follows_a_schedule():
    assert cured("rate too high", "tenth", program(dense(1, None))).factor == 0.1
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    given = program(dense(1, None), optimizer=keras.optimizers.SGD(schedule))
    assert cured("rate too high", "tenth", given) is None
    assert cured("diverging", "clipnorm", given).clipnorm == 1.0


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
    given = Program(**{**vars(given), "model": model, "values": values_of(model)})
    assert cured("vanishing", "relu", given) is None
    assert cured("vanishing", "normalisation", given) is None


def test_an_output_that_cannot_reach_the_targets_becomes_linear():
    given = program(dense(), dense(1, "relu"))
    output = replace(given.outputs[0], activation="relu")
    changed = cured("targets", "linear", replace(given, outputs=[output]))
    assert activations(changed) == ["sigmoid", "linear"]
    assert changed.loss is None
    other = replace(output, loss="sparse_categorical_crossentropy")
    assert cured("targets", "linear", replace(given, outputs=[other])) is None
    assert cured("targets", "linear", given) is None
