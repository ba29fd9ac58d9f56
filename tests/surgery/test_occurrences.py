"""Which activations of a model are found, and which of them are outputs, gates or hidden."""

import re

import keras
import pytest
from keras import layers, ops

from keras_rectifiers.surgery import occurrences
from tests.surgery.made_up_models import (
    classifier,
    functional,
    numbered,
    places,
    randomise,
    report,
    wrapped,
)


def test_an_output_layer_is_kept_behind_reshaping_unless_it_is_named():
    def make(x):
        x = layers.Dense(4, activation="relu", name="hidden")(x)
        x = layers.Dense(4, activation="sigmoid", name="last")(x)
        x = layers.Activation("linear", dtype="float32")(layers.Reshape((2, 2))(x))
        return ops.squeeze(ops.reshape(x, (-1, 4, 1)), -1)

    model = functional(make)
    assert places(report(model, "elu")) == ["hidden.activation"]
    assert places(report(model, "elu", ["relu", "sigmoid"])) == ["hidden.activation"]
    assert places(report(model, "elu", "last")) == ["last.activation"]


def test_a_nested_model_at_the_end_has_the_output_layer():
    inputs = keras.Input((4,))
    head = keras.Sequential(
        [keras.Input((3,)), layers.Dense(3, activation="relu", name="end")], name="head"
    )
    x = layers.Dense(3, activation="relu", name="start")(inputs)
    model = keras.Model(inputs, head(x))
    assert places(report(model, "elu", "relu")) == ["start.activation"]
    assert places(report(model, "elu", "end")) == ["head/end.activation"]


def test_softmax_is_kept_unless_it_is_named():
    def make(x):
        x = layers.Dense(4, activation="softmax", name="weights")(x)
        x = layers.Softmax(name="softmax_layer")(x)
        x = layers.Dense(4, activation="relu", name="hidden")(x)
        return layers.Dense(1, activation="softmax", name="last")(x)

    model = functional(make)
    assert places(report(model, "elu")) == ["hidden.activation"]
    assert places(report(model, "elu", layers.Dense)) == ["hidden.activation"]
    assert places(report(model, "elu", layers.Softmax)) == ["softmax_layer"]
    named = ["weights.activation", "softmax_layer"]
    assert places(report(model, "elu", "softmax")) == named


def test_gates_are_kept_unless_they_are_named():
    def make(x):
        squeezed = layers.Dense(2, activation="relu", name="squeeze")(x)
        gate = layers.Dense(4, activation="sigmoid", name="gate")(squeezed)
        x = layers.Multiply()([x, layers.Reshape((4,))(gate)])
        x = layers.Dense(4, name="after")(x)
        # A hard sigmoid, and the sigmoid of a swish.
        x = x * (layers.ReLU(6.0, name="hard")(x + 3.0) * (1 / 6))
        x = x * ops.sigmoid(x)
        x = layers.Dense(4, activation="sigmoid", name="no_gate")(x)
        x = layers.ReLU(6.0, name="capped")(layers.Dense(4, name="before")(x))
        x = layers.ReLU(name="scaled")(layers.Dense(4, name="again")(x)) * 1.7
        x = layers.Activation("sigmoid", name="scaled_too")(x) * 4
        return layers.Dense(1, name="last")(x)

    model = functional(make)
    hidden = ["squeeze.activation", "no_gate.activation"]
    hidden += ["capped", "scaled", "scaled_too"]
    assert places(report(model, "elu")) == hidden
    assert places(report(model, "elu", lambda layer: True)) == hidden
    assert places(report(model, "elu", "gate")) == ["gate.activation"]
    named = ["gate.activation", "sigmoid", "no_gate.activation", "scaled_too"]
    assert places(report(model, "elu", "sigmoid")) == numbered(model, named)


def test_the_gates_of_a_recurrent_layer_are_kept_unless_they_are_named():
    inputs = keras.Input((3, 4))
    x = layers.LSTM(4, name="lstm")(inputs)
    model = keras.Model(inputs, layers.Dense(1)(x))
    assert report(model, "relu") == ["lstm.activation: tanh -> ReLU"]
    for where in ("lstm", layers.LSTM):
        assert places(report(model, "relu", where)) == ["lstm.activation"]
    for where in ("sigmoid", "recurrent_activation", "lstm.recurrent_activation"):
        gates = ["lstm.recurrent_activation"]
        assert places(report(model, "hard_sigmoid", where)) == gates


class Stubborn(layers.Layer):
    """Its activation is no argument."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.dense = layers.Dense(3, activation="relu", name="inside")

    def call(self, x):
        return self.dense(x)


def test_an_activation_that_no_argument_holds_is_told_and_kept(rng):
    def make(x):
        x = layers.Dense(3, activation="relu", name="hidden")(x)
        return layers.Dense(1)(Stubborn(name="stubborn")(x))

    model = randomise(functional(make), rng)
    message = (
        "These activations are not replaced: relu at 'stubborn/inside.activation'. "
        "Their layers have no argument for the activation in their constructor and "
        "get_config, so a saved model would lose the change. Add such an argument, "
        "for example `activation`."
    )
    with pytest.warns(UserWarning, match=f"^{re.escape(message)}$"):
        lines = report(model, "elu")
    assert lines == ["hidden.activation: relu -> ELU"]
    assert places(report(model, "elu", "hidden")) == ["hidden.activation"]


def test_linear_activations_are_not_found_and_outputs_are_marked():
    found = occurrences.find(classifier())
    assert [(str(one), one.kept, one.hidden) for one in found] == [
        ("first.activation", "", False),
        ("leaky", "", False),
        ("output.activation", "output layer", False),
    ]


def test_an_activation_in_a_wrapper_has_the_wrapper_as_its_root():
    model = wrapped()
    found = {str(one): one for one in occurrences.find(model)}
    gate = found["both_ways/backward_lstm.recurrent_activation"]
    assert gate.root is model.get_layer("both_ways")
    assert gate.layer is model.get_layer("both_ways").backward_layer
    assert gate.activation is keras.activations.sigmoid
    assert gate.kept == "gate"


@pytest.mark.parametrize(("kept_by", "kept"), [(2, "gate"), (1, "")])
def test_a_sigmoid_is_a_gate_if_it_multiplies_a_tensor_and_none_if_a_number(
    kept_by, kept
):
    def make(x):
        y = layers.Dense(4, activation="sigmoid", name="sigmoid")(x)
        return layers.Dense(1)(x * y if kept_by == 2 else y * 2.0)

    (found,) = occurrences.find(functional(make))
    assert found.kept == kept
