"""What models, wrappers and layers contain: paths, arguments, and how activations are told."""

import keras
import pytest
from keras import layers, ops

from keras_rectifiers import PReLU, replace_activations
from keras_rectifiers.surgery import nesting
from tests.surgery.made_up_models import (
    assert_equal,
    batch,
    functional,
    nested,
    outputs,
    places,
    randomise,
    report,
    wrapped,
)


class Block(layers.Layer):
    """Its activation is an argument, which another layer uses."""

    def __init__(self, activation="relu", **arguments):
        super().__init__(**arguments)
        self.activation = activation
        self.dense = layers.Dense(3, activation=activation)

    def call(self, x):
        return self.dense(x)

    def get_config(self):
        return {**super().get_config(), "activation": self.activation}


def test_a_custom_layer_with_an_argument_for_the_activation_takes_part(rng):
    model = randomise(functional(lambda x: layers.Dense(1)(Block(name="b")(x))), rng)
    assert report(model, "elu") == ["b.activation: relu -> ELU"]
    x = batch(model, rng)
    new = replace_activations(model, PReLU("ones"))
    as_name = replace_activations(model, keras.activations.tanh).get_layer("b")
    assert as_name.get_config()["activation"] == "tanh"
    truth = model.get_layer("b")
    truth.dense.activation = keras.activations.linear
    assert_equal(outputs(new, x), outputs(model, x))


def test_a_gated_linear_unit_is_no_activation_to_replace():
    model = functional(
        lambda x: layers.Dense(1)(
            ops.glu(layers.Dense(4, activation="relu", name="hidden")(x))
        )
    )
    assert places(report(model, "elu")) == ["hidden.activation"]


@pytest.mark.parametrize("share", [False, True])
def test_every_operation_of_nested_graphs_has_one_path(share):
    # Shared, the layer of the inner model stands in the middle one too.
    paths = [path for _, path in nesting.roots(nested(share))]
    assert sorted(paths) == [
        "middle/inner/dense",
        "middle/inner/inner_input",
        "middle/middle_input",
        "middle/middle_relu",
        "middle/one",
        "output",
    ]


def test_activations_in_wrappers_have_the_names_of_all_that_wraps_them():
    model = wrapped()
    found = [
        (path, layer.name, argument)
        for root, root_path in nesting.roots(model)
        for path, layer, argument, _ in nesting.activations(
            root, nesting.config(root), root_path
        )
        if not argument.startswith("recurrent")
    ]
    assert found == [
        ("each_frame/frames/frame_dense", "frame_dense", "activation"),
        ("each_frame/frames/frame_relu", "frame_relu", ""),
        ("each_step/dense", "dense", "activation"),
        ("both_ways/forward_lstm", "forward_lstm", "activation"),
        ("both_ways/backward_lstm", "backward_lstm", "activation"),
        ("recurrent/cells/a", "a", "activation"),
        ("recurrent/cells/b", "b", "activation"),
        ("output", "output", "activation"),
    ]


@pytest.mark.parametrize(
    ("activation", "text"),
    [
        (layers.ReLU(name="rectifier"), "ReLU"),
        (layers.ReLU(6.0, trainable=False), "ReLU(max_value=6.0)"),
        (layers.LeakyReLU(0.2, dtype="float64"), "LeakyReLU(negative_slope=0.2)"),
        (layers.Activation("tanh"), "tanh"),
        (keras.activations.silu, "silu"),
        (PReLU(), "PReLU"),
    ],
)
def test_an_activation_is_told_by_its_name_and_what_differs_from_the_defaults(
    activation, text
):
    assert nesting.describe(activation) == text


def test_a_layer_and_a_function_of_one_name_are_spelled_alike():
    alike = [layers.LeakyReLU(0.2), keras.activations.leaky_relu]
    alike.append(layers.Activation("leaky_relu"))
    assert {nesting.plain_name(one) for one in alike} == {"leakyrelu"}
