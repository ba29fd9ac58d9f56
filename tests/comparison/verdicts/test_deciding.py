"""Which verdicts other draws of the seeds change."""

import collections
import re

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.verdicts.criteria import AtLeast, Difference
from keras_rectifiers.comparison.verdicts.deciding import decide, shares_of_resamples
from keras_rectifiers.comparison.verdicts.judging import judge_claim
from tests.comparison.verdicts.judged_cases import around, claim, judge_case

RULE = Difference(smallest_effect=0.1)


def test_a_verdict_that_other_draws_of_the_seeds_change_is_borderline():
    # Of six differences the 95% interval decides only if all have the same sign.
    values = pd.Series([0.3, 0.4, 0.5, 0.6, 0.7, -0.01])
    found = judge_case(claim(RULE), "case", values, resampling=True)
    # The seed below 0 is in no resample with a probability of (5/6)^6 = 0.33.
    assert (found.verdict, found.is_borderline) == ("inconclusive", True)
    share = re.search(
        r"\. Borderline: if the seeds are drawn again, it is supported in (\d+)%\.$",
        found.sentence,
    )
    assert 20 < int(share[1]) < 47


@pytest.mark.parametrize(
    ("centre", "verdict"), [(0.3, "supported"), (-0.3, "contradicted")]
)
def test_a_verdict_that_all_draws_of_the_seeds_share_is_not_borderline(centre, verdict):
    found = judge_case(claim(RULE), "case", around(centre), resampling=True)
    assert (found.verdict, found.is_borderline) == (verdict, False)
    assert "Borderline" not in found.sentence


def test_a_verdict_is_borderline_from_more_than_a_twentieth_of_the_draws_on():
    # A share of ones that Wilson's interval decides by a few seeds.
    rule, found = AtLeast(threshold=0.5), {}
    for num_ones in range(15, 31):
        ones = pd.Series([1.0] * num_ones + [0.0] * (30 - num_ones))
        judged = judge_case(claim(rule, is_share=True), "case", ones, resampling=True)
        found[num_ones] = judged
    # By the binomial distribution, resamples of 23 ones have fewer than 21 in 14% of the
    # draws, of 26 ones in 0.4%.
    assert {n for n, judged in found.items() if judged.verdict == "supported"} == set(
        range(21, 31)
    )
    assert not found[26].is_borderline
    assert found[23].is_borderline


def test_a_resample_has_the_same_seeds_in_all_cases():
    values = pd.Series([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, -0.01])
    both = judge_claim(claim(RULE), {"a": values, "b": values})
    assert both[0].sentence[2:] == both[1].sentence[2:]
    assert both[0].is_borderline and both[1].is_borderline


def test_the_same_seeds_give_the_same_borderline_verdicts():
    values = pd.Series([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, -0.01])
    given = values.sample(frac=1, random_state=0)
    assert judge_case(claim(RULE), "case", values, resampling=True) == judge_case(
        claim(RULE), "case", given, resampling=True
    )


def test_a_case_that_was_not_measured_is_not_borderline():
    empty, few = pd.Series(dtype=float), pd.Series([0.4])
    for values in (empty, few):
        found = judge_case(claim(RULE), "case", values, resampling=True)
        assert not found.is_borderline


def _bounds(least, most):
    return pd.DataFrame({"least": least, "most": most})


SEEDS = {
    "known": (
        claim(RULE),
        {
            "a": pd.Series([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, -0.01]),
            "b": pd.Series([0.3, 0.2, 0.1, 0.12, 0.4, 0.2, 0.3]),
        },
        {},
    ),
    "lost, and a seed that one case lacks": (
        claim(RULE),
        {
            "a": pd.Series([0.3, 0.4, 0.5, 0.6, 0.7, 0.9, 0.5, 0.8, np.nan]),
            "b": pd.Series([0.1] * 7),
        },
        {},
    ),
    "bounds": (
        claim(RULE),
        {"a": _bounds([0.2, 0.3, 0.4, 0.5, 0.6, -np.inf], [0.2, 0.3, 0.4, 0.5, 2, 1])},
        {},
    ),
    "shares": (
        claim(AtLeast(threshold=0.5), is_share=True),
        {"a": pd.Series([1.0] * 9 + [0.0] * 2 + [np.nan])},
        {},
    ),
    "a precondition": (
        claim(RULE),
        {"a": pd.Series(np.linspace(0.1, 0.9, 12))},
        {"a": pd.Series([True] * 7 + [False] * 5)},
    ),
}


@pytest.mark.parametrize(("judged", "effects", "holds"), SEEDS.values(), ids=SEEDS)
def test_the_shares_of_resamples_are_those_of_verdicts_on_drawn_seeds(
    judged, effects, holds
):
    seeds = sorted({seed for values in effects.values() for seed in values.index})
    rng, found = np.random.default_rng(0), []
    for _ in range(100):
        drawn = rng.choice(seeds, len(seeds))
        resampled = {
            case: values.loc[[seed for seed in drawn if seed in values.index]]
            for case, values in effects.items()
        }
        decided = decide(judged, resampled, holds)
        found.append({case: of_case.verdict for case, of_case in decided.items()})
    shares = shares_of_resamples(judged, effects, holds)
    for case, of_case in shares.items():
        counts = collections.Counter(verdicts[case] for verdicts in found)
        assert of_case == pytest.approx({v: n / 100 for v, n in counts.items()})
    assert any(len(of_case) > 1 for of_case in shares.values())
