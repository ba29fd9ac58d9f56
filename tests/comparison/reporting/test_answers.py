"""The answers to claims, in plain words."""

import pandas as pd
import pytest

from keras_rectifiers.comparison.reporting.answers import answer
from keras_rectifiers.comparison.reporting.claim_report import JudgedClaim
from keras_rectifiers.comparison.verdicts.criteria import AtMost, Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies.accuracy.nets import points_as_claimed
from tests.comparison.reporting.judged_claims import judged_claim


def answered(judged: JudgedClaim) -> str:
    return answer(judged.claim, judged.verdict, judged.cases)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"all": 0.9},
            "Yes: the effect is 0.900 (95% interval 0.895 to 0.905).",
        ),
        (
            {"all": 0.1},
            "No: the effect is 0.100 (95% interval 0.095 to 0.105).",
        ),
        (
            {"relu": 0.9, "elu": 0.7},
            "Yes, in both cases. The least clear is ELU: the effect is 0.700 (95% "
            "interval 0.695 to 0.705).",
        ),
        (
            {"relu": 0.1, "elu": 0.2, "tanh": 0.4},
            "No, in all 3 cases. Nearest to it is tanh: the effect is 0.400 (95% "
            "interval 0.395 to 0.405).",
        ),
        (
            {"all": 0.5},
            "Unclear: the effect is 0.500 (95% interval 0.495 to 0.505).",
        ),
        (
            {"relu": 0.5, "elu": 0.501},
            "Unclear, in both cases. Nearest to the limit is ReLU: the effect is 0.500 "
            "(95% interval 0.495 to 0.505).",
        ),
        (
            {"relu": 0.9, "leaky_relu": 0.8, "elu, MLP": 0.1, "gone": None},
            "In part: yes for ReLU and leaky ReLU (0.01); no for “ELU, MLP”.",
        ),
        ({"relu": 0.5, "elu": 0.1}, "No for ELU; unclear for ReLU."),
        ({"relu": None}, "Not measured."),
    ],
)
def test_the_answer_follows_from_the_verdicts_on_the_cases(values, words):
    assert answered(judged_claim(values)) == words


def test_an_answer_uses_the_words_of_the_claim():
    judged = judged_claim(
        {"all": 0.9},
        unit="doublings",
        in_words=lambda value: f"relu needs {2**value:.1f} times as many",
    )
    assert answered(judged) == (
        "Yes: ReLU needs 1.9 times as many (95% interval 1.9 to 1.9)."
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.9, "it is 90.0 points more of all (95% interval 89.5 to 90.5)."),
        (0.001, "(95% interval 0.4 points less to 0.6 points more)."),
        (0.0, "(95% interval 0.5 points less to 0.5 points more)."),
        (-0.9, "it is 90.0 points less of all (95% interval 89.5 to 90.5)."),
    ],
)
def test_the_interval_is_in_the_words_of_the_estimate(value, words):
    def in_words(share):
        return (
            f"it is {abs(share):.1%} {'more' if share >= 0 else 'less'} of all".replace(
                "%", " points"
            )
        )

    judged = judged_claim({"all": value}, in_words=in_words)
    assert answered(judged).endswith(words)


@pytest.mark.parametrize(
    ("words", "interval"),
    [
        # A larger effect, fewer points: the smaller number is first all the same.
        (lambda d: f"{100 * (1 - d):.1f}% remain", "(95% interval 9.5% to 10.5%)"),
        (lambda d: f"it is −{d:.3f}", "(95% interval −0.905 to −0.895)"),
        (lambda d: f"it is {d:.3f}, or so", "(95% interval 0.895 to 0.905)"),
    ],
)
def test_an_interval_in_words_ascends_and_has_no_stops_of_the_sentence(words, interval):
    assert interval in answered(judged_claim({"all": 0.9}, in_words=words))


def test_what_a_difference_is_one_of_is_said_in_the_answer():
    judged = judged_claim({"all": 0.9}, in_words=points_as_claimed("difference"))
    assert answered(judged) == (
        "Yes: the difference is 90.0 percentage points in the direction claimed (95% "
        "interval 89.5 to 90.5)."
    )


def test_an_effect_that_is_too_small_is_told_from_one_in_the_other_direction():
    rule = Difference(smallest_effect=0.5)
    assert answered(judged_claim({"a": 0.1}, rule)).endswith("too little to matter.")
    assert not answered(judged_claim({"a": -0.1}, rule)).endswith(
        "too little to matter."
    )


def test_many_cases_are_counted_and_few_are_named():
    values = {f"case {i}": 0.9 for i in range(7)} | {"other": 0.1}
    assert answered(judged_claim(values)) == (
        "In part: yes in 7 of 8 cases; no for other."
    )
    values = {f"case {i}": 0.9 if i < 5 else 0.1 for i in range(11)}
    assert answered(judged_claim(values)) == "In part: yes in 5 of 11 cases; no in 6."


def test_what_could_not_be_tested_is_answered_by_its_condition():
    unfit = Precondition(
        text="a unit is dead", holds=lambda _: {"all": pd.Series([False] * 12)}
    )
    judged = judged_claim({"all": 0.1}, AtMost(threshold=0.5), precondition=unfit)
    assert answered(judged) == (
        "Not testable here. The condition holds for too few seeds: a unit is dead."
    )
