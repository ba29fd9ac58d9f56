import itertools
import re

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from keras_rectifiers.comparison.statistics import (
    attainable_p,
    differences_needed,
    hodges_lehmann,
    holm,
    wilcoxon,
)

EXACT = 1e-12


def test_a_published_test_is_reproduced():
    # Hollander, Wolfe, Chicken 2014, example 3.1: T+ = 5, one-sided p = .020.
    before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    test = wilcoxon(np.subtract(after, before))
    assert test.statistic == 5
    assert test.p / 2 == pytest.approx(0.0195, abs=5e-5)


@pytest.mark.parametrize(
    "differences",
    [
        [1.5, -0.5, 2.0, 3.0, -4.0, 6.0],
        [1, 1, 1, -1, 2, 2, 3, -3],
        [0, 0, 1, 2, -2, 3, 3, 5],
        [-1, -1, -1, -1, -1, -1],
    ],
    ids=["distinct", "ties", "ties and zeros", "all alike"],
)
def test_the_p_is_that_of_all_permutations_of_signs(differences):
    test = wilcoxon(differences)
    exact = scipy.stats.wilcoxon(
        differences,
        zero_method="wilcox",
        method=scipy.stats.PermutationMethod(n_resamples=2**10),
    )
    assert test.p == pytest.approx(exact.pvalue, abs=EXACT)
    # And once more from first principles.
    signed = np.array([d for d in differences if d])
    ranks = scipy.stats.rankdata(np.abs(signed))
    sums = [ranks @ signs for signs in itertools.product([0, 1], repeat=len(ranks))]
    middle = ranks.sum() / 2
    far = np.abs(np.array(sums) - middle) >= abs(test.statistic - middle)
    assert test.p == pytest.approx(far.mean(), abs=EXACT)
    assert test.num_zero == len(differences) - len(signed)


@pytest.mark.parametrize("n", [6, 13, 50])
def test_the_p_agrees_with_scipy_where_nothing_is_tied(n, rng):
    differences = rng.normal(0.3, 1, n)
    expected = scipy.stats.wilcoxon(differences, method="exact").pvalue
    assert wilcoxon(differences).p == pytest.approx(expected, abs=EXACT)


def test_differences_of_one_sign_attain_the_least_p():
    test = wilcoxon([0, 1, 2, 3, 4, 5])
    assert test.p == test.attainable == attainable_p(5) == 2**-4
    assert (test.n, test.num_zero) == (6, 1)


def test_no_difference_at_all_tells_nothing():
    test = wilcoxon([0.0, 0.0])
    assert (test.p, test.attainable, test.num_zero) == (1, 1, 2)


def test_infinite_differences_are_the_most_extreme():
    test = wilcoxon([1, 2, 3, 4, 5, -np.inf])
    assert test.p == wilcoxon([1, 2, 3, 4, 5, -6]).p


@given(
    st.lists(st.integers(-20, 20), min_size=1, max_size=14),
    st.floats(0.01, 100),
)
def test_the_p_depends_neither_on_the_scale_nor_on_the_sign(differences, scale):
    p = wilcoxon(differences).p
    assert wilcoxon(np.multiply(differences, scale)).p == p
    assert wilcoxon(np.negative(differences)).p == pytest.approx(p, abs=EXACT)
    assert attainable_p(np.count_nonzero(differences)) <= p + EXACT


@given(
    st.lists(st.floats(-1, 3), min_size=6, max_size=14, unique=True), st.floats(-1, 3)
)
def test_the_interval_leaves_out_just_what_the_test_rejects(values, centre):
    sizes = np.abs(np.subtract(values, centre))
    walsh = np.add.outer(values, values) / 2
    # Ties, and a centre on the very end of the interval, are other tests.
    if len(set(np.round(sizes, 9))) < len(sizes) or np.abs(walsh - centre).min() < 1e-9:
        return
    interval = hodges_lehmann(values)
    is_inside = interval.low <= centre <= interval.high
    assert is_inside == (wilcoxon(np.subtract(values, centre)).p > 0.05)


@pytest.mark.parametrize(
    ("differences", "message"),
    [
        ([], "Expected a list of at least one difference. Received: the shape (0,)."),
        (
            [1.0, np.nan],
            "1 of 2 differences are NaN. Decide what they mean first: leave them out and "
            "say how many, or put in an infinity where they are known to be extreme.",
        ),
    ],
)
def test_differences_without_order_are_refused(differences, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        wilcoxon(differences)


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


@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.nan])
def test_holm_refuses_what_is_no_p(wrong):
    message = f"Expected each p between 0 and 1. Received: {wrong}."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        holm([0.5, wrong])


@pytest.mark.parametrize("tests", [1, 9, 22, 36, 66, 1000])
def test_as_many_differences_are_needed_as_attain_the_level(tests):
    needed = differences_needed(0.05 / tests)
    assert attainable_p(needed) <= 0.05 / tests < attainable_p(needed - 1)


@pytest.mark.parametrize("level", [0.0, 1.0, -1])
def test_an_impossible_level_is_refused(level):
    message = f"level must be between 0 and 1. Received: {level!r}."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        differences_needed(level)
