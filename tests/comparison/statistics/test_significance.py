"""Holm's correction, and how many differences a level needs."""

import re

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from keras_rectifiers.comparison.statistics import (
    differences_needed,
    holm,
)

EXACT = 1e-12


def test_holm_gives_a_known_example():
    # Tests 1 and 4 are rejected at .05, as in the encyclopaedia's example.
    corrected = holm([0.01, 0.04, 0.03, 0.005])
    np.testing.assert_allclose(corrected, [0.03, 0.06, 0.06, 0.02], atol=EXACT)


@pytest.mark.parametrize(
    "p_values",
    [
        [0.03],
        [1.0, 0.0],
        [0.02, 0.02, 0.02],
        [0.0, 5e-324, 1e-300],
        # Of the two smallest the larger would be below the other, corrected.
        [0.04, 0.011, 0.0109, 0.9],
        [0.6, 0.4, 0.5],
        *np.random.default_rng(0).uniform(size=(2, 12)),
        *np.random.default_rng(1).uniform(0, 0.05, size=(2, 7)).round(2),
    ],
)
def test_holm_agrees_with_statsmodels(p_values):
    # Ten fixed examples: statsmodels collects the process's garbage at each call.
    expected = multipletests(p_values, method="holm")[1]
    np.testing.assert_allclose(holm(p_values), expected, rtol=EXACT, atol=0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_multiplies_each_p_by_the_number_of_those_not_below_it(p_values):
    corrected = holm(p_values)
    # By hand, one at a time: none is less than one that comes before it.
    for p, found in zip(p_values, corrected, strict=True):
        smaller = [other for other in p_values if other <= p]
        least = max(
            q * (len(p_values) - sum(other < q for other in p_values)) for q in smaller
        )
        assert found == pytest.approx(min(1.0, least), rel=EXACT, abs=0)


def test_holm_of_no_test_is_none():
    assert holm([]).size == 0


@pytest.mark.parametrize(
    ("wrong", "shown"), [(-0.1, -0.1), (1.1, 1.1), (np.nan, np.nan), (None, np.nan)]
)
def test_holm_refuses_what_is_no_p(wrong, shown):
    message = f"Expected every p-value to be between 0 and 1. Received: {shown}."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        holm([0.5, wrong])


@pytest.mark.parametrize("tests", [1, 9, 22, 36, 66, 1000])
def test_as_many_differences_are_needed_as_attain_the_level(tests):
    needed = differences_needed(0.05 / tests)
    least = [
        scipy.stats.wilcoxon(range(1, n + 1), method="exact").pvalue
        for n in (needed, needed - 1)
    ]
    assert least[0] <= 0.05 / tests < least[1]


@pytest.mark.parametrize("level", [0.0, 1.0, -1])
def test_an_impossible_level_is_refused(level):
    message = f"level must be between 0 and 1. Received: {level!r}."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        differences_needed(level)
