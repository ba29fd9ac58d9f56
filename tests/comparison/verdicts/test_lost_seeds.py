"""Verdicts on cases of which seeds are lost, or known by a bound alone."""

import math

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.verdicts.criteria import (
    AtLeast,
    AtMost,
    Difference,
    Equivalence,
    Within,
)
from tests.comparison.verdicts.judged_cases import SPREAD, claim, judge_case


def test_a_case_without_any_training_is_not_measured():
    values = pd.Series([], dtype=float)
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", values)
    assert judged.verdict == "not measured"
    assert (judged.n, judged.num_excluded) == (0, 0)
    assert math.isnan(judged.estimate)
    assert judged.sentence == "case: not measured; there are no trials for this case."


def test_a_case_without_any_value_is_inconclusive_and_says_why():
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", pd.Series([np.nan] * 8))
    assert judged.verdict == "inconclusive"
    assert (judged.n, judged.num_excluded) == (0, 8)
    assert judged.sentence == (
        "case: inconclusive, because none of the 8 seeds has a value (diverged, "
        "not trained, undefined, or neither net of a pair reached the threshold)."
    )


@pytest.mark.parametrize("lost", [np.nan, np.inf, -np.inf])
def test_a_few_lost_trainings_are_counted_and_taken_at_their_worst(lost):
    values = pd.Series([0.6, 0.61, 0.62, 0.63, 0.64] * 4)
    whole = judge_case(claim(AtLeast(threshold=0.5)), "case", values)
    values[0] = lost
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", values)
    assert judged.verdict == "supported"
    assert (judged.n, judged.num_excluded) == (19, 1)
    assert judged.low <= whole.low and judged.high >= whole.high
    assert judged.sentence.endswith(
        "Another 1 seed has no value (diverged, not trained, undefined, or neither net "
        "of a pair reached the threshold): the interval and the verdict assume the "
        "worst case for it."
    )


def test_several_lost_seeds_are_told_in_the_plural():
    values = pd.Series([0.6] * 30 + [np.nan] * 2)
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", values)
    assert judged.sentence.endswith(
        " Another 2 seeds have no value (diverged, not trained, undefined, or neither "
        "net of a pair reached the threshold): the interval and the verdict assume the "
        "worst case for them."
    )
    assert judged.num_above_zero == 30


def test_an_estimate_of_the_survivors_alone_supports_no_claim():
    rule = Difference(smallest_effect=0.1)
    survivors = np.linspace(0.05, 0.152, 18)  # around 0.101
    assert judge_case(claim(rule), "case", pd.Series(survivors)).verdict == "supported"
    values = pd.Series([*survivors, np.nan, np.nan])
    judged = judge_case(claim(rule), "case", values)
    assert judged.estimate == pytest.approx(0.101, abs=1e-12)
    assert judged.low > 0
    assert judged.verdict == "inconclusive"
    # The two would have given less: all together do not reach 0.1.
    whole = judge_case(claim(rule), "case", values.fillna(-0.2))
    assert whole.estimate < 0.1 and whole.verdict == "inconclusive"
    # With effects this large they could not have changed the verdict.
    judged = judge_case(claim(rule), "case", values + 0.1)
    assert (judged.verdict, judged.num_excluded) == ("supported", 2)


@pytest.mark.parametrize(
    "rule",
    [
        Difference(smallest_effect=0.1),
        AtLeast(threshold=0.1),
        AtMost(threshold=0.1),
        Within(lower=-0.1, upper=0.1),
        Equivalence(margin=0.1),
    ],
)
@hypothesis.given(
    centre=st.floats(-0.4, 0.4),
    num_lost=st.integers(1, 2),
    fill=st.floats(-10, 10),
)
def test_a_verdict_holds_whatever_the_lost_trainings_would_have_given(
    rule, centre, num_lost, fill
):
    values = pd.Series(np.concatenate([centre + SPREAD, centre + SPREAD / 2]))
    values[:num_lost] = np.nan
    judged = judge_case(claim(rule), "case", values)
    whole = judge_case(claim(rule), "case", values.fillna(fill))
    assert judged.low <= whole.low and whole.high <= judged.high
    assert judged.verdict in ("inconclusive", whole.verdict)


def test_many_lost_trainings_leave_the_verdict_open():
    values = pd.Series([0.6] * 14 + [np.nan] * 6)
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", values)
    assert judged.verdict == "inconclusive"
    assert (judged.low, judged.high) == (-np.inf, np.inf)
    assert "−∞ to ∞" in judged.sentence


def test_missing_values_of_nullable_columns_count_as_lost():
    values = pd.Series([0.6] * 10 + [pd.NA], dtype="Float64")
    assert judge_case(claim(AtLeast(threshold=0.5)), "case", values).num_excluded == 1


def test_a_censored_seed_stays_in_at_its_bounds():
    least = np.array([1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7])
    most = np.where(least > 1.45, np.inf, least)
    bounds = pd.DataFrame({"least": least, "most": most})
    rule = claim(AtLeast(threshold=0.9))
    found = judge_case(rule, "case", bounds)
    assert (found.verdict, found.n, found.num_censored) == ("supported", 8, 3)
    assert found.num_excluded == 0 and found.high == np.inf
    assert found.sentence.endswith(
        "For 3 of these seeds only a bound is known: the estimate uses the bound as "
        "the value, and the interval and the verdict assume the worst case."
    )
    # The bounds say that the effect is large, and not how large.
    assert (
        judge_case(claim(AtMost(threshold=1.5)), "case", bounds).verdict != "supported"
    )
    bounds.loc[0] = [np.nan, np.nan]
    lost = judge_case(rule, "case", bounds)
    assert (lost.n, lost.num_censored, lost.num_excluded) == (7, 3, 1)
