"""What is computed again in a `keras.RematScope`, and what is kept out of it."""

import keras
import numpy as np

from keras_rectifiers import functions
from keras_rectifiers.layers import PReLU, rematerialization
from tests.derivatives import gradients


def test_training_is_no_argument_of_what_is_computed_again():
    given = []

    def make(function, *arguments):
        given.append(arguments)
        return function

    call = rematerialization.without_training(make, lambda x, training: (x, training))
    assert call("x", training=True) == ("x", True)
    assert call("x") == ("x", False)
    assert given == [("x",), ("x",)]


def test_the_backward_pass_computes_the_layer_again(monkeypatch, rng):
    calls = []

    def prelu(*arguments, **keywords):
        calls.append(keywords)
        return original(*arguments, **keywords)

    original = functions.prelu
    monkeypatch.setattr(functions, "prelu", prelu)
    x = rng.normal(size=(4, 3)).astype("float32")
    with keras.RematScope("full"):
        layer = PReLU()
    layer.build(x.shape)
    (by_x,) = gradients(lambda x: layer(x, training=True), x)
    np.testing.assert_array_equal(by_x, np.where(x > 0, 1, np.float32(0.25)))
    # JAX traces the call once, and repeats what it has traced.
    assert len(calls) == (1 if keras.backend.backend() == "jax" else 2)
    assert all(keywords == {"training": True} for keywords in calls)
