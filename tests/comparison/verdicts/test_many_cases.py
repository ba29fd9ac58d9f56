"""Verdicts on claims of many cases, which chance alone would support in some."""

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.verdicts.criteria import AtLeast, Difference
from keras_rectifiers.comparison.verdicts.judging import judge_claim
from tests.comparison.verdicts.judged_cases import around, claim, judge_case


def test_two_cases_are_corrected_for():
    effects = {case: pd.Series([1.0] * 12) for case in "ab"}
    for found in judge_claim(claim(AtLeast(threshold=0.5)), effects):
        assert found.sentence.endswith("as claimed; p < 0.001, corrected for 2 cases.")


def test_verdicts_have_to_stand_the_correction_for_the_cases_of_their_claim():
    rule = AtLeast(threshold=0.0)
    values = pd.Series([-6.5, *range(1, 12)])
    alone = judge_case(claim(rule), "case", values)
    assert alone.verdict == "supported"
    open_case = pd.Series(np.linspace(-1, 1, 12))
    effects = {"case": values} | {str(i): open_case for i in range(9)}
    found = judge_claim(claim(rule), effects, resampling=False)[0]
    assert found.p == pytest.approx(10 * alone.p)
    assert (found.low, found.high) == (alone.low, alone.high)
    assert found.verdict == "inconclusive"
    assert found.sentence.endswith(
        "entirely at or above 0.00, as claimed; but this may be chance (p = "
        f"{10 * alone.p:.3f}, corrected for 10 cases)."
    )


def test_the_corrected_p_are_those_of_holm_within_each_verdict():
    lists = {
        "strong": pd.Series(np.arange(1.0, 13)),
        "weak": pd.Series([-3.5, *range(1, 12)]),
        "against": pd.Series(-np.arange(1.0, 13)),
    }
    rule = claim(AtLeast(threshold=0.0))
    alone = {name: judge_case(rule, name, v).p for name, v in lists.items()}
    found = {verdict.case: verdict.p for verdict in judge_claim(rule, lists)}
    # Each is one of three; what is contradicted takes nothing off what is supported.
    assert found["strong"] == 3 * alone["strong"]
    assert found["weak"] == 2 * alone["weak"]
    assert found["against"] == 3 * alone["against"]


def test_too_few_seeds_for_the_number_of_cases_are_told_apart_from_chance():
    effects = {str(i): pd.Series([1.0] * 8) for i in range(22)}
    found = judge_claim(claim(AtLeast(threshold=0.5)), effects)[0]
    assert found.verdict == "inconclusive"
    assert found.sentence == (
        "0: inconclusive. The effect is 1.00 points over 8 seeds. The 95% interval is "
        "1.00 to 1.00, entirely at or above 0.50, as claimed; but this may be chance "
        "(p = 0.172, corrected for 22 cases; p < 0.05 needs at least 10 seeds)."
    )
    enough = {str(i): pd.Series([1.0] * 10) for i in range(22)}
    assert {v.verdict for v in judge_claim(claim(AtLeast(threshold=0.5)), enough)} == {
        "supported"
    }


@hypothesis.given(st.lists(st.floats(-0.4, 0.4), min_size=1, max_size=6))
def test_the_correction_opens_verdicts_and_turns_none(centres):
    rule = claim(Difference(smallest_effect=0.1))
    effects = {str(i): around(centre) for i, centre in enumerate(centres)}
    together = judge_claim(rule, effects, resampling=False)
    for verdict in together:
        alone = judge_case(rule, verdict.case, effects[verdict.case])
        assert verdict.verdict in (alone.verdict, "inconclusive")
        assert (verdict.verdict != "inconclusive") == (verdict.p <= 0.05)
        assert alone.p <= verdict.p
    turned = dict(reversed(effects.items()))
    assert judge_claim(rule, turned, resampling=False) == together[::-1]
