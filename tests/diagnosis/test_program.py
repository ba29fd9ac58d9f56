"""What is known of the outputs of a model without running it."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_rectifiers.diagnosis.program import outputs_of
from keras_rectifiers.inspection import call_trace

X = np.zeros((4, 3), "float32")


def described(model, y, loss=None):
    calls = call_trace.of_a_run(
        model, lambda: model(tensor), tensor := keras.ops.array(X)
    )
    return outputs_of(model, calls, model(X), y, loss)


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.first, self.last = layers.Dense(4, "relu"), layers.Dense(2, "softmax")

    def call(self, x):
        return self.last(self.first(x))


class Head(layers.Layer):
    """It uses its activation somewhere within."""

    def __init__(self):
        super().__init__()
        self.activation = keras.activations.relu

    def call(self, x):
        return self.activation(x) - 1


def functional(*parts):
    x = start = keras.Input((3,))
    for part in parts:
        x = part(x)
    return keras.Model(start, x)


@pytest.mark.parametrize(
    ("model", "layer", "activation"),
    [
        (functional(layers.Dense(2, "softmax", name="last")), "last", "softmax"),
        (
            functional(layers.Dense(2), layers.Activation("softmax", name="act")),
            "act",
            "softmax",
        ),
        (
            functional(layers.Dense(2, name="a"), layers.Softmax(name="b")),
            "b",
            "softmax",
        ),
        (functional(layers.Dense(2, name="a"), keras.ops.relu), "relu", "relu"),
        (
            functional(layers.Dense(2, "tanh", name="a"), layers.Reshape((2, 1))),
            "a",
            "tanh",
        ),
        (
            functional(layers.Dense(2, name="a"), layers.Activation("linear")),
            "a",
            "linear",
        ),
        (functional(layers.Dense(2, name="a"), layers.Rescaling(3.0)), None, ""),
        (
            functional(
                keras.Sequential([layers.Dense(2, "sigmoid", name="b")], name="part")
            ),
            "part/b",
            "sigmoid",
        ),
        (Own(), "dense_1", "softmax"),
        # Over positions, not units; with another slope; what a layer of one's own does.
        (functional(layers.Reshape((3, 1)), layers.Softmax(axis=1)), None, ""),
        (
            functional(layers.Dense(2), layers.ReLU(negative_slope=0.1)),
            None,
            "leaky_relu",
        ),
        (functional(Head()), None, ""),
    ],
)
def test_the_last_activation_is_found_from_the_output_back(model, layer, activation):
    (output,) = described(model, np.zeros((4, 2)), "mse")
    assert output.activation == activation
    if layer not in (None, "relu", "dense_1"):
        assert output.layer == layer


@pytest.mark.parametrize(
    ("loss", "name", "from_logits"),
    [
        ("mse", "mean_squared_error", False),
        (keras.losses.MeanAbsoluteError(), "mean_absolute_error", False),
        (keras.losses.binary_crossentropy, "binary_crossentropy", False),
        (
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            "sparse_categorical_crossentropy",
            True,
        ),
        (keras.losses.KLDivergence(), "kl_divergence", False),
        (lambda y, p: keras.ops.mean(p, -1), "", False),
    ],
)
def test_a_loss_is_known_by_its_name_in_keras(loss, name, from_logits):
    model = functional(layers.Dense(2))
    (output,) = described(model, np.zeros((4, 2)), loss)
    assert (output.loss, output.from_logits) == (name, from_logits)


@pytest.mark.filterwarnings("ignore:.*received `from_logits=True`:UserWarning")
@pytest.mark.parametrize("is_last", [True, False])
@pytest.mark.parametrize(
    ("kind", "activation"),
    [
        (keras.losses.BinaryCrossentropy, "sigmoid"),
        (keras.losses.CategoricalCrossentropy, "softmax"),
        (keras.losses.CategoricalFocalCrossentropy, "softmax"),
    ],
)
def test_from_logits_counts_where_the_loss_applies_another_activation(
    kind, activation, is_last
):
    last = layers.Dense(2, activation)
    model = functional(last) if is_last else functional(last, layers.Reshape((2,)))
    last.set_weights([np.array([[1.0, -1], [2, 0], [0, 1]]), np.array([0.5, -1])])
    targets = np.eye(2)[[0, 1, 1, 0]]
    (output,) = described(model, targets, kind(from_logits=True))
    told, untold = (
        keras.ops.convert_to_numpy(kind(from_logits=logits)(targets, model(X)))
        for logits in (True, False)
    )
    assert output.from_logits == (abs(told - untold) > 0.01)


def test_a_class_that_the_loss_ignores_is_no_label():
    loss = keras.losses.SparseCategoricalCrossentropy(ignore_class=255)
    labels = np.array([0, 1, 255, 1])
    (output,) = described(functional(layers.Dense(2, "softmax")), labels, loss)
    assert output.labels.tolist() == [0, 1, 1]


def test_each_output_has_its_own_loss_targets_and_metrics():
    start = keras.Input((3,))
    outputs = {
        "a": layers.Dense(1, "sigmoid", name="a")(start),
        "b": layers.Dense(2, name="b")(start),
    }
    model = keras.Model(start, outputs)
    model.compile(
        loss={"a": "binary_crossentropy", "b": "mse"}, metrics={"b": ["accuracy"]}
    )
    y = {"a": np.zeros((4, 1)), "b": np.ones((4, 2))}
    a, b = described(model, y)
    assert (a.layer, a.loss, a.units, a.metrics) == ("a", "binary_crossentropy", 1, ())
    assert (b.layer, b.loss, b.units) == ("b", "mean_squared_error", 2)
    assert b.metrics == ("accuracy",)
    assert (b.targets == 1).all()


def test_targets_are_classes_if_they_are_few_whole_numbers():
    def classes(y, units=1):
        (output,) = described(functional(layers.Dense(units)), np.asarray(y), "mse")
        return output.num_classes

    assert classes([0, 1, 1, 0]) == 2
    assert classes([0, 0.5, 1, 0]) == 0
    assert classes([0, 1, 2, 3]) == 0
    assert classes(np.eye(2)[[0, 1, 1, 0]], 2) == 2
