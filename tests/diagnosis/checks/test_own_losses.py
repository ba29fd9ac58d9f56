"""What is found by the values of a loss of the user's own, and what is left in peace."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_rectifiers.diagnosis.checks.own_losses import check
from keras_rectifiers.inspection.example_losses import per_example
from tests.diagnosis.made_up_outputs import BINARY, NUMBERS, N, output

MODEL = keras.Sequential([keras.Input((1,)), keras.layers.Identity()])


class Squares(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred), axis=-1)


def squares(y_true, y_pred):
    return ops.mean(ops.square(y_true - y_pred))


def share_explained(y_true, y_pred):
    left = ops.mean(ops.square(y_true - y_pred))
    return 1 - left / ops.mean(ops.square(y_true))


def contrastive(y_true, distance):
    apart = ops.square(ops.maximum(1 - distance, 0))
    return ops.mean(y_true * ops.square(distance) + (1 - y_true) * apart)


def critic(y_true, y_pred):
    return ops.mean(y_true * y_pred)


def found(loss, targets):
    predicted = np.linspace(0.2, 0.8, N)[:, None].astype("float32")
    seen = output("linear", 1, "", targets, prediction=predicted)
    y = ops.convert_to_tensor(np.asarray(targets, "float32"))
    losses = per_example(MODEL, loss)
    return check([seen], losses, y, ops.convert_to_tensor(predicted))


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (Squares(), NUMBERS[:, None]),
        (squares, NUMBERS),
        (contrastive, BINARY),
        (critic, 2 * BINARY - 1),
        (lambda y, p: 1 - share_explained(y, p), NUMBERS),
    ],
)
def test_losses_that_fall_towards_the_targets_or_on_one_side_are_left(loss, targets):
    assert found(loss, targets) == []


def test_targets_without_the_last_axis_are_compared_with_all_predictions():
    (finding,) = found(Squares(), NUMBERS)
    assert (finding.kind, finding.where) == ("targets", "data")
    assert f"with ({N},) beside predictions of ({N}, 1)" in finding.observation
    assert "y.reshape((-1, 1))" in finding.advice


def test_a_score_that_is_returned_as_a_loss_has_the_wrong_sign():
    (finding,) = found(share_explained, NUMBERS)
    assert (finding.kind, finding.where) == ("loss", "compile")
    assert finding.observation.startswith(
        "the loss has the wrong sign: it is 1 for predictions that equal the targets"
    )


def test_of_keras_losses_and_several_outputs_nothing_is_computed():
    seen = output("linear", 1, "", NUMBERS)
    assert check([seen, seen], None, None, None) == []
