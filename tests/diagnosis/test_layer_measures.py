"""What the first layers of a model read."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers.diagnosis.diagnose import diagnose
from keras_rectifiers.diagnosis.layer_measures import LayerMeasures
from keras_rectifiers.inspection import call_trace
from keras_rectifiers.inspection.probe import values_of

X = np.random.default_rng(0).normal(size=(32, 6)).astype("float32") * [1, 2, 3, 4, 5, 6]


def read(*parts, x=X):
    model = keras.Sequential([keras.Input(x.shape[1:], dtype=x.dtype.name), *parts])
    tensor = ops.convert_to_tensor(x.astype(x.dtype))
    measures = LayerMeasures(model, tensor)
    return measures.inputs(values_of(model), call_trace.of_a_chain(model))


def test_the_columns_are_those_that_the_first_kernel_reads():
    x = X.astype("float32")
    seen = read(
        layers.Rescaling(0.5), layers.Dense(4, name="first"), layers.Dense(1), x=x
    )
    (columns,) = seen.values()
    assert list(seen) == ["first"]
    np.testing.assert_allclose(columns.std, 0.5 * x.std(0), rtol=1e-5)
    assert columns.scale == pytest.approx(np.sqrt(np.mean((0.5 * x) ** 2)), rel=1e-5)


@pytest.mark.parametrize(
    "parts",
    [
        # In training it sees inputs that its batch has normalised.
        [layers.BatchNormalization(), layers.Dense(1)],
        [layers.Embedding(50, 4), layers.LSTM(3), layers.Dense(1)],
    ],
)
def test_what_is_normalised_or_looked_up_is_left_out(parts):
    x = np.abs(X).astype("int32" if len(parts) == 3 else "float32")
    assert read(*parts, x=x) == {}


def test_recurrent_layers_and_linear_models_read_inputs_too():
    x = X.reshape(32, 3, 2).astype("float32")
    assert list(read(layers.LSTM(3, name="a"), layers.Dense(1), x=x)) == ["a"]
    assert list(read(layers.Dense(1, name="only"), x=X.astype("float32"))) == ["only"]


def test_relu_in_a_recurrent_layer_is_unbounded():
    def unbounded(activation):
        model = keras.Sequential(
            [
                keras.Input((4, 2)),
                layers.LSTM(3, activation=activation),
                layers.Dense(1),
            ]
        )
        x = ops.convert_to_tensor(
            X.reshape(32, 3, 2)[:, [0, 1, 2, 0]].astype("float32")
        )
        measures = LayerMeasures(model, x)
        measures.measure(ops.zeros((32, 1)), "mse", values_of(model))
        return measures.measured({}).unbounded

    assert len(unbounded("relu")) == 1
    assert unbounded("tanh") == []


def test_examples_that_repeat_tell_no_more_of_dead_units():
    # Of ones and zeros a healthy unit is shut for both every second time.
    x = np.repeat([[1.0] * 6, [0.0] * 6], 50, axis=0).astype("float32")
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(50, "relu"), layers.Dense(1)]
    )
    signs = np.where(np.arange(50) < 35, -0.4, 0.4)
    model.layers[0].set_weights([np.tile(signs, (6, 1)), np.zeros(50)])

    def found(x):
        diagnosis = diagnose(model, x, x[:, :1], loss="mse", num_steps=0)
        return [finding.kind for finding in diagnosis.findings]

    assert found(x) == []
    assert found(np.abs(np.random.default_rng(0).normal(size=x.shape))) == ["dead"]
