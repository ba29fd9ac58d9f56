"""Estimates of a centre and of a share against SciPy and by hand."""

import itertools
import re

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from keras_rectifiers.comparison.statistics import (
    bounded_hodges_lehmann,
    hodges_lehmann,
    nested_intervals,
    wilson,
)

# float64 throughout.
EXACT = 1e-12


def test_a_published_example_is_reproduced():
    # Hollander, Wolfe, Chicken 2014, examples 3.1, 3.3 and 3.4: depression scores.
    before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    interval = hodges_lehmann(np.subtract(after, before))
    assert interval.estimate == pytest.approx(-0.46, abs=EXACT)
    assert (interval.low, interval.high) == pytest.approx((-0.786, -0.010), abs=EXACT)
    assert interval.attained == pytest.approx(0.961, abs=5e-4)


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_the_null_distribution_is_that_of_all_signs(n):
    ranks = np.arange(1, n + 1)
    sums = [int(ranks @ signs) for signs in itertools.product([0, 1], repeat=n)]
    expected = np.bincount(sums, minlength=n * (n + 1) // 2 + 1) / 2**n
    tails, _, _ = nested_intervals(ranks, ranks)
    both_sides = np.minimum(2 * np.cumsum(expected), 1)
    np.testing.assert_allclose(tails, both_sides[: len(tails)], atol=EXACT)


@pytest.mark.parametrize("n", [6, 13, 20])
def test_the_interval_holds_just_what_the_exact_test_does_not_reject(n, rng):
    values = rng.normal(0.3, 1.0, n)
    interval = hodges_lehmann(values)

    def p(centre):
        return scipy.stats.wilcoxon(values - centre, method="exact").pvalue

    step = 1e-9
    assert p(interval.low + step) > 0.05 >= p(interval.low - step)
    assert p(interval.high - step) > 0.05 >= p(interval.high + step)


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=12), st.integers(-1000, 1000)
)
def test_the_interval_moves_with_the_values(values, shift):
    interval, moved = hodges_lehmann(values), hodges_lehmann(np.add(values, shift))
    assert moved.estimate == interval.estimate + shift
    assert (moved.low, moved.high) == (interval.low + shift, interval.high + shift)


def test_the_interval_covers_the_centre_as_often_as_it_says(rng):
    samples = rng.normal(size=(2000, 8))
    intervals = [hodges_lehmann(sample) for sample in samples]
    covered = np.mean([i.low <= 0 <= i.high for i in intervals])
    # Three standard errors of a share of 2000.
    assert covered == pytest.approx(intervals[0].attained, abs=0.015)
    assert intervals[0].attained >= 0.95


@pytest.mark.parametrize(
    ("n", "attained"), [(1, 0.0), (2, 0.5), (5, 0.9375), (6, 0.96875)]
)
def test_too_few_values_give_the_widest_interval_and_say_so(n, attained):
    values = np.arange(n, dtype=float)
    interval = hodges_lehmann(values)
    assert (interval.low, interval.high) == (0, n - 1)
    assert interval.attained == pytest.approx(attained, abs=EXACT)
    assert interval.is_attained == (n >= 6)


def test_what_five_values_can_attain_is_attained():
    assert hodges_lehmann(range(5), confidence=0.9375).is_attained


def test_a_confidence_that_can_be_attained_exactly_is():
    # Of 6 values the second interval has 1 - 2 * 2 / 64.
    interval = hodges_lehmann(range(6), confidence=0.9375)
    assert (interval.attained, interval.low, interval.high) == (0.9375, 0.5, 4.5)


@pytest.mark.parametrize(
    ("values", "estimate"),
    # Of 6 and 10 Walsh averages the two in the middle count; of 3 and 15 the one.
    [
        ([0, 8], 4),
        ([0, 1, 5], 1.75),
        ([0, 1, 1], 0.75),
        ([0, 0, 1, 5], 0.75),
        ([0, 1, 2, 4, 32], 2.5),
        ([1.7e308, 1.7e308, 1.7e308], 1.7e308),
        ([np.inf, np.inf, np.inf], np.inf),
    ],
)
def test_the_estimate_is_the_median_of_the_walsh_averages(values, estimate):
    assert hodges_lehmann(values).estimate == estimate


def test_no_level_exceeds_1_by_rounding():
    # The probabilities of 58 values are no longer exact.
    tails, _, _ = nested_intervals(range(58), range(58))
    assert tails[-1] == 1


def test_what_is_kept_for_the_next_call_cannot_be_changed():
    tails, _, _ = nested_intervals(range(6), range(6))
    with pytest.raises(ValueError, match="read-only"):
        tails[0] = 1


def test_equal_values_have_an_interval_without_width():
    interval = hodges_lehmann([0.25] * 20)
    assert (interval.estimate, interval.low, interval.high) == (0.25, 0.25, 0.25)


def test_infinite_values_are_ordered_as_the_most_extreme():
    interval = hodges_lehmann([1, 2, 3, 4, 5, 6, 7, -np.inf])
    assert interval.low == -np.inf
    assert np.isfinite(interval.high)
    assert hodges_lehmann([np.inf] * 8).estimate == np.inf


