"""How large a difference the signed-rank test finds, and with how many seeds."""

import numpy as np
import pytest
from scipy import stats

from keras_rectifiers.comparison.statistics import (
    detectable,
    found_difference,
    hodges_lehmann,
    seeds_needed,
    signed_rank_p,
)


@pytest.mark.parametrize("num", [2, 5, 9, 20])
def test_p_is_that_of_the_exact_signed_rank_test(rng, num):
    for shift in (0.0, 0.5, -2.0):
        values = rng.normal(size=num) + shift
        expected = stats.wilcoxon(values, method="exact").pvalue
        assert signed_rank_p(values, values) == pytest.approx(expected, abs=1e-12)


def test_what_is_not_known_makes_p_larger():
    known = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    least, most = [-np.inf, *known], [np.inf, *known]
    assert signed_rank_p(known, known) < signed_rank_p(least, most)


@pytest.mark.parametrize(("num_seeds", "num_comparisons"), [(10, 1), (10, 4), (20, 11)])
def test_the_detectable_difference_is_found_in_four_of_five_samples(
    rng, num_seeds, num_comparisons
):
    shift = detectable(num_seeds, num_comparisons)
    scores = rng.normal(size=(2, 1000, num_seeds))
    kinds = [scores[0] - scores[1], np.rint(scores[0]) - np.rint(scores[1])]
    kinds[1] /= (13 / 12) ** 0.5  # rounding adds to the variance

    def least_found(shift):
        return min(
            np.mean([signed_rank_p(s, s) <= 0.05 / num_comparisons for s in samples])
            for samples in (kind / 2**0.5 + shift for kind in kinds)
        )

    # Three standard errors of the simulation.
    assert least_found(shift) >= 0.813 - 0.037
    assert least_found(0.9 * shift) < 0.813 + 0.037


def test_a_found_difference_has_an_estimate_that_matters_in_four_of_five_samples(rng):
    settings = {"spread": 1.0, "smallest_effect": 2.0}
    shift = found_difference(10, 1, **settings)
    assert shift > detectable(10, 1)
    samples = rng.normal(size=(2000, 10)) + shift
    found = np.mean([hodges_lehmann(sample).estimate >= 2.0 for sample in samples])
    assert found == pytest.approx(0.8, abs=0.03)
    # With a wide spread it is chance that hides it.
    wide = found_difference(10, 1, spread=10.0, smallest_effect=0.1)
    assert wide == 10 * detectable(10, 1)
    assert found_difference(5, 1, **settings) == np.inf


def test_too_few_seeds_find_no_difference_however_large():
    assert detectable(5, 1) == np.inf
    assert detectable(6, 1) < np.inf
    assert detectable(7, 4) == np.inf


@pytest.mark.parametrize("difference", [0.5, 1.0, 2.0])
def test_the_seeds_needed_find_a_difference_and_one_seed_fewer_does_not(difference):
    needed = seeds_needed(difference, 4)
    assert detectable(needed, 4) <= difference < detectable(needed - 1, 4)


def test_of_a_difference_that_is_never_found_the_most_seeds_are_told():
    assert seeds_needed(0.001, 1) == 200
