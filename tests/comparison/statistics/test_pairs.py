"""Differences of paired seeds, and of those of which a side is missing."""

import re

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.statistics import (
    minus,
    paired_differences,
    paired_outcomes,
)


def outcomes(**changes) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "activation": ["relu", "relu", "relu", "tanh", "tanh", "tanh"],
            "seed": [2, 0, 1, 0, 1, 2],
            "test_accuracy": [0.9, 0.5, 0.7, 0.25, 0.5, 0.3],
            "diverged": False,
        }
    )
    return frame.assign(**changes)


def test_outcomes_pair_by_seed_whatever_the_order():
    differences = paired_outcomes(outcomes(), "test_accuracy", "relu", "tanh")
    expected = pd.Series({0: 0.25, 1: 0.2, 2: 0.6}, name="test_accuracy")
    pd.testing.assert_series_equal(
        differences, expected.rename_axis("seed"), check_index_type=False
    )


def test_a_diverged_net_and_one_that_was_not_trained_have_no_outcome():
    diverged = [True, False, False, False, False, False]
    frame = outcomes(diverged=diverged).drop(index=3)
    differences = paired_outcomes(frame, "test_accuracy", "relu", "tanh")
    assert differences.index.tolist() == [0, 1, 2]
    assert differences.isna().tolist() == [True, False, True]


@pytest.mark.parametrize("trained", ["relu", "tanh"])
def test_if_a_side_was_not_trained_at_all_there_are_no_pairs(trained):
    frame = outcomes().query("activation == @trained")
    differences = paired_outcomes(frame, "test_accuracy", "relu", "tanh")
    assert differences.empty
    assert differences.dtype == float


def test_a_net_of_each_seed_is_subtracted_from_the_other():
    one = pd.Series({2: 0.5, 0: 1.0, 1: 0.25}).rename_axis("seed")
    differences = minus(one, one.drop(1) / 2)
    assert differences.index.tolist() == [0, 1, 2]
    assert differences.dropna().to_dict() == {0: 0.5, 2: 0.25}
    none = one.iloc[:0]
    assert minus(one, none).empty and minus(none, one).empty


@pytest.mark.parametrize(("number", "rest"), [(5, ""), (6, " and 1 more")])
def test_of_many_seeds_the_first_five_are_named(number, rest):
    frame = pd.DataFrame({"activation": "relu", "seed": range(number), "loss": 0.5})
    message = (
        "Expected activation 'relu' and 'tanh' to have the same pairs. Train the "
        "missing trials or leave the pairs out. Received: no row of activation 'tanh' "
        f"for seed 0; seed 1; seed 2; seed 3; seed 4{rest}."
    )
    with pytest.raises(ValueError) as error:
        paired_differences(frame, "loss", "activation", "relu", "tanh")
    assert str(error.value) == message


def test_an_outcome_that_stands_twice_is_refused():
    with pytest.raises(ValueError) as error:
        paired_outcomes(outcomes(seed=0), "test_accuracy", "relu", "tanh")
    assert str(error.value) == (
        "Expected one row of activation 'relu' for each seed. Select by the other "
        "settings first. Received: more than one for seed 0."
    )


def paired_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "activation": ["relu"] * 3 + ["elu"] * 3,
            "seed": [0, 1, 2, 0, 1, 2],
            "loss": [1.0, 2.0, 4.0, 10.0, 20.0, 40.0],
        }
    )


def test_pairs_are_joined_by_name_whatever_the_order_of_the_rows():
    shuffled = paired_frame().iloc[[5, 0, 4, 2, 1, 3]]
    differences = paired_differences(shuffled, "loss", "activation", "elu", "relu")
    assert differences.to_dict() == {0: 9.0, 1: 18.0, 2: 36.0}
    assert differences.index.name == "seed"


def test_a_value_that_is_missing_gives_a_difference_that_is_missing():
    frame = paired_frame()
    frame.loc[0, "loss"] = np.nan
    differences = paired_differences(frame, "loss", "activation", "elu", "relu")
    assert differences.isna().to_dict() == {0: True, 1: False, 2: False}


def test_a_seed_without_its_pair_is_named():
    message = (
        "Expected activation 'elu' and 'relu' to have the same pairs. Train the "
        "missing trials or leave the pairs out. Received: no row of activation 'relu' "
        "for seed 1."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        paired_differences(
            paired_frame().drop(index=1), "loss", "activation", "elu", "relu"
        )


def test_a_seed_that_stands_twice_is_named():
    frame = pd.concat([paired_frame(), paired_frame().iloc[[4]]])
    message = (
        "Expected one row of activation 'elu' for each seed. Select by the other "
        "settings first. Received: more than one for seed 1."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        paired_differences(frame, "loss", "activation", "elu", "relu")


def test_a_column_that_is_missing_is_named():
    with pytest.raises(KeyError, match="The frame has no column 'accuracy'"):
        paired_differences(paired_frame(), "accuracy", "activation", "elu", "relu")
