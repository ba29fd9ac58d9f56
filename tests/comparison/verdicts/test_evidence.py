"""The evidence of one case by itself; claims put it into words."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.verdicts.criteria import (
    AtLeast,
    Difference,
    Equivalence,
    Within,
)
from keras_rectifiers.comparison.verdicts.evidence import weigh


def test_seeds_are_counted_by_what_is_known_of_them():
    values = pd.Series([2.0, 0.5, 1e-9, 0.0, -1.0, np.nan, np.inf])
    found = weigh(AtLeast(threshold=0.0), values)
    assert (found.num_seeds, found.n, found.num_excluded) == (7, 5, 2)
    assert (found.num_above_zero, found.num_censored) == (3, 0)
    bounds = pd.DataFrame(
        {
            "least": [1.0, 0.0, 1.0, np.nan, np.nan],
            "most": [1.0, 2.0, np.nan, 3.0, np.nan],
        }
    )
    found = weigh(AtLeast(threshold=0.0), bounds)
    assert (found.num_seeds, found.n, found.num_excluded) == (5, 4, 1)
    assert (found.num_above_zero, found.num_censored) == (2, 3)


@pytest.mark.parametrize(
    ("num_ones", "num_zeros", "num_lost", "verdict"),
    [
        (12, 8, 0, "supported"),
        (9, 11, 0, "inconclusive"),
        # A lost seed does not have the property, as far as the claim may count on it.
        (12, 0, 8, "supported"),
        (9, 2, 9, "inconclusive"),
    ],
)
def test_a_share_has_to_reach_the_smallest_effect_with_the_lost_seeds(
    num_ones, num_zeros, num_lost, verdict
):
    shares = pd.Series([1.0] * num_ones + [0.0] * num_zeros + [np.nan] * num_lost)
    found = weigh(Difference(smallest_effect=0.5), shares, is_share=True)
    assert found.by_interval == verdict
    assert found.interval.estimate == num_ones / (num_ones + num_zeros)


# Of 360 test examples each net has so many right; their differences are exact.
RIGHT = np.array([359, 343, 334, 336, 344, 346, 351, 341, 320, 336])
AHEAD = np.array([3, -1, 4, -2, 0, 6, 8, -2, 7, 1])


@pytest.mark.parametrize("right", [RIGHT, RIGHT - 100, 720 - RIGHT[::-1] - 100])
@pytest.mark.parametrize(
    ("rule", "exact"),
    [
        (Difference(smallest_effect=0.005), Difference(smallest_effect=1.8)),
        (Difference(smallest_effect=1 / 120), Difference(smallest_effect=3)),
        (AtLeast(threshold=-1 / 360), AtLeast(threshold=-1)),
        (Within(lower=0.0, upper=1 / 90), Within(lower=0, upper=4)),
        (Equivalence(margin=1 / 72), Equivalence(margin=5)),
    ],
)
def test_the_rounding_of_accuracies_decides_nothing(right, rule, exact):
    for ahead in (
        np.roll(AHEAD, shift) + plus for shift in range(4) for plus in (0, 1)
    ):
        shares = [
            (n / 360).astype(np.float32).astype(float) for n in (right, right - ahead)
        ]
        rounded = weigh(rule, pd.Series(shares[0] - shares[1]))
        counted = weigh(exact, pd.Series(ahead.astype(float)))
        assert (rounded.decision, rounded.p) == (counted.decision, counted.p)
        assert rounded.by_interval == counted.by_interval
        assert (rounded.interval.low > 0) == (counted.interval.low > 0)
        assert (rounded.interval.high < 0) == (counted.interval.high < 0)


@pytest.mark.parametrize("is_share", [False, True])
@pytest.mark.parametrize(
    ("rule", "confidence"),
    [(AtLeast(threshold=0.5), 0.95), (Equivalence(margin=0.5), 0.9)],
)
def test_the_interval_shown_has_the_confidence_of_the_rule(rule, confidence, is_share):
    found = weigh(rule, pd.Series([1.0, 0.0] * 10), is_share=is_share)
    assert found.interval.confidence == confidence


@pytest.mark.parametrize("dtype", ["Float64", object])
def test_missing_values_and_bounds_are_lost_whatever_their_dtype(dtype):
    values = pd.Series([0.6] * 10 + [pd.NA], dtype=dtype)
    bounds = pd.DataFrame(
        {"least": values, "most": values[::-1].set_axis(values.index)}
    )
    assert weigh(AtLeast(threshold=0.5), values).num_excluded == 1
    found = weigh(AtLeast(threshold=0.5), bounds)
    assert (found.num_seeds, found.n, found.num_censored) == (11, 11, 2)
