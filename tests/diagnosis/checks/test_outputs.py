"""Which outputs, losses and targets belong together, and what is said of the others."""

import numpy as np
import pytest

from keras_rectifiers.diagnosis.checks.outputs import check
from tests.diagnosis.made_up_outputs import (
    BCE,
    BINARY,
    CCE,
    LABELS,
    MAE,
    MSE,
    NUMBERS,
    ONE_HOT,
    SEVERAL,
    SPARSE,
    N,
    output,
)


@pytest.mark.parametrize(
    "healthy",
    [
        ("linear", 1, MSE, NUMBERS),
        ("linear", 1, MSE, NUMBERS[:, None]),
        ("linear", 1, MSE, np.full((N, 5), 2.5), {"prediction": np.ones((N, 5, 1))}),
        ("linear", 1, MSE, np.full((N, 1), 2.5), {"prediction": np.ones((N, 1, 1))}),
        ("softmax", 3, SPARSE, np.ones((N, 5)), {"prediction": np.ones((N, 5, 3))}),
        ("linear", 1, MSE, 10 + LABELS),
        ("tanh", 1, MSE, NUMBERS / 2),
        ("relu", 1, MSE, NUMBERS + 2),
        ("sigmoid", 1, MSE, BINARY),
        ("sigmoid", 1, MSE, (NUMBERS + 2) / 4),
        ("sigmoid", 1, BCE, BINARY),
        ("sigmoid", 3, BCE, SEVERAL),
        ("sigmoid", 1, BCE, (NUMBERS + 2) / 4),
        ("softmax", 3, CCE, ONE_HOT),
        ("softmax", 3, CCE, 0.9 * ONE_HOT + 0.1 / 3),
        ("softmax", 3, SPARSE, LABELS),
        ("softmax", 5, SPARSE, LABELS[:, None]),
        # Of what is not known nothing is said.
        ("", 3, CCE, ONE_HOT),
        ("", 1, "", NUMBERS),
    ],
)
def test_of_what_fits_together_nothing_is_said(healthy):
    *of, settings = healthy if isinstance(healthy[-1], dict) else (*healthy, {})
    assert check([output(*of, **settings)]) == []


SIGMOID = "Use one unit with a sigmoid, and binary_crossentropy."


@pytest.mark.parametrize(
    ("faulty", "kind", "seen", "advice"),
    [
        (("softmax", 1, MSE, NUMBERS), "output", "always returns 1", "linear output"),
        (("softmax", 1, MAE, BINARY), "output", "always returns 1", SIGMOID),
        (("softmax", 1, BCE, LABELS), "output", "always returns 1", "Use 3 units"),
        (("sigmoid", 1, CCE, BINARY), "loss", "is always 0", SIGMOID),
        (("sigmoid", 1, SPARSE, BINARY), "loss", "on one unit", SIGMOID),
        (("softmax", 3, SPARSE, ONE_HOT), "targets", "one-hot", "argmax"),
        (("sigmoid", 1, BCE, ONE_HOT), "targets", "one output", "argmax"),
        (("linear", 1, MSE, ONE_HOT), "targets", "one output", "argmax"),
        (("softmax", 3, SPARSE, LABELS / 16), "targets", "not whole", "integer"),
        (("softmax", 3, SPARSE, LABELS + 1), "targets", "from 1 to 3", "y - 1"),
        (("softmax", 3, SPARSE, LABELS + 2), "targets", "3 units", "5 units"),
        (("softmax", 3, SPARSE, LABELS - 1), "targets", "from -1", "from 0"),
        (("softmax", 3, CCE, LABELS), "targets", "are labels", "to_categorical"),
        (("softmax", 4, CCE, ONE_HOT), "output", "4 units", "3 units"),
        (("softmax", 3, CCE, SEVERAL), "output", "several labels", "sigmoid"),
        (("softmax", 3, MSE, SEVERAL), "output", "several labels", "sigmoid"),
        (("softmax", 3, BCE, SEVERAL), "output", "several labels", "sigmoid"),
        (
            ("softmax", 2, MSE, np.c_[NUMBERS, NUMBERS]),
            "output",
            "sum to 1",
            "linear output",
        ),
        (("relu", 3, CCE, ONE_HOT), "output", "relu on the output with", "softmax"),
        (("linear", 3, SPARSE, LABELS), "output", "linear output", "from_logits=True"),
        (("linear", 1, BCE, BINARY), "output", "linear output", "sigmoid"),
        (("tanh", 1, BCE, BINARY), "output", "tanh on the output", "sigmoid"),
        (("sigmoid", 1, BCE, LABELS), "targets", "3 classes", "3 units with softmax"),
        (("sigmoid", 1, BCE, 2 * BINARY - 1), "targets", "-1 and 1", "0 and 1"),
        (("sigmoid", 1, BCE, NUMBERS), "targets", "from -2 to 2", "linear output"),
        (("sigmoid", 2, BCE, BINARY), "targets", "2 outputs", "softmax"),
        (("linear", 3, MSE, LABELS), "targets", "3 outputs", "softmax"),
        (("sigmoid", 1, MSE, NUMBERS), "targets", "out of reach", "linear output"),
        (("relu", 1, MSE, NUMBERS), "targets", "0 and more", "linear output"),
        (("tanh", 1, MSE, NUMBERS), "targets", "-1 to 1", "linear output"),
        (("sigmoid", 1, MAE, BINARY), "loss", "absolute error", BCE),
        (("softmax", 3, MAE, ONE_HOT), "loss", "absolute error", CCE),
    ],
)
def test_what_does_not_fit_is_named_with_what_does(faulty, kind, seen, advice):
    (finding,) = check([output(*faulty)])
    assert (finding.kind, finding.layer) == (kind, "last")
    assert finding.certainty != "possible"
    assert seen in finding.observation
    assert advice in finding.advice


