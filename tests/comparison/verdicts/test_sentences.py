"""The sentences that say what was found in a case."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.statistics import nested_wilson
from keras_rectifiers.comparison.verdicts.claims import Kind
from keras_rectifiers.comparison.verdicts.criteria import (
    AtLeast,
    AtMost,
    Difference,
    Within,
)
from keras_rectifiers.comparison.verdicts.evidence import weigh
from keras_rectifiers.comparison.verdicts.judging import judge_claim
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from keras_rectifiers.comparison.verdicts.sentences import sentence
from tests.comparison.made_up_claims import made_up_claim
from tests.comparison.verdicts.judged_cases import around, claim, judge_case


def test_the_sentence_says_what_was_found():
    judged = judge_case(
        claim(
            AtMost(threshold=-0.1),
            quantity="decay",
            unit="decades per layer",
            in_words=lambda value: f"a factor of {10**value:.1f}",
        ),
        "sigmoid, He",
        pd.Series([-0.30, -0.31, -0.29, -0.30, -0.30, -0.32]),
    )
    assert judged.sentence == (
        "sigmoid, He: supported. The decay is −0.30 decades per layer over 6 seeds; "
        "that is, a factor of 0.5. The 95% interval is −0.32 to −0.29, entirely at or "
        "below −0.10, as claimed; p = 0.031."
    )


@pytest.mark.parametrize(
    ("centre", "ending"),
    [
        (
            0.3,
            "entirely above the claimed range of −0.10 to 0.10; p < 0.001.",
        ),
        (
            -0.3,
            "entirely below the claimed range of −0.10 to 0.10; p < 0.001.",
        ),
        (0.1, "partly outside the claimed range of −0.10 to 0.10."),
    ],
)
def test_the_sentence_says_on_which_side_of_the_range_it_lies(centre, ending):
    judged = judge_case(claim(Within(lower=-0.1, upper=0.1)), "case", around(centre))
    assert judged.sentence.endswith(ending)


@pytest.mark.parametrize(
    ("rule", "centre", "words"),
    [
        # The interval ends 0.00006 below and above the centre.
        (
            Within(lower=-0.02, upper=0.02),
            0.0205,
            "0.0204 to 0.0206, entirely above the claimed range of −0.0200 to 0.0200",
        ),
        (
            AtMost(threshold=0.5),
            0.50003,
            "0.49997 to 0.50009, on both sides of 0.50000",
        ),
        (
            Difference(smallest_effect=0.05),
            0.00022,
            "0.0002 to 0.0003, entirely below the smallest effect of interest (0.0500)",
        ),
        (AtMost(threshold=0.5), 0.4, "0.40 to 0.40, entirely at or below 0.50"),
    ],
)
def test_rounding_shows_no_number_on_another_side_of_a_bound(rule, centre, words):
    values = pd.Series(centre + np.linspace(-0.0002, 0.0002, 21))
    assert words in judge_case(claim(rule), "case", values).sentence


def test_a_claim_without_a_unit_shows_three_decimals():
    shown = made_up_claim(AtLeast(threshold=0.5))
    assert judge_case(shown, "case", pd.Series([0.9] * 6)).sentence == (
        "case: supported. The effect is 0.900 over 6 seeds. The 95% interval is 0.900 "
        "to 0.900, entirely at or above 0.500, as claimed; p = 0.031."
    )
    assert (shown.unit, shown.published) == ("", "")


def test_a_single_seed_is_inconclusive_and_says_why():
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", pd.Series([0.9]))
    assert judged.verdict == "inconclusive"
    assert judged.sentence == (
        "case: inconclusive. The effect is 0.90 points with a single seed. With so "
        "few seeds, an interval has at most 0.0% confidence (0.90 to 0.90); 95% "
        "confidence needs at least 6 seeds."
    )


def test_two_seeds_are_counted():
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", pd.Series([0.9, 0.9]))
    assert "The effect is 0.90 points over 2 seeds. With" in judged.sentence


def test_a_p_of_exactly_a_thousandth_is_written():
    # p is told in steps of 1/2000: the second interval of 20 seeds decides.
    ones, zeros = pd.Series([1.0] * 17), pd.Series([0.0] * 3)
    values = pd.concat([ones, zeros], ignore_index=True)
    _, lows, _ = nested_wilson(values, values)
    found = judge_case(claim(AtLeast(threshold=lows[1]), is_share=True), "case", values)
    assert found.p == 0.001 and found.sentence.endswith("p = 0.001.")


@pytest.mark.parametrize(
    ("num_seeds", "shown"),
    # A p of 2 / 2^n: 1/1024 is written as 0.001, and 1/2048 is less than that.
    [(10, "p = 0.002"), (11, "p < 0.001"), (12, "p < 0.001")],
)
def test_a_p_below_a_thousandth_is_said_to_be_so(num_seeds, shown):
    values = pd.Series([1.0] * num_seeds)
    assert shown in judge_case(claim(AtLeast(threshold=0.5)), "case", values).sentence


CONDITION = Precondition(text="the net has learned", holds=lambda tables: {})


def test_a_case_that_is_not_testable_says_what_it_lacks_and_in_how_many_seeds():
    values, fit = around(0.9), pd.Series([True] * 6 + [False] * 6)
    tested = claim(AtLeast(threshold=0.5), precondition=CONDITION)
    [found] = judge_claim(tested, {"case": values}, {"case": fit}, resampling=False)
    assert found.sentence == (
        "case: not testable here. The claim can be tested only if the net has learned. "
        "This is known to hold for 6 of 12 seeds, and more than half are needed. The "
        "effect is 0.90 points, which decides nothing here."
    )


def test_a_case_without_a_value_that_is_not_testable_tells_no_number():
    tested = claim(AtLeast(threshold=0.5), precondition=CONDITION)
    evidence = weigh(tested.rule, pd.Series([float("nan")] * 3))
    text = sentence(
        tested, "case", evidence, "not testable here", p=1.0, num_cases=1, num_unfit=3
    )
    assert text.endswith("hold for 0 of 3 seeds, and more than half are needed.")


def test_seeds_in_which_the_claim_cannot_be_tested_are_told_among_those_left_out():
    values = pd.Series([0.6] * 30)
    fit = pd.Series([True] * 28 + [False] * 2)
    [found] = judge_claim(
        claim(AtLeast(threshold=0.5)), {"c": values}, {"c": fit}, resampling=False
    )
    assert found.sentence.endswith(
        " Another 2 seeds have no value (diverged, not trained, undefined, or neither "
        "net of a pair reached the threshold; in 2 the claim cannot be tested): the "
        "interval and the verdict assume the worst case for them."
    )


def test_what_is_computed_is_decided_by_its_value_without_seeds_or_chance():
    computed = claim(
        AtMost(threshold=0.12),
        quantity="deviation",
        kind=Kind.IDENTITY,
        kind_reason="It is computed from formulas.",
    )
    near, far = judge_claim(
        computed, {"near": pd.Series([0.12]), "far": pd.Series([0.2])}
    )
    assert near.sentence == (
        "near: supported. The deviation is 0.12 points. It is computed from formulas, so "
        "this value decides alone: it is at or below 0.12, as claimed."
    )
    assert far.verdict == "contradicted" and not far.is_borderline
    assert (near.estimate, near.low, near.high, near.n) == (0.12, 0.12, 0.12, 1)


@pytest.mark.parametrize("number", [3, 6])
def test_what_was_timed_in_rounds_has_no_seeds(number):
    values = pd.Series([0.30, 0.31, 0.29, 0.30, 0.30, np.nan][-number:])
    timed = claim(AtLeast(threshold=0.1), repeated_by="round")
    text = judge_case(timed, "case", values).sentence
    assert f"over {number - 1} rounds" in text and "Another 1 round has no" in text
    assert "seed" not in text
