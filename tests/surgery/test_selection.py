"""Which activations `where` chooses: by a name, a type, a predicate or a list of these."""

import re

import keras
import pytest
from keras import layers

from keras_rectifiers import GatedLinearUnit, Swish, replace_activations
from keras_rectifiers.surgery import occurrences, selection
from tests.surgery.made_up_models import (
    assert_equal,
    batch,
    classifier,
    functional,
    nested,
    outputs,
    places,
    randomise,
    report,
    wrapped,
)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("relu", ["first.activation"]),
        ("leaky_relu", ["leaky"]),
        ("LeakyReLU", ["leaky"]),
        (keras.activations.relu, ["first.activation"]),
        ("first", ["first.activation"]),
        ("first.activation", ["first.activation"]),
        ("leaky", ["leaky"]),
        ("output", ["output.activation"]),
        (layers.LeakyReLU, ["leaky"]),
        (layers.Dense, ["first.activation"]),
        (lambda layer: True, ["first.activation", "leaky"]),
        (lambda layer: getattr(layer, "units", 0) == 6, ["first.activation"]),
        (["first", layers.LeakyReLU], ["first.activation", "leaky"]),
        (("leaky", "output"), ["leaky", "output.activation"]),
    ],
)
def test_where_is_a_name_a_type_a_predicate_or_a_list(where, expected):
    assert places(report(classifier(), "elu", where)) == expected


def test_where_is_the_name_of_a_nested_model_or_of_a_wrapper():
    assert places(report(nested(), "elu", "inner")) == ["middle/inner/dense.activation"]
    assert places(report(wrapped(), "elu", "both_ways")) == [
        "both_ways/forward_lstm.activation",
        "both_ways/backward_lstm.activation",
    ]
    assert places(report(wrapped(), "elu", layers.GRUCell)) == [
        "recurrent/cells/a.activation",
        "recurrent/cells/b.activation",
    ]


def test_names_of_one_function_are_the_same_to_where():
    model = functional(
        lambda x: layers.Dense(2)(layers.Dense(3, activation="swish", name="d")(x))
    )
    assert report(model, "relu", "swish") == ["d.activation: silu -> ReLU"]
    assert report(model, "relu", "silu") == ["d.activation: silu -> ReLU"]


def test_a_swish_that_learns_has_the_name_swish_but_not_silu():
    model = functional(
        lambda x: layers.Dense(2)(layers.Dense(3, activation=Swish(), name="d")(x))
    )
    assert report(model, "relu", "swish") == ["d.activation: Swish -> ReLU"]
    with pytest.raises(ValueError, match="found no activation to replace"):
        replace_activations(model, "relu", where="silu")


def gated(activation):
    return functional(
        lambda x: layers.Dense(1)(
            GatedLinearUnit(activation, name="gated")(
                layers.Dense(6, activation="relu", name="hidden")(x)
            )
        )
    )


def test_the_gate_of_a_gated_unit_is_kept_unless_it_is_named():
    model = gated("relu")
    assert places(report(model, "elu")) == ["hidden.activation"]
    assert report(model, "elu", "gated") == ["gated.activation: ReLU -> ELU"]


@pytest.mark.parametrize(
    "activation", ["silu", "prelu", keras.activations.leaky_relu, Swish()]
)
def test_the_gate_of_a_copy_computes_the_same(activation, rng):
    model = randomise(gated(activation), rng)
    x = batch(model, rng)
    new = replace_activations(model, "relu")
    assert_equal(outputs(new, x), outputs(model, x))


def test_a_function_of_keras_that_becomes_a_gate_keeps_its_slope(rng):
    model = randomise(gated("relu"), rng)
    x = batch(model, rng)
    new = replace_activations(model, keras.activations.leaky_relu, where="gated")
    assert new.get_layer("gated").activation is keras.activations.leaky_relu
    expected = randomise(gated(keras.activations.leaky_relu), rng)
    expected.set_weights(model.get_weights())
    assert_equal(outputs(new, x), outputs(expected, x))


def test_where_that_matches_nothing_is_an_error_that_lists_the_activations():
    message = (
        "replace_activations found no activation to replace for where='gelu'. The "
        "model has: relu at 'first.activation'; LeakyReLU(negative_slope=0.1) at "
        "'leaky'; softmax (output layer) at 'output.activation'. Output layers, gates "
        "and softmax are replaced only if `where` is the name of their layer; gates "
        "and softmax also if it is the name of the activation."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace_activations(classifier(), "elu", "gelu")
    model = functional(layers.Dense(1))
    message = message.partition("for")[0].strip() + ". The model has: no activation."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        replace_activations(model, "elu")


def test_a_layer_is_chosen_by_its_name():
    model = functional(lambda x: layers.Dense(1)(layers.ReLU(name="chosen")(x)))
    layer = model.get_layer("chosen")
    message = (
        "replace_activations expects `where` to be a name, a type, a predicate or a list "
        f"of these; for this layer 'chosen'. Received: {layer!r} of type ReLU"
    )
    for where in (layer, [layer]):
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            replace_activations(model, "elu", where)


def test_without_a_choice_all_but_those_kept_are_selected():
    found = occurrences.find(classifier())
    assert selection.select(found, None) == found[:2]
    assert selection.select(found, []) == []
    assert selection.select(found, ["output", "first"]) == [found[0], found[2]]


def test_of_each_activation_three_places_are_listed_and_the_others_counted():
    parts = [layers.ReLU(name=f"relu_{index}") for index in range(5)]
    parts.append(layers.Dense(2, activation="softmax", name="last"))
    found = occurrences.find(keras.Sequential([keras.Input((4,)), *parts]))
    assert selection.listed(found) == (
        "ReLU at 'relu_0', 'relu_1', 'relu_2' and 2 more; "
        "softmax (output layer) at 'last.activation'"
    )
    assert selection.listed(found[:3]) == "ReLU at 'relu_0', 'relu_1', 'relu_2'"
