"""Activations as users give them, and the layers that come of them."""

import random

import keras
import numpy as np
import pytest

import keras_rectifiers
from keras_rectifiers.comparison.comparing.contenders import (
    GivenActivation,
    read_contenders,
)


def twice(x):
    return 2 * x


def names_of(activations, reference="relu"):
    return [c.name for c in read_contenders(activations, reference)[0]]


def test_every_form_of_an_activation_becomes_new_layers_with_a_name():
    given = [
        "gelu",
        keras_rectifiers.PReLU,
        keras_rectifiers.RReLU(3, 9),
        keras.layers.LeakyReLU(negative_slope=0.2),
        twice,
        keras.activations.mish,
        lambda: keras_rectifiers.SmoothReLU(2.0),
        lambda: keras.activations.silu,
    ]
    contenders, reference = read_contenders(given, "relu")
    assert reference == "relu"
    assert [c.name for c in contenders] == [
        "relu",
        "gelu",
        "prelu",
        "RReLU(upper=9.0)",
        "LeakyReLU(negative_slope=0.2)",
        "twice",
        "mish",
        "SmoothReLU(sharpness=2.0)",
        "silu",
    ]
    for contender in contenders:
        one, other = contender.make(), contender.make()
        assert isinstance(one, keras.layers.Layer) and one is not other
    made = {c.name: c.make() for c in contenders}
    assert made["RReLU(upper=9.0)"].upper == 9
    x = np.array([[-1.0, 2.0]], "float32")
    y = keras.ops.convert_to_numpy(made["twice"](x))
    np.testing.assert_array_equal(y, [[-2.0, 4.0]])


def test_a_layer_with_weights_gives_new_layers_with_weights_of_their_own():
    learned = keras_rectifiers.PReLU()
    learned.build((None, 3))
    learned.negative_slope.assign([0.5] * 3)
    (_, contender), _ = read_contenders([learned], "relu")
    fresh = contender.make()
    fresh.build((None, 3))
    np.testing.assert_allclose(fresh.negative_slope, [0.25] * 3)


def test_the_reference_comes_first_unless_it_is_among_them():
    assert names_of(["gelu"]) == ["relu", "gelu"]
    assert names_of(["gelu", "relu"]) == ["gelu", "relu"]
    assert names_of(["gelu"], keras.layers.ELU()) == ["elu", "gelu"]


def test_names_in_a_dictionary_are_those_of_the_activations():
    contenders, reference = read_contenders(
        {"square": lambda x: x * x, "usual": "relu"}, "usual"
    )
    assert [c.name for c in contenders] == ["square", "usual"]
    assert reference == "usual"


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("relu", TypeError, "Expected `activations` to be a list of activations"),
        (5, TypeError, "Received: 5"),
        ([5], TypeError, "Expected each activation to be a name.* Received: 5"),
        ([int], TypeError, "Received: <class 'int'>"),
        ([lambda: 5], TypeError, "Expected each activation to be a name"),
        ({1: "gelu"}, TypeError, "names of activations to be strings. Received: 1"),
        ({"a\nb": "gelu"}, ValueError, r"no line breaks.* Received: 'a\\nb'"),
        ({"\x1b[31m": "gelu"}, ValueError, "no line breaks or control characters"),
        ({" gelu": "gelu"}, ValueError, "no spaces at their ends"),
        ([keras.layers.Dense(8)], TypeError, "with a kernel .* a layer Dense"),
        ({"conv": lambda: keras.layers.Conv1D(2, 3)}, TypeError, "a layer Conv1D"),
        ({"lstm": lambda: keras.layers.LSTM(2)}, TypeError, "a layer LSTM"),
        (
            {"depthwise": lambda: keras.layers.DepthwiseConv1D(3)},
            TypeError,
            "a layer DepthwiseConv1D",
        ),
        (["gellu"], ValueError, "Nearest: .*gelu"),
        (["maxout"], ValueError, "'maxout' cannot be created: .*units.* Give its arg"),
        ([keras.layers.Dense], ValueError, "cannot be created: .*units"),
        ([lambda x: x], ValueError, "A function without a name needs one"),
        (
            ["gelu", "gelu"],
            ValueError,
            "each activation once. Received: 'gelu' twice.$",
        ),
        ({"a": "gelu", "b": keras.activations.gelu}, ValueError, "also as 'a'"),
        (["relu"], ValueError, "at least one activation besides the reference"),
        ([], ValueError, "Received: only 'relu'"),
    ],
)
def test_what_is_no_activation_or_is_given_twice_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        read_contenders(given, "relu")


def test_what_build_model_is_given_notes_the_layers_that_it_makes():
    contenders, _ = read_contenders(["gelu"], "relu")
    activation = GivenActivation(contenders[1])
    made = [activation(), activation()]
    assert activation.made == made and activation.name == "gelu"


@pytest.mark.parametrize(
    ("given", "gain"),
    [
        ("relu", 2**0.5),
        ("leaky_relu_0.3", (2 / 1.09) ** 0.5),
        ("crelu", 2**0.5),
        ("reglu", 2**0.5),
        (keras.layers.Softmax(), 1.0),
    ],
)
def test_the_initializer_of_an_activation_has_its_gain(given, gain):
    contenders, _ = read_contenders([given], "sigmoid")
    initializer = GivenActivation(contenders[1]).initializer()
    kernel = keras.ops.convert_to_numpy(initializer((100, 2000)))
    assert kernel.std() * 10 == pytest.approx(gain, rel=0.02)


def test_no_random_state_moves():
    state = random.getstate()
    read_contenders(["rrelu", "gelu"], "relu")
    assert random.getstate() == state


def of_numpy(x):
    return np.maximum(x, 0)


def deciding_by_values(x):
    return x if keras.ops.convert_to_numpy(x).sum() > 0 else -x


@pytest.mark.parametrize("function", [of_numpy, deciding_by_values])
def test_a_function_that_cannot_be_trained_through_is_refused(function):
    message = (
        r"made of keras.ops, .* Received: .*{}.*, for which the backend raises \w+"
    )
    with pytest.raises(ValueError, match=message.format(function.__name__)):
        names_of([function])
    with pytest.raises(ValueError, match=message.format("mine")):
        names_of({"mine": lambda: function})


def test_a_function_that_fits_only_some_shapes_is_left_to_the_model():
    assert names_of({"of images": lambda x: keras.ops.transpose(x, (0, 1, 3, 2))}) == [
        "relu",
        "of images",
    ]
