"""Classes that a trained model never predicts."""

import numpy as np
import pytest

from keras_rectifiers.diagnosis.checks.classes import (
    biased,
    check_trained,
    is_order_of_classes,
    tells_apart,
)
from tests.diagnosis.made_up_outputs import BCE, CCE, SPARSE, output


def predicting(classes, units):
    return 0.02 + (1 - 0.02 * units) * np.eye(units)[np.asarray(classes)]


def binary(num_rare, num_found, **settings):
    targets = np.arange(200) < num_rare
    predicted = np.where(np.arange(200) < num_found, 0.9, 0.1)[:, None]
    return output("sigmoid", 1, BCE, targets, prediction=predicted, **settings)


@pytest.mark.parametrize(
    ("num_rare", "num_found", "kinds"),
    [
        (12, 0, ["imbalance"]),
        (12, 3, []),
        # So few may be missed by chance.
        (5, 0, []),
        # Always to say the more frequent class is no knowledge of it.
        (70, 0, []),
        (130, 0, []),
    ],
)
def test_a_class_that_is_never_predicted_is_rare(num_rare, num_found, kinds):
    found = check_trained([binary(num_rare, num_found)])
    assert [finding.kind for finding in found] == kinds


@pytest.mark.parametrize(("loss", "one_hot"), [(SPARSE, False), (CCE, True)])
def test_classes_at_the_end_were_never_seen(loss, one_hot):
    labels = np.arange(120) % 6
    predicted = predicting(np.minimum(labels, 3), 6)
    targets = np.eye(6)[labels] if one_hot else labels
    seen = output("softmax", 6, loss, targets, prediction=predicted)
    (finding,) = check_trained([seen])
    assert (finding.kind, finding.where) == ("order", "training")
    assert finding.observation == (
        "classes 4, 5 are never predicted, but have a share of 33% of the examples"
    )


def test_classes_that_are_not_told_apart_are_expected_as_often_as_they_occur():
    labels = np.arange(120) % 6
    predicted = predicting(np.minimum(labels, 3), 6)
    # Of the last three classes each has a third.
    predicted[labels >= 3] = [0, 0, 0, 0.34, 0.33, 0.33]
    seen = output("softmax", 6, SPARSE, labels, prediction=predicted)
    assert check_trained([seen]) == []


def test_a_model_that_knows_no_class_is_not_judged_by_its_classes():
    labels = np.arange(120) % 6
    seen = output("softmax", 6, SPARSE, labels, prediction=predicting(0 * labels, 6))
    assert check_trained([seen]) == []


def test_logits_are_split_at_0():
    logits = np.where(np.arange(200) < 12, 0.3, -3.0)[:, None]
    targets = np.arange(200) < 12
    seen = output("linear", 1, BCE, targets, prediction=logits, from_logits=True)
    assert check_trained([seen]) == []


def test_one_class_too_often_is_no_constant():
    labels = np.arange(120) % 3
    often = predicting(np.where(np.arange(120) < 110, 2, labels), 3)
    assert is_order_of_classes([output("softmax", 3, SPARSE, labels, prediction=often)])
    always = np.tile([0.1, 0.1, 0.8], (120, 1))
    constant = output("softmax", 3, SPARSE, labels, prediction=always)
    assert not is_order_of_classes([constant])


@pytest.mark.parametrize(
    ("num_rare", "at_most", "kinds"),
    [
        (25, 0.51, ["imbalance"]),
        # As often as it occurs, or more often, as with a greater weight.
        (25, 1.0, []),
        (25, 6.0, []),
        (12, 0.51, []),
        # So is each of two frequent ones.
        (90, 0.51, ["order"]),
        (90, 1.0, []),
    ],
)
def test_a_rare_class_is_predicted_as_often_as_it_occurs(num_rare, at_most, kinds):
    targets = np.arange(200) < num_rare
    predicted = np.full((200, 1), 0.01)
    # One of them is recognised, so it is predicted at times.
    predicted[0] = 0.9
    predicted[1:] += (at_most > 0.9) * at_most * num_rare / 200
    seen = output("sigmoid", 1, BCE, targets, prediction=np.minimum(predicted, 0.9))
    assert [finding.kind for finding in check_trained([seen])] == kinds


@pytest.mark.parametrize("often", [0, 1])
def test_one_unit_gives_the_probability_of_class_1(often):
    targets = np.arange(60) % 2
    predicted = np.abs(1 - often - np.linspace(0.9, 0.99, 60))[:, None]
    seen = output("sigmoid", 1, BCE, targets, prediction=predicted)
    assert biased([seen]) == (
        f"class {often} is predicted with 94%, but has a share of 50%"
    )
    (finding,) = check_trained([seen])
    assert finding.observation == (
        f"class {1 - often} is predicted with 5.5% on average, but has a share of 50% of "
        "the examples"
    )
    assert "sample_weight" in finding.advice


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [
        # Half of the frequent class is taken for the rare one, as with a great weight.
        (np.arange(200) % 2, True),
        (np.zeros(200), False),
        (np.arange(200) % 3 == 0, False),
    ],
)
def test_classes_are_told_apart_by_the_recall_of_each(predicted, expected):
    targets = (np.arange(200) % 20 == 1) * 1
    seen = output("sigmoid", 1, BCE, targets, prediction=0.9 * predicted[:, None])
    assert tells_apart([seen]) is expected
    assert not tells_apart([output("linear", 1, "mean_squared_error", targets)])


def test_of_predictions_that_are_nan_no_class_is_told():
    lost = np.full((200, 1), np.nan)
    seen = output("sigmoid", 1, BCE, np.arange(200) < 40, prediction=lost)
    assert check_trained([seen]) == []