@pytest.mark.parametrize(
    "suspect",
    [
        ("softmax", 3, MSE, ONE_HOT),
        ("sigmoid", 3, MAE, SEVERAL),
        ("linear", 1, MSE, BINARY),
        ("sigmoid", 3, CCE, ONE_HOT),
        ("softmax", 3, BCE, ONE_HOT),
    ],
)
def test_what_may_also_learn_is_only_possibly_wrong(suspect):
    (finding,) = check([output(*suspect)])
    assert finding.certainty == "possible"


def test_a_few_targets_out_of_reach_are_noise():
    targets = np.r_[-0.01, np.linspace(0, 1, N - 1)]
    assert check([output("sigmoid", 1, MSE, targets)]) == []
    targets[1] = -0.01
    assert len(check([output("sigmoid", 1, MSE, targets)])) == 1


def test_targets_may_have_one_axis_more_of_a_single_number():
    steps = np.ones((N, 5, 1)) * NUMBERS[:, None, None]
    assert check([output("linear", 5, MSE, steps, prediction=np.zeros((N, 5)))]) == []


@pytest.mark.parametrize("name", ["accuracy", "acc", "BinaryAccuracy"])
def test_accuracy_is_no_metric_of_a_regression(name):
    (finding,) = check([output("linear", 1, MSE, NUMBERS, metrics=(name,))])
    assert (finding.kind, finding.where) == ("metric", "compile")
    assert check([output("linear", 1, MSE, NUMBERS, metrics=("mae",))]) == []
    assert check([output("sigmoid", 1, BCE, BINARY, metrics=(name,))]) == []


@pytest.mark.parametrize(
    ("loss", "targets", "seen"),
    [
        (
            "mean_absolute_percentage_error",
            np.maximum(NUMBERS, 0),
            "50% of the targets",
        ),
        ("mean_absolute_percentage_error", NUMBERS + 3, None),
        ("mean_squared_logarithmic_error", NUMBERS, "50% of the targets are negative"),
        ("mean_squared_logarithmic_error", NUMBERS + 2, None),
        (MAE, np.maximum(NUMBERS, 0), None),
    ],
)
def test_a_loss_of_shares_or_logarithms_is_not_for_all_numbers(loss, targets, seen):
    found = check([output("linear", 1, loss, targets)])
    assert [finding.kind for finding in found] == ["loss"] * bool(seen)
    assert not seen or seen in found[0].observation
