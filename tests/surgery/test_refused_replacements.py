"""What replace_activations refuses, and what it says would be right."""

import re

import keras
import pytest
from keras import layers, ops

from keras_rectifiers import replace_activations
from tests.surgery.made_up_models import assert_equal, classifier, functional, outputs


def test_a_subclassed_model_is_an_error_that_says_what_works():
    class Subclassed(keras.Model):
        def call(self, x):
            return x

    message = (
        "replace_activations expects a Sequential or functional model. Build the "
        "model with keras.Sequential or keras.Model(inputs, outputs), replace the "
        "activations of its Sequential and functional parts before they are combined, "
        "or give its class an argument for the activation. Received: 'mine' of the "
        "subclassed type Subclassed, whose call() cannot be rewritten."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace_activations(Subclassed(name="mine"), "elu")


def test_a_sequential_model_works_once_it_is_built(rng):
    model = keras.Sequential(
        [layers.Dense(3, activation="relu"), layers.Dense(1)], name="mine"
    )
    message = (
        "replace_activations expects a built model. Start it with keras.Input(shape), "
        "or call model.build(input_shape). Received: 'mine', which has no input shape "
        "yet."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace_activations(model, "elu")
    x = rng.normal(size=(2, 4)).astype("float32")
    model(x)
    assert_equal(outputs(replace_activations(model, "relu"), x), outputs(model, x))


def test_report_must_be_a_function():
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(4, "relu"), layers.Dense(1)]
    )
    message = (
        "replace_activations expects `report` to be a function, such as print. "
        "Received: 'print' of type str"
    )
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        replace_activations(model, "elu", report="print")


def test_maxout_cannot_replace_by_its_name():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(4, "relu")])
    message = (
        "replace_activations expects a replacement that keeps the shape of its input. "
        "Received: 'maxout', which returns fewer units than it receives"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace_activations(model, "maxout")


@pytest.mark.parametrize(
    ("replacement", "name"),
    [
        (lambda x, y: x, "<lambda>"),
        (lambda x: None, "<lambda>"),
        (len, "len"),
        (layers.MaxPooling2D(), "MaxPooling2D(data_format='channels_last')"),
    ],
)
def test_a_replacement_that_fails_is_an_error(replacement, name):
    model = functional(
        lambda x: layers.Dense(1)(layers.Dense(6, activation="relu", name="wide")(x))
    )
    message = (
        "replace_activations expects a replacement that takes one tensor, computes "
        f"with keras.ops or its backend, and returns one tensor. {name} failed at "
        "'wide.activation', on an input of shape (None, 6)."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace_activations(model, replacement)


@pytest.mark.parametrize("replacement", [lambda x: ops.concatenate([x, -x]), "glu"])
def test_a_replacement_that_changes_the_shape_is_an_error(replacement):
    model = functional(
        lambda x: layers.Dense(1)(layers.Dense(6, activation="relu", name="wide")(x))
    )
    if callable(replacement):
        name, shape = "<lambda>", (None, 12)

        def replacement(x):
            return ops.concatenate([x, -x], axis=-1)

        name = "replacement"
    else:
        name, shape = "GatedLinearUnit", (None, 3)
    message = (
        "replace_activations expects a replacement that keeps the shape of its input. "
        f"Received: {name}, which at 'wide.activation' changes (None, 6) to {shape}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace_activations(model, replacement)


@pytest.mark.parametrize(
    ("model", "replacement", "where", "error", "message"),
    [
        (
            3,
            "elu",
            None,
            TypeError,
            "replace_activations expects `model` to be a keras.Model. Received: 3 of "
            "type int",
        ),
        (
            None,
            3,
            None,
            TypeError,
            "replace_activations expects `replacement` to be a name, a layer, a class "
            "or function that makes a layer, or an activation function. Received: 3 of "
            "type int",
        ),
        (
            None,
            lambda: "relu",
            None,
            TypeError,
            "replace_activations expects a `replacement` without arguments to return "
            "a layer. Received: one that returned 'relu'",
        ),
        (
            None,
            "rrelo",
            None,
            ValueError,
            "Neither the catalogue nor keras.activations has 'rrelo'. Nearest: rrelu, "
            "relu, relu6.",
        ),
        (
            None,
            "elu",
            3,
            TypeError,
            "replace_activations expects `where` to be a name, a type, a predicate or "
            "a list of these. Received: 3 of type int",
        ),
    ],
)
def test_arguments_of_another_type_are_errors(
    model, replacement, where, error, message
):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        replace_activations(model or classifier(), replacement, where)
