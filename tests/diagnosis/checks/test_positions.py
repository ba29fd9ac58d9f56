"""That the layer is named which decides at how many positions a model predicts."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_rectifiers import diagnose
from keras_rectifiers.diagnosis.checks.outputs import check
from tests.diagnosis.made_up_outputs import (
    BCE,
    BINARY,
    CCE,
    LABELS,
    MSE,
    NUMBERS,
    ONE_HOT,
    SPARSE,
    N,
    output,
)

X = np.random.default_rng(0).normal(size=(N, 5, 2)).astype("float32")


def found(*parts, y, loss):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((5, 2)), *parts])
    kinds = diagnose(model, X, y, loss=loss).findings
    return [finding for finding in kinds if finding.kind == "targets"]


@pytest.mark.parametrize(
    ("of", "units"),
    [
        (("linear", 1, MSE, NUMBERS), 1),
        (("linear", 1, MSE, NUMBERS[:, None]), 1),
        (("sigmoid", 1, BCE, BINARY[:, None]), 1),
        (("softmax", 3, SPARSE, LABELS), 3),
        (("softmax", 3, CCE, ONE_HOT), 3),
    ],
)
def test_one_target_for_all_positions_is_repeated(of, units):
    (finding,) = check([output(*of, prediction=np.full((N, 5, units), 0.3))])
    assert (finding.kind, finding.certainty) == ("targets", "certain")
    assert f"an array of shape {(5, units)} for each example" in finding.observation
    assert "return_sequences=False" in finding.advice


def two_ways(units, **settings):
    return layers.Bidirectional(layers.LSTM(units, **settings), name="rec")


@pytest.mark.parametrize(
    "parts",
    [
        (layers.LSTM(4, return_sequences=True, name="rec"), layers.Dense(1)),
        (
            layers.LSTM(4, return_sequences=True),
            layers.GRU(4, return_sequences=True, name="rec"),
            layers.LayerNormalization(),
            layers.Dense(4, "relu"),
            layers.Dropout(0.1),
            layers.Dense(1),
        ),
        (
            two_ways(4, return_sequences=True),
            layers.TimeDistributed(layers.Dense(1)),
        ),
        (layers.LSTM(1, return_sequences=True, name="rec"),),
    ],
)
def test_of_a_target_at_each_step_the_recurrent_layer_is_told(parts):
    (finding,) = found(*parts, y=NUMBERS / 3, loss=MSE)
    assert finding.layer == "rec"
    assert finding.advice == (
        "Use return_sequences=False in rec, so that it returns only the last one."
    )


def test_without_a_recurrent_layer_the_last_one_is_told():
    last = layers.Dense(1, name="last")
    (finding,) = found(layers.Conv1D(4, 2), last, y=NUMBERS, loss=MSE)
    assert finding.layer == "last"
    assert finding.advice.startswith("Flatten before the last layer, or use ")
    # The convolution stands between, so that the steps are no longer those of the LSTM.
    parts = layers.LSTM(4, return_sequences=True), layers.Conv1D(4, 2), last
    assert found(*parts, y=NUMBERS, loss=MSE)[0].layer == "last"


@pytest.mark.parametrize(
    ("y", "units", "activation", "loss"),
    [
        (X[:, :, :1], 1, None, MSE),
        (X[:, :, 0], 1, None, MSE),
        ((X[:, :, 0] > 0).astype(int), 2, "softmax", SPARSE),
        (np.eye(3)[np.arange(5 * N).reshape(N, 5) % 3], 3, "softmax", CCE),
    ],
)
def test_targets_for_each_step_need_the_states_of_each(y, units, activation, loss):
    parts = layers.GRU(4, name="rec"), layers.Dense(units, activation)
    (finding,) = found(*parts, y=y, loss=loss)
    assert (finding.layer, finding.certainty) == ("rec", "certain")
    assert "each of the 5 steps that it reads" in finding.observation
    assert finding.advice.startswith("Use return_sequences=True in rec; or")


def test_as_many_units_as_targets_fit_whatever_the_number_of_steps():
    assert not found(layers.GRU(4), layers.Dense(5), y=X[:, :, 0], loss=MSE)
    assert not found(
        layers.GRU(4, return_sequences=True), layers.Dense(1), y=X[:, :, 0], loss=MSE
    )