@given(
    st.lists(
        st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda x: round(x, 3)),
        min_size=1,
        max_size=12,
    )
)
def test_the_interval_holds_the_estimate_and_turns_with_the_sign(values):
    interval, mirrored = hodges_lehmann(values), hodges_lehmann(np.negative(values))
    assert interval.low <= interval.estimate <= interval.high
    assert (mirrored.low, mirrored.high) == (-interval.high, -interval.low)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "Expected a list of at least one value. Received: the shape (0,)."),
        ([[1.0]], "Expected a list of at least one value. Received: the shape (1, 1)."),
        (
            [1.0, np.nan],
            "Expected no NaN. Leave the missing values out and report their number, "
            "or replace a value by infinity if it is known to be extreme. Received: 1 "
            "NaN among 2 values.",
        ),
        (
            [1.0, None],
            "Expected no NaN. Leave the missing values out and report their number, "
            "or replace a value by infinity if it is known to be extreme. Received: 1 "
            "NaN among 2 values.",
        ),
        (
            [np.inf, -np.inf],
            "Expected infinite values of one sign only. Received: infinite values of "
            "both signs.",
        ),
    ],
)
def test_values_without_order_are_refused(values, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        hodges_lehmann(values)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95])
def test_an_impossible_confidence_is_refused(confidence):
    message = f"confidence must be between 0 and 1. Received: {confidence!r}."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        hodges_lehmann([1.0, 2.0], confidence)


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (10, 10), (925, 1000)])
def test_wilson_agrees_with_scipy(k, n):
    interval = wilson(k, n)
    expected = scipy.stats.binomtest(k, n).proportion_ci(method="wilson")
    assert interval.estimate == k / n
    assert (interval.low, interval.high) == pytest.approx(
        (expected.low, expected.high), abs=1e-9
    )


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_wilson_refuses_what_is_no_share(k, n):
    message = f"Expected 0 <= k <= n and n >= 1. Received: k={k}, n={n}."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        wilson(k, n)


@pytest.mark.parametrize("n", [1, 4, 9])
def test_nested_intervals_are_those_of_scipys_exact_test(n, rng):
    values = rng.normal(1, 1, n)
    tails, lows, highs = nested_intervals(values, values)
    gap = 1e-9
    for tail, low, high in zip(tails, lows, highs, strict=True):
        for just_outside in (low - gap, high + gap):
            test = scipy.stats.wilcoxon(values - just_outside, method="exact")
            # Each interval leaves out what is rejected at its level and no more.
            assert min(1, test.pvalue) == pytest.approx(tail, abs=EXACT)
    assert (np.diff(lows) >= 0).all() and (np.diff(highs) <= 0).all()
    assert lows[-1] <= highs[-1]


def test_known_values_have_the_interval_that_they_have_without_bounds(rng):
    values = rng.normal(size=12)
    assert bounded_hodges_lehmann(values, values) == hodges_lehmann(values)


def test_a_censored_value_stretches_only_the_end_on_its_side(rng):
    values = np.sort(rng.normal(size=12))
    most = values.copy()
    most[-3:] = np.inf
    whole, found = hodges_lehmann(values), bounded_hodges_lehmann(values, most)
    assert found.low == whole.low and found.high == np.inf
    assert (found.estimate, found.n) == (whole.estimate, 12)


def test_the_interval_holds_whatever_the_values_are_within_their_bounds(rng):
    least = rng.normal(size=12)
    most = least + rng.exponential(size=12) * rng.integers(0, 2, 12)
    bounded = bounded_hodges_lehmann(least, most)
    for _ in range(50):
        values = least + rng.uniform(size=12) * (most - least)
        interval = hodges_lehmann(values)
        assert bounded.low <= interval.low and interval.high <= bounded.high
    assert bounded.estimate == hodges_lehmann((least + most) / 2).estimate


def test_of_what_nothing_is_known_there_is_no_estimate():
    found = bounded_hodges_lehmann([-np.inf] * 8, [np.inf] * 8)
    assert np.isnan(found.estimate) and found.n == 0
    assert (found.low, found.high) == (-np.inf, np.inf)
    found = bounded_hodges_lehmann([1, 2, -np.inf], [1, 2, np.inf])
    assert (found.estimate, found.n) == (1.5, 2)


def test_a_value_with_one_bound_counts_as_that_bound():
    # The Walsh averages of 1, 2 and 6 are 1, 1.5, 2, 3.5, 4 and 6.
    found = bounded_hodges_lehmann([1, 2, -np.inf], [1, 2, 6])
    assert (found.estimate, found.n) == (2.75, 3)
    found = bounded_hodges_lehmann([1, 2, 6], [1, 2, np.inf])
    assert (found.estimate, found.n) == (2.75, 3)


def test_bounds_in_the_wrong_order_are_refused():
    message = (
        "Expected `least` and `most` of equal length, with no least above its most. "
        "Received: least=[2.0] and most=[1.0]."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        bounded_hodges_lehmann([2.0], [1.0])
