import re

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from keras_rectifiers.comparison.statistics import (
    mean_ranks,
    paired_outcomes,
    superiority,
    wilson,
)

EXACT = 1e-12

# Demšar 2006, table 6: the areas under the curve of four learners on 14 data sets.
LEARNERS = ["C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"]
AREAS = [
    [0.763, 0.768, 0.771, 0.798],
    [0.599, 0.591, 0.590, 0.569],
    [0.954, 0.971, 0.968, 0.967],
    [0.628, 0.661, 0.654, 0.657],
    [0.882, 0.888, 0.886, 0.898],
    [0.936, 0.931, 0.916, 0.931],
    [0.661, 0.668, 0.609, 0.685],
    [0.583, 0.583, 0.563, 0.625],
    [0.775, 0.838, 0.866, 0.875],
    [1.000, 1.000, 1.000, 1.000],
    [0.940, 0.962, 0.965, 0.962],
    [0.619, 0.666, 0.614, 0.669],
    # Printed as .975 twice, but ranked 2 and 3: by digits that are not printed.
    [0.972, 0.981, 0.9751, 0.9750],
    [0.957, 0.978, 0.946, 0.970],
]


def long(values, names) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"activation": name, "seed": seed, "value": value}
            for seed, row in enumerate(values)
            for name, value in zip(names, row, strict=True)
        ]
    )


def test_superiority_is_the_share_of_pairs_of_which_ties_count_half():
    found = superiority([2, 1, 0.5, 0, 0, -1, np.inf, -np.inf])
    assert found.estimate == (4 + 2 / 2) / 8
    expected = scipy.stats.binomtest(5, 8).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx(
        (expected.low, expected.high), abs=1e-9
    )


def test_superiority_counts_half_a_pair():
    # Wilson's formula for a share of 2.5 of 4.
    z2 = scipy.stats.norm.ppf(0.975) ** 2
    share, n = 2.5 / 4, 4
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    found = superiority([3, 1, 0, -1])
    assert (found.low, found.high) == pytest.approx((centre - half, centre + half))


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=20))
def test_the_superiority_of_the_other_side_is_the_rest(differences):
    one, other = superiority(differences), superiority(np.negative(differences))
    assert one.estimate + other.estimate == pytest.approx(1, abs=EXACT)
    assert one.low + other.high == pytest.approx(1, abs=1e-9)


def test_superiority_without_a_tie_is_a_share():
    assert superiority([1, 2, -1]) == wilson(2, 3)


def test_superiority_refuses_a_missing_difference():
    message = (
        "1 of 2 differences are NaN. Decide what they mean first: leave them out and "
        "say how many, or put in an infinity where they are known to be extreme."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        superiority([1.0, np.nan])


def test_published_mean_ranks_are_reproduced():
    frame = long(AREAS, LEARNERS).sample(frac=1, random_state=0)
    ranks = mean_ranks(frame, "value", more_is_better=True).set_index("activation")
    expected = dict(zip(LEARNERS, [3.143, 2.000, 2.893, 1.964], strict=True))
    assert ranks["mean_rank"].to_dict() == pytest.approx(expected, abs=5e-4)
    assert list(ranks.index) == ["C4.5+m+cf", "C4.5+m", "C4.5+cf", "C4.5"]
    assert set(ranks["n"]) == {14}


def test_less_can_be_better_and_a_lost_training_is_never_good():
    frame = long([[0.1, 0.2, np.nan], [0.3, np.inf, np.nan]], ["relu", "elu", "tanh"])
    for more_is_better, best in ((False, "relu"), (True, "elu")):
        ranks = mean_ranks(frame, "value", more_is_better=more_is_better)
        assert ranks["activation"].tolist()[0] == best
        assert ranks["activation"].tolist()[-1] == "tanh"
        assert ranks["mean_rank"].tolist() == [1, 2, 3]
        assert ranks["num_lost"].tolist() == [0, 0, 2]


def test_lost_trainings_of_one_seed_are_equally_bad():
    frame = long([[np.nan, 0.2, np.nan]], ["relu", "elu", "tanh"])
    ranks = mean_ranks(frame, "value", more_is_better=False)
    assert ranks["mean_rank"].tolist() == [1, 2.5, 2.5]


def test_the_best_and_the_worst_rank_are_shown():
    frame = long([[1, 2, 3], [3, 2, 1]], ["relu", "elu", "tanh"])
    ranks = mean_ranks(frame, "value", more_is_better=True).set_index("activation")
    assert ranks.loc["relu", ["best_rank", "worst_rank"]].tolist() == [1, 3]
    assert ranks.loc["elu", ["best_rank", "worst_rank"]].tolist() == [2, 2]


def test_ranks_need_each_seed_of_each_side():
    frame = long([[1, 2], [3, 4]], ["relu", "elu"])
    message = (
        "activation 'elu' has no row for seed 0, which others have. Train what is "
        "missing, or leave it out for all."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        mean_ranks(frame.drop(index=1), "value", more_is_better=True)
    message = (
        "activation 'relu' has more than one row for seed 0; expected one for each seed. "
        "Select by the other settings first."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        mean_ranks(pd.concat([frame, frame[:1]]), "value", more_is_better=True)
    with pytest.raises(KeyError, match="The frame has no column 'loss'"):
        mean_ranks(frame, "loss", more_is_better=True)


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


def test_a_side_that_was_not_trained_at_all_leaves_every_pair_without_a_value():
    frame = outcomes().query("activation == 'relu'")
    differences = paired_outcomes(frame, "test_accuracy", "relu", "tanh")
    assert differences.index.tolist() == [0, 1, 2]
    assert differences.isna().all()


def test_an_outcome_that_stands_twice_is_refused():
    with pytest.raises(ValueError) as error:
        paired_outcomes(outcomes(seed=0), "test_accuracy", "relu", "tanh")
    assert str(error.value) == (
        "activation 'relu' has more than one row for seed 0; expected one for each "
        "seed. Select by the other settings first."
    )
