"""Intervals of shares of which some seeds are unknown."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from keras_rectifiers.comparison.statistics import (
    bounded_wilson,
    nested_wilson,
    wilson,
)
from keras_rectifiers.comparison.verdicts.criteria import AtLeast
from keras_rectifiers.comparison.verdicts.judging import judge_claim
from tests.comparison.made_up_claims import made_up_claim


def judged(values, threshold=0.5):
    claim = made_up_claim(AtLeast(threshold=threshold), is_share=True)
    (verdict,) = judge_claim(claim, {"case": pd.Series(values, dtype=float)})
    return verdict


def test_without_unknown_seeds_the_interval_is_wilsons():
    values = [1.0] * 7 + [0.0] * 13
    found, expected = bounded_wilson(values, values), wilson(7, 20)
    assert (found.estimate, found.low, found.high, found.n) == pytest.approx(
        (expected.estimate, expected.low, expected.high, 20)
    )


def test_unknown_seeds_are_taken_at_their_worst_on_either_side():
    known = [1.0] * 7 + [0.0] * 11
    found = bounded_wilson([*known, -np.inf, -np.inf], [*known, np.inf, np.inf])
    assert found.estimate == pytest.approx(7 / 18)
    assert (found.n, found.low) == (18, pytest.approx(wilson(7, 20).low))
    assert found.high == pytest.approx(wilson(9, 20).high)


@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_the_interval_has_the_confidence_that_is_asked_for(confidence):
    values = [1.0] * 7 + [0.0] * 13
    found = bounded_wilson(values, values, confidence)
    assert found == wilson(7, 20, confidence)
    assert (found.confidence, found.attained, found.n) == (confidence, confidence, 20)


def test_of_unknown_seeds_alone_there_is_no_share():
    found = bounded_wilson([-np.inf] * 3, [np.inf] * 3)
    assert np.isnan(found.estimate) and found.n == 0
    assert (found.low, found.high) == pytest.approx((0, 1))


def test_the_intervals_of_all_levels_are_nested_and_hold_the_usual_one():
    values = [1.0] * 7 + [0.0] * 13
    tails, lows, highs = nested_wilson(values, values)
    assert (np.diff(lows) >= 0).all() and (np.diff(highs) <= 0).all()
    for level in (0.05, 0.1):
        (at,) = np.flatnonzero(tails == level)
        interval = wilson(7, 20, 1 - level)
        assert (lows[at], highs[at]) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize("k", [0, 3, 5, 8, 12, 15, 16, 20])
def test_p_is_that_of_the_score_test_rounded_up(k):
    verdict = judged([1.0] * k + [0.0] * (20 - k))
    distance = abs(k / 20 - 0.5) / np.sqrt(0.25 / 20)
    exact = 2 * scipy.stats.norm.sf(distance)
    assert exact - 1e-12 <= verdict.p <= exact + 1 / 2000
    decided = exact <= 0.05
    expected = (
        "inconclusive" if not decided else "supported" if k > 10 else "contradicted"
    )
    assert verdict.verdict == expected


def test_a_share_whose_lost_seeds_might_turn_it_is_left_open():
    assert judged([1.0] * 16 + [0.0] * 4).verdict == "supported"
    lost = judged([1.0] * 16 + [np.nan] * 4 + [0.0] * 4)
    assert (lost.verdict, lost.n, lost.num_excluded) == ("inconclusive", 20, 4)
    assert judged([np.nan] * 20).verdict == "inconclusive"
    assert judged([1.0]).verdict == "inconclusive"


def test_a_missing_value_is_no_share():
    with pytest.raises(ValueError, match=r"Received: nan\.$"):
        bounded_wilson([1.0, None], [1.0, 1.0])


def test_what_is_neither_1_nor_0_is_no_share():
    with pytest.raises(ValueError) as error:
        judged([1.0, 0.5])
    assert str(error.value) == (
        "Expected at least one seed, and for each seed 1 or 0: whether it has the "
        "property. Received: 0.5."
    )
