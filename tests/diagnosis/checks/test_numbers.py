"""What one pass shows: gradients, equal units, penalties, constant predictions."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_rectifiers.diagnosis.checks import numbers
from keras_rectifiers.diagnosis.program import Output
from keras_rectifiers.inspection import call_trace
from keras_rectifiers.inspection.batch import checked_batch
from keras_rectifiers.inspection.probe import values_of

HEALTHY = numbers.GradientNorms(loss=1.0, penalty=0.0, penalty_value=0.0)


def net(first="he_normal", second="he_normal", **settings):
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(8, "relu", kernel_initializer=first, name="a", **settings),
            layers.Dense(6, "relu", kernel_initializer=second, name="b"),
            layers.Dense(1, name="last"),
        ]
    )


def kinds(*, norms=HEALTHY, outputs=(), model=None, is_trained=False):
    calls = call_trace.of_a_chain(model or net())
    found = numbers.check(outputs, norms, calls, is_trained=is_trained)
    return [finding.kind for finding in found]


def test_units_are_equal_if_what_they_read_and_what_reads_them_is():
    constant = keras.initializers.Constant(0.1)
    assert kinds(model=net(constant, constant)) == ["equal units"]
    # The gradients of random outgoing weights tell them apart.
    assert kinds(model=net(constant)) == []
    assert kinds(model=net("he_normal", constant)) == []


@pytest.mark.parametrize(("penalty", "expected"), [(2.9, []), (3.1, ["penalty"])])
def test_a_penalty_outweighs_the_loss_by_its_gradient(penalty, expected):
    norms = numbers.GradientNorms(loss=1.0, penalty=penalty, penalty_value=1.0)
    assert kinds(norms=norms) == expected


def test_a_penalty_is_told_of_the_layer_where_it_is_largest(rng):
    model = net(kernel_regularizer=keras.regularizers.L2(5.0))
    model.add(layers.Dense(1, name="end", kernel_regularizer="l2"))
    x, y = rng.normal(size=(16, 4)).astype("float32"), np.zeros((16, 1))
    x, y = checked_batch(model, x, y)
    norms = numbers.gradient_norms(model, x, y, "mse", values_of(model))
    (found,) = numbers.check([], norms, call_trace.of_a_chain(model), is_trained=False)
    assert (found.kind, found.layer) == ("penalty", "a")
    assert "the largest part of it in this layer" in found.observation


def test_without_a_gradient_nothing_moves():
    norms = numbers.GradientNorms(loss=0.0, penalty=0.0, penalty_value=0.0)
    assert kinds(norms=norms) == ["no gradient"]


def test_gradients_are_those_of_the_loss_and_of_the_penalty(rng):
    model = net(kernel_regularizer=keras.regularizers.L2(0.5))
    x = rng.normal(size=(16, 4)).astype("float32")
    x, y = checked_batch(model, x, np.zeros((16, 1)))
    norms = numbers.gradient_norms(model, x, y, "mse", values_of(model))
    kernel = keras.ops.convert_to_numpy(model.layers[0].kernel)
    assert norms.penalty == pytest.approx(np.linalg.norm(kernel), rel=1e-5)
    assert norms.penalty_value == pytest.approx(0.5 * np.sum(kernel**2), rel=1e-5)
    # Twice the error has twice the gradient.
    doubled = numbers.gradient_norms(
        model,
        x,
        y,
        lambda y, p: 2 * keras.losses.mean_squared_error(y, p),
        values_of(model),
    )
    assert doubled.loss == pytest.approx(2 * norms.loss, rel=1e-4)


def test_a_penalty_on_activations_is_that_of_a_batch_of_training(rng):
    def norms_of(num_examples):
        x = rng.normal(size=(num_examples, 4)).astype("float32")
        x, y = checked_batch(model, x, np.zeros((num_examples, 1)))
        return numbers.gradient_norms(model, x, y, "mse", values_of(model))

    model = net(activity_regularizer=keras.regularizers.L1(0.1))
    few, many = norms_of(32), norms_of(320)
    assert few.penalty > 0 and few.penalty_value > 0
    # It is a sum over the examples, of which there are as many as in a step.
    assert many.penalty_value == pytest.approx(few.penalty_value, rel=0.5)


def predicting(prediction, activation="linear"):
    return Output(
        name="out",
        layer="last",
        activation=activation,
        prediction=np.asarray(prediction, float)[:, None],
        loss="mean_squared_error",
        from_logits=False,
        targets=np.linspace(0, 1, len(prediction)),
    )


def test_a_relu_output_of_zeros_is_dead():
    assert "output" in kinds(outputs=[predicting(np.zeros(9), "relu")])
    assert "output" not in kinds(outputs=[predicting(np.zeros(9))])
    assert "output" not in kinds(outputs=[predicting(np.arange(9), "relu")])


@pytest.mark.parametrize(
    ("spread", "is_trained", "expected"),
    [(1e-4, False, 0), (1e-4, True, 1), (1e-2, True, 0), (0, False, 1)],
)
def test_a_constant_prediction_is_the_stranger_after_training(
    spread, is_trained, expected
):
    prediction = 1 + spread * np.linspace(-1, 1, 9)
    found = kinds(outputs=[predicting(prediction)], is_trained=is_trained)
    assert found == ["constant predictions"] * expected


def test_targets_of_a_large_mean_are_not_predicted_by_that_mean_alone():
    near = predicting(1e4 + np.linspace(-1, 1, 9))
    assert kinds(outputs=[near], is_trained=True) == []


@pytest.mark.parametrize(
    ("spreads", "expected"),
    [([0.5, 0.1, 0.02], 0), ([0.5, 0.05, 0.005], 1), ([0.5, 0.005, 0.5], 0)],
)
def test_a_signal_is_lost_if_the_last_layers_hardly_vary(spreads, expected):
    found = numbers.lost_signal("abc", spreads, {"a": 1.0})
    assert len(found) == expected
