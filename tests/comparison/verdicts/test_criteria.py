"""Criteria: bounds that are refused, the verdict at each bound, and its words."""

import math
import re

import pytest

from keras_rectifiers.comparison.verdicts.criteria import (
    AtLeast,
    AtMost,
    Difference,
    Equivalence,
    Within,
)


@pytest.mark.parametrize("smallest", [0.0, -0.1, math.nan])
def test_a_smallest_effect_that_is_none_is_refused(smallest):
    message = (
        "smallest_effect must be above 0. Choose the sign of the effect so that the "
        f"claim predicts a positive value. Received: {smallest!r}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Difference(smallest_effect=smallest)


def test_bounds_that_do_not_ascend_are_refused():
    message = "lower must be below upper. Received: lower=0.1, upper=0.1."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Within(lower=0.1, upper=0.1)


@pytest.mark.parametrize("margin", [0.0, -0.1, math.nan])
def test_a_margin_that_is_none_is_refused(margin):
    message = (
        "margin, the largest difference that does not matter, must be above 0. Received: "
        f"{margin!r}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Equivalence(margin=margin)


@pytest.mark.parametrize(
    ("rule", "least_estimate", "low", "high", "verdict"),
    [
        (Difference(smallest_effect=0.2), 0.2, 1e-9, 0.3, "supported"),
        (Difference(smallest_effect=0.2), 0.2, 0.0, 0.3, "inconclusive"),
        (Difference(smallest_effect=0.2), 0.1999999, 0.1, 0.3, "inconclusive"),
        (Difference(smallest_effect=0.2), 0.1, -0.1, 0.2, "inconclusive"),
        (Difference(smallest_effect=0.2), 0.1, 1e-9, 0.1999999, "contradicted"),
        (AtLeast(threshold=0.2), 0.25, 0.2, 0.3, "supported"),
        (AtLeast(threshold=0.2), 0.25, 0.1999999, 0.3, "inconclusive"),
        (AtLeast(threshold=0.2), 0.15, 0.1, 0.2, "inconclusive"),
        (AtLeast(threshold=0.2), 0.15, 0.1, 0.1999999, "contradicted"),
        (AtMost(threshold=0.2), 0.15, 0.1, 0.2, "supported"),
        (AtMost(threshold=0.2), 0.15, 0.1, 0.2000001, "inconclusive"),
        (AtMost(threshold=0.2), 0.25, 0.2, 0.3, "inconclusive"),
        (AtMost(threshold=0.2), 0.25, 0.2000001, 0.3, "contradicted"),
        (Within(lower=-0.1, upper=0.2), 0.0, -0.1, 0.2, "supported"),
        (Within(lower=-0.1, upper=0.2), 0.0, -0.1000001, 0.2, "inconclusive"),
        (Within(lower=-0.1, upper=0.2), 0.0, -0.1, 0.2000001, "inconclusive"),
        (Within(lower=-0.1, upper=0.2), 0.25, 0.2, 0.3, "inconclusive"),
        (Within(lower=-0.1, upper=0.2), 0.25, 0.2000001, 0.3, "contradicted"),
        (Within(lower=-0.1, upper=0.2), -0.2, -0.3, -0.1, "inconclusive"),
        (Within(lower=-0.1, upper=0.2), -0.2, -0.3, -0.1000001, "contradicted"),
        (Equivalence(margin=0.2), 0.0, -0.2, 0.2, "supported"),
        (Equivalence(margin=0.2), 0.0, -0.2000001, 0.2, "inconclusive"),
        (Equivalence(margin=0.2), 0.0, -0.2, 0.2000001, "inconclusive"),
        (Equivalence(margin=0.2), 0.25, 0.2, 0.3, "inconclusive"),
        (Equivalence(margin=0.2), 0.25, 0.2000001, 0.3, "contradicted"),
        (Equivalence(margin=0.2), -0.25, -0.3, -0.2, "inconclusive"),
        (Equivalence(margin=0.2), -0.25, -0.3, -0.2000001, "contradicted"),
    ],
)
def test_each_bound_belongs_to_one_side(rule, least_estimate, low, high, verdict):
    assert rule.verdict(least_estimate, low, high) == verdict


def test_the_least_of_what_may_matter_is_allowed():
    assert Difference(smallest_effect=1e-300).verdict(0.1, 0.1, 0.2) == "supported"
    assert Equivalence(margin=1e-300).verdict(0.0, 0.0, 0.0) == "supported"
    assert Within(lower=0.0, upper=1e-300).verdict(0.0, 0.0, 0.0) == "supported"


MATTERS = "the smallest effect of interest (0.2)"
AT_LEAST, AT_MOST = (
    f"the claim requires it to be at or {side} 0.2" for side in ("above", "below")
)
RANGE = "the claimed range of -0.1 to 0.2"
NEGLIGIBLE = "the range of differences that do not matter (±0.2)"


@pytest.mark.parametrize(
    ("rule", "verdict", "low", "words"),
    [
        (
            Difference(smallest_effect=0.2),
            "supported",
            0.1,
            f"entirely above 0, and the estimate is at least {MATTERS}",
        ),
        (
            Difference(smallest_effect=0.2),
            "contradicted",
            -0.1,
            f"entirely below {MATTERS}",
        ),
        (
            Difference(smallest_effect=0.2),
            "inconclusive",
            -0.1,
            f"so it is unclear whether the effect reaches {MATTERS}",
        ),
        (
            AtLeast(threshold=0.2),
            "supported",
            0.3,
            "entirely at or above 0.2, as claimed",
        ),
        (
            AtLeast(threshold=0.2),
            "contradicted",
            0.1,
            f"entirely below 0.2; {AT_LEAST}",
        ),
        (
            AtLeast(threshold=0.2),
            "inconclusive",
            0.1,
            f"on both sides of 0.2; {AT_LEAST}",
        ),
        (
            AtMost(threshold=0.2),
            "supported",
            0.1,
            "entirely at or below 0.2, as claimed",
        ),
        (AtMost(threshold=0.2), "contradicted", 0.3, f"entirely above 0.2; {AT_MOST}"),
        (
            AtMost(threshold=0.2),
            "inconclusive",
            0.1,
            f"on both sides of 0.2; {AT_MOST}",
        ),
        (Within(lower=-0.1, upper=0.2), "supported", 0.0, f"entirely within {RANGE}"),
        (Within(lower=-0.1, upper=0.2), "contradicted", 0.3, f"entirely above {RANGE}"),
        (
            Within(lower=-0.1, upper=0.2),
            "contradicted",
            -0.3,
            f"entirely below {RANGE}",
        ),
        (Within(lower=-0.1, upper=0.2), "inconclusive", 0.0, f"partly outside {RANGE}"),
        (Equivalence(margin=0.2), "supported", 0.0, f"entirely within {NEGLIGIBLE}"),
        (Equivalence(margin=0.2), "contradicted", 0.3, f"entirely above {NEGLIGIBLE}"),
        (Equivalence(margin=0.2), "contradicted", -0.3, f"entirely below {NEGLIGIBLE}"),
        (Equivalence(margin=0.2), "inconclusive", 0.0, f"partly outside {NEGLIGIBLE}"),
    ],
)
def test_each_rule_says_where_the_interval_lies(rule, verdict, low, words):
    assert rule.finding(verdict, low, str) == words


@pytest.mark.parametrize(
    ("rule", "bounds"),
    [
        (Difference(smallest_effect=0.1), (0.1,)),
        (AtLeast(threshold=-0.2), (-0.2,)),
        (AtMost(threshold=0.3), (0.3,)),
        (Within(lower=-0.4, upper=0.5), (-0.4, 0.5)),
        (Equivalence(margin=0.6), (-0.6, 0.6)),
    ],
)
def test_a_verdict_turns_where_the_interval_meets_a_bound(rule, bounds):
    assert rule.bounds == bounds
    for bound in bounds:
        sides = {rule.verdict(at, at, at) for at in (bound - 1e-9, bound + 1e-9)}
        assert sides == {"supported", "contradicted"}
