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
