"""The losses of predictions that know nothing, and all."""

import keras
import numpy as np
import pytest

from keras_rectifiers.diagnosis.loss_bounds import LossBounds, loss_bounds
from keras_rectifiers.diagnosis.program import Output
from keras_rectifiers.inspection.example_losses import per_example


def bounds(loss, units, targets, *, given=None, **settings):
    """Of a loss by its name, or of one that is given."""
    prediction = np.full((len(targets), units), 0.5)
    output = Output(
        name="out",
        layer="last",
        activation="",
        prediction=prediction,
        loss=loss,
        targets=np.asarray(targets, float),
        **{"from_logits": False} | settings,
    )
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units)])
    losses = per_example(model, given or loss)
    tensors = map(keras.ops.convert_to_tensor, (targets, prediction))
    return loss_bounds([output], losses, *tensors)


@pytest.mark.parametrize(
    ("loss", "units", "targets", "expected"),
    [
        ("mean_squared_error", 1, np.arange(5.0), 2.0),
        # Of the absolute error the median is best.
        ("mean_absolute_error", 1, np.array([0, 0, 0, 0, 10.0]), 2.0),
        ("binary_crossentropy", 1, np.array([0, 1.0, 0, 1]), np.log(2)),
        ("sparse_categorical_crossentropy", 3, np.array([0.0, 1, 2]), np.log(3)),
    ],
)
def test_the_best_constant_prediction_knows_nothing_of_the_inputs(
    loss, units, targets, expected
):
    found = bounds(loss, units, targets)
    assert found.constant == pytest.approx(expected, rel=1e-4)
    assert found.perfect == pytest.approx(0, abs=1e-4)


def entropy(shares):
    return -np.sum(shares * np.log(shares), axis=-1)


def test_targets_between_two_classes_leave_a_loss():
    grey = np.array([0.2, 0.8, 0.5, 0.5])
    found = bounds("binary_crossentropy", 1, grey)
    expected = np.mean(entropy(np.stack([grey, 1 - grey], axis=-1)))
    assert found.perfect == pytest.approx(expected, rel=1e-4)
    assert found.constant == pytest.approx(np.log(2), rel=1e-4)
    halfway = (found.perfect + found.constant) / 2
    assert found.share(halfway) == pytest.approx(0.5)


def test_so_does_a_loss_that_smooths_the_labels():
    smooth = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    found = bounds("categorical_crossentropy", 4, np.eye(4), given=smooth)
    expected = entropy(np.array([0.925, 0.025, 0.025, 0.025]))
    assert found.perfect == pytest.approx(expected, rel=1e-3)


def test_logits_are_predicted_where_the_loss_expects_them():
    sparse = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    name = "sparse_categorical_crossentropy"
    found = bounds(name, 3, np.array([0, 1, 2]), given=sparse, from_logits=True)
    assert found.constant == pytest.approx(np.log(3), rel=1e-4)


def test_classes_that_the_loss_ignores_have_no_unit():
    sparse = keras.losses.SparseCategoricalCrossentropy(ignore_class=-1)
    name, labels = "sparse_categorical_crossentropy", np.array([0, 1, 2, -1])
    assert bounds(name, 3, labels, given=sparse, ignored=-1).are_known
    assert not bounds(name, 3, labels, given=name).are_known


def test_of_a_loss_that_is_no_better_without_errors_nothing_is_known():
    def own(y, prediction):
        return keras.ops.mean(keras.ops.abs(prediction), axis=-1) + 0 * y

    assert not bounds("", 1, np.zeros(4), given=own).are_known
    assert bounds("mean_squared_error", 1, np.arange(4.0)).are_known


def test_a_loss_is_under_a_share_of_each_of_several():
    seen = LossBounds(constant=3.0, perfect=1.0)
    assert seen.is_under(0.5, 1.9) and not seen.is_under(0.5, 2.1)
    assert not seen.is_under(0.5, 1.9, 2.7)
    assert not seen.is_under(0.5, np.nan)
    assert not LossBounds(constant=np.nan).is_under(0.5, 0.1)
