"""From curves to the first step that reaches a threshold, and the ratio of two."""

import re

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.statistics import (
    log2_ratio_of_steps,
    steps_to_threshold,
)


def curves() -> pd.DataFrame:
    losses = {
        "a": [0.9, 0.5, 0.2, 0.6],
        "b": [0.9, 0.8, 0.7, 0.7],
        "c": [0.9, np.nan, np.nan],
    }
    return pd.DataFrame(
        [
            {"key": key, "epoch": epoch, "loss": loss}
            for key, values in losses.items()
            for epoch, loss in enumerate(values, start=1)
        ]
    )


def test_the_first_step_that_reaches_the_threshold_counts():
    found = steps_to_threshold(
        curves().iloc[::-1], "loss", threshold=0.5, more_is_better=False
    )
    assert found["key"].tolist() == ["a", "b", "c"]
    assert found["steps"].tolist() == [2, np.inf, np.inf]
    assert found["last_step"].tolist() == [4, 4, 3]


def test_more_can_be_better():
    found = steps_to_threshold(curves(), "loss", threshold=0.6, more_is_better=True)
    assert found["steps"].tolist() == [1, 1, 1]
    found = steps_to_threshold(curves(), "loss", threshold=0.95, more_is_better=True)
    assert found["steps"].tolist() == [np.inf] * 3
    found = steps_to_threshold(curves(), "loss", threshold=0.9, more_is_better=True)
    assert found["steps"].tolist() == [1, 1, 1]


def test_missing_values_do_not_reach_the_threshold():
    nullable = curves().astype({"loss": object})
    nullable.loc[1, "loss"] = pd.NA
    found = steps_to_threshold(nullable, "loss", threshold=0.5, more_is_better=False)
    assert found["steps"].tolist() == [3, np.inf, np.inf]


def test_curves_that_cannot_be_read_are_refused():
    with pytest.raises(KeyError, match="The frame has no column 'accuracy'"):
        steps_to_threshold(curves(), "accuracy", threshold=1, more_is_better=True)
    twice = pd.concat([curves(), curves()[:1].assign(loss=0.1)])
    message = (
        "Expected one row for each key and epoch. Select by the other settings first. "
        "Received: more than one for key 'a', epoch 1."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        steps_to_threshold(twice, "loss", threshold=1, more_is_better=True)
    message = "Expected a threshold that is a number. Received: nan."
    with pytest.raises(ValueError, match=f"^{message}$"):
        steps_to_threshold(curves(), "loss", threshold=np.nan, more_is_better=True)


def steps(relu, tanh, last=64) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"activation": name, "seed": seed, "steps": count, "last_step": last}
            for name, counts in (("relu", relu), ("tanh", tanh))
            for seed, count in enumerate(counts)
        ]
    )


def test_the_ratio_is_in_doublings_and_bounded_where_a_side_never_got_there():
    frame = steps([4, 4, np.inf, np.inf], [16, np.inf, 16, np.inf]).iloc[::-1]
    bounds = log2_ratio_of_steps(frame, "activation", "tanh", "relu")
    assert bounds.index.tolist() == [0, 1, 2, 3]
    assert bounds["least"].tolist() == [2, 4, -np.inf, -np.inf]
    assert bounds["most"].tolist() == [2, np.inf, -2, np.inf]


def test_a_single_step_has_a_ratio():
    bounds = log2_ratio_of_steps(
        steps([1, 1], [8, 1], last=1), "activation", "tanh", "relu"
    )
    assert bounds["most"].tolist() == [3, 0]


def test_the_ratio_of_the_other_side_is_the_opposite():
    frame = steps([4, 5, np.inf], [16, np.inf, 7])
    one = log2_ratio_of_steps(frame, "activation", "tanh", "relu")
    other = log2_ratio_of_steps(frame, "activation", "relu", "tanh")
    np.testing.assert_array_equal(one["least"], -other["most"])


@pytest.mark.parametrize("wrong", [0, np.nan])
def test_steps_without_a_ratio_are_refused(wrong):
    message = (
        "Expected step counts above 0, because their ratio is computed. Received: "
        f"steps {wrong} and last_step 64 for seed 0."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        log2_ratio_of_steps(steps([wrong], [1]), "activation", "tanh", "relu")


def test_the_ratio_needs_the_watched_steps():
    frame = steps([1], [2]).drop(columns="last_step")
    with pytest.raises(KeyError, match="The frame has no column 'last_step'"):
        log2_ratio_of_steps(frame, "activation", "tanh", "relu")
