"""Which batches fit a model, what is said of the others, and running a model on one."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_rectifiers import PReLU
from keras_rectifiers.inspection.batch import checked_batch, run_model
from keras_rectifiers.inspection.probe import probe, values_of
from tests.inspection.made_up_nets import CROSS_ENTROPY, branches, dense_net, to_numpy


def test_bad_input_is_refused_with_what_would_be_right(rng):
    model = dense_net("relu", rng)
    x, y = rng.normal(size=(4, 3)), np.array([0, 1, 2, 0])
    cases = [
        (
            model,
            x[:, :2],
            y,
            ValueError,
            r"expected the shape \(None, 3\)\. Received: \(4, 2",
        ),
        (model, x[:0], y[:0], ValueError, "must hold at least one example"),
        (
            model,
            x,
            y[:3],
            ValueError,
            "examples in x and targets in y. Received: 4 and 3",
        ),
        (model, x * np.nan, y, ValueError, "must hold finite numbers"),
        (
            keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)]),
            x,
            y,
            ValueError,
            r"a hidden activation, that is, with at least two",
        ),
        (
            keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(3)]),
            x,
            y,
            ValueError,
            r"^Expected a built model\. Start it with keras\.Input\(shape\), or call it ",
        ),
        (
            keras.Model(name="m"),
            x,
            y,
            ValueError,
            r"^Expected a built model\. .* Received: 'm', which has no weights yet\.$",
        ),
        (
            "m",
            x,
            y,
            TypeError,
            r"^Expected a keras\.Model\. Received: 'm', of type str\.$",
        ),
    ]
    for model, x, y, error, message in cases:
        with pytest.raises(error, match=message):
            probe(model, x, y, loss=CROSS_ENTROPY)


def test_batches_that_do_not_fit_are_refused(rng):
    model = branches()
    x = [rng.normal(size=(4, 3)), rng.normal(size=(4, 3))]
    y = [np.zeros((4, 1)), np.zeros((4, 2))]
    loss = ["mse", "mse"]
    name = model.name
    for bad_x, bad_y, message in [
        (
            x[:1],
            y,
            f"The probe batch x does not fit the model '{name}': expected 2 inputs, "
            "named left, right. Received: 1.",
        ),
        (
            {"left": x[0], "wrong": x[1]},
            y,
            f"The probe batch x does not fit the model '{name}': expected 2 inputs, "
            "named left, right. Received: 2, named left, wrong.",
        ),
        (
            [x[0], x[1][:3]],
            y,
            "The inputs of the probe batch x must have the same number of examples. "
            "Received: 4, 3.",
        ),
        (
            x,
            [y[0], y[1] * np.nan],
            "The probe batch y must hold finite numbers, because otherwise every "
            "measure is NaN. Remove the others. Received: NaN or infinite values.",
        ),
        (
            x,
            y[0],
            f"The model '{name}' has the outputs near, far. Expected targets for each "
            "of them, as a list or a dictionary y. Received: one array.",
        ),
        (
            x,
            {"near": y[0]},
            f"The model '{name}' has the outputs near, far. Expected targets for each "
            "of them, as a list or a dictionary y. Received: those of near.",
        ),
    ]:
        with pytest.raises(ValueError) as raised:
            probe(model, bad_x, bad_y, loss=loss)
        assert str(raised.value) == message


def test_a_batch_becomes_tensors_of_the_types_that_the_model_takes(rng):
    tokens = keras.Input((2,), dtype="int32", name="tokens")
    numbers = keras.Input((3,), name="numbers")
    x = keras.layers.Flatten()(keras.layers.Embedding(5, 2)(tokens))
    joined = keras.layers.Concatenate()([x, numbers])
    model = keras.Model([tokens, numbers], keras.layers.Dense(1)(joined))
    numbers = rng.normal(size=(4, 3))
    given = {"tokens": [[0, 1], [2, 3], [4, 0], [1, 1]], "numbers": numbers}
    x, y = checked_batch(model, given, [0, 1, 0, 1])
    types = {name: keras.backend.standardize_dtype(x[name].dtype) for name in x}
    assert types == {"tokens": "int32", "numbers": "float32"}
    np.testing.assert_array_equal(to_numpy(x["tokens"]), given["tokens"])
    np.testing.assert_allclose(to_numpy(x["numbers"]), numbers, rtol=1e-6)
    assert to_numpy(y).tolist() == [0, 1, 0, 1]


def test_a_layer_that_is_built_at_its_first_call_is_built_and_no_state_moves(rng):
    class Counting(keras.layers.Layer):
        def build(self, shape):
            self.calls = self.add_weight(initializer="zeros", trainable=False)

        def call(self, x):
            self.calls.assign_add(1.0)
            return x

    slopes, counting = PReLU(), Counting()
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, activation=slopes), counting]
    )
    assert not slopes.built
    checked_batch(model, rng.normal(size=(4, 3)), np.zeros(4))
    assert slopes.built
    assert float(to_numpy(counting.calls)) == 0


def test_a_model_is_run_with_the_values_that_are_given_and_keeps_its_own(
    rng, tolerance
):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    own = model.get_weights()
    kernel, bias = rng.normal(size=(3, 2)), rng.normal(size=2)
    trainable, others = values_of(model)
    given = [ops.convert_to_tensor(v, "float32") for v in (kernel, bias)]
    assert len(trainable) == len(given)
    x = rng.normal(size=(4, 3))
    prediction = run_model(model, (given, others), ops.convert_to_tensor(x, "float32"))
    np.testing.assert_allclose(
        to_numpy(prediction), x @ kernel + bias, rtol=1e-5, atol=tolerance
    )
    for before, now in zip(own, model.get_weights(), strict=True):
        np.testing.assert_array_equal(now, before)
