"""What is found in inputs and targets as numbers, and what is left in peace."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.diagnosis.checks.data import (
    Columns,
    check_inputs,
    check_targets,
)
from keras_rectifiers.diagnosis.program import Output

MSE = "mean_squared_error"


def of_inputs(x):
    return check_inputs({"first": Columns.of(np.asarray(x, float))}, x)


def regression(targets, prediction=None, loss=MSE):
    targets = np.asarray(targets, float)
    prediction = np.zeros((len(targets), 1)) if prediction is None else prediction
    return Output(
        name="out",
        layer="last",
        activation="linear",
        prediction=prediction,
        loss=loss,
        from_logits=False,
        targets=targets,
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: rng.normal(size=(100, 5)),
        lambda rng: rng.uniform(size=(50, 8, 8, 3)),
        # Counts up to 16, pixels at the edge that hardly vary, and multi-hot columns.
        lambda rng: rng.integers(0, 17, (100, 6)),
        lambda rng: np.c_[rng.uniform(size=(100, 3)), np.arange(100) == 3],
        lambda rng: rng.random((100, 40)) < 0.02,
        lambda rng: np.c_[np.ones(100), rng.normal(size=(100, 2))],
        lambda rng: rng.normal(0.5, 0.25, (100, 3)),
    ],
)
def test_inputs_of_one_size_are_left_in_peace(make, rng):
    assert of_inputs(make(rng)) == []


@pytest.mark.parametrize(
    ("scales", "means", "seen"),
    [
        ([1, 0.3, 9000], [0, 0, 50000], "1 of 3 columns (2)"),
        ([1, 1, 40], [0, 0, 0], "1 of 3 columns (2)"),
        ([1e-4, 1, 1], [0, 0, 0], "very different sizes"),
        ([0.01, 0.01, 1], [1, 1, 0], "hardly vary"),
    ],
)
def test_columns_of_different_sizes_are_found_one_by_one(scales, means, seen, rng):
    (finding,) = of_inputs(rng.normal(size=(100, 3)) * scales + means)
    assert (finding.kind, finding.layer) == ("unscaled inputs", "first")
    assert seen in finding.observation


def test_equal_inputs_cannot_be_told_apart(rng):
    (finding,) = of_inputs(np.tile(rng.normal(size=(1, 4)), (20, 1)))
    assert finding.kind == "constant inputs"


@pytest.mark.parametrize(
    ("scale", "mean", "certainty"),
    [
        (1, 0, None),
        (5, 5, None),
        (20, 0, "possible"),
        (1, 50, "possible"),
        (3e5, 1e6, "likely"),
        (1e-3, 0, "possible"),
    ],
)
def test_targets_far_from_1_are_the_more_likely_wrong(scale, mean, certainty, rng):
    targets = rng.normal(size=200)
    targets = (targets - targets.mean()) / targets.std() * scale + mean
    found = check_targets([regression(targets)], rng.normal(size=(200, 2)))
    assert [finding.certainty for finding in found] == [certainty] * bool(certainty)


def test_large_targets_that_are_reached_are_left_in_peace(rng):
    targets = 1e6 + 1e5 * rng.normal(size=100)
    reached = targets[:, None] + 1e4 * rng.normal(size=(100, 1))
    x = rng.normal(size=(100, 2))
    assert check_targets([regression(targets, reached)], x) == []
    assert len(check_targets([regression(targets)], x)) == 1


def test_of_several_outputs_the_one_with_such_targets_is_named(rng):
    x, small = rng.normal(size=(100, 2)), rng.normal(size=100)
    large = dataclasses.replace(regression(1e5 * small), layer="price")
    found = check_targets([regression(small), large], x)
    assert [finding.layer for finding in found] == ["price"]
    assert [finding.layer for finding in check_targets([large], x)] == [""]


def test_predictions_near_0_do_not_reach_targets_of_a_larger_mean(rng):
    targets = 250 + 90 * rng.normal(size=100)
    x, near_0 = rng.normal(size=(100, 2)), 12 * rng.normal(size=(100, 1))
    assert len(check_targets([regression(targets, near_0)], x)) == 1


def test_constant_targets_teach_nothing(rng):
    x = rng.normal(size=(20, 2))
    (finding,) = check_targets([regression(np.full(20, 0.7))], x)
    assert finding.observation == "all targets are the same, 0.7"
    one_class = regression(np.ones(20), loss="binary_crossentropy")
    (finding,) = check_targets([one_class], x)
    assert finding.observation == "all examples are of one class"
    few = regression(np.ones(9), loss="binary_crossentropy")
    assert check_targets([few], x[:9]) == []


def test_equal_targets_may_have_a_purpose(rng):
    x = rng.normal(size=(20, 2))
    real = regression(np.ones(20), loss="binary_crossentropy")
    # A generator wants a frozen discriminator to call all of its images real.
    assert check_targets([real], x, may_be_constant=True) == []
    # A loss of the user's own may look at the predictions alone.
    assert check_targets([regression(np.zeros(20), loss="")], x) == []


def test_equal_inputs_with_different_classes_contradict_each_other(rng):
    x = rng.integers(0, 2, (200, 3)).astype(float)
    random = regression(rng.integers(0, 2, 200), loss="binary_crossentropy")
    (finding,) = check_targets([random], x)
    assert (finding.kind, finding.certainty) == ("contradictions", "possible")
    by_rule = regression(x[:, 0], loss="binary_crossentropy")
    assert check_targets([by_rule], x) == []
