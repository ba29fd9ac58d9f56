import math
import re

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.claims import (
    Claim,
    Verdict,
    format_number,
    judge,
    judge_claim,
)
from keras_rectifiers.comparison.rules import AtLeast, AtMost, Difference, Within
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.trial import Study

# Twelve values around 0, from -0.055 to 0.055; their interval is within +-0.04.
SPREAD = np.linspace(-0.055, 0.055, 12)


def claim(rule, **fields) -> Claim:
    return Claim(
        **{
            "id": "made-up",
            "statement": "Something holds.",
            "source": "nobody",
            "criterion": "a rule",
            "rule": rule,
            "effects": lambda tables: {},
            "quantity": "effect",
            "unit": "points",
            "digits": 2,
            **fields,
        }
    )


def judge_case(claim, case, values) -> Verdict:
    [verdict] = judge_claim(claim, {case: values})
    return verdict


def around(centre: float) -> pd.Series:
    return pd.Series(centre + SPREAD)


@pytest.mark.parametrize(
    ("rule", "centre", "verdict"),
    [
        (Difference(smallest_effect=0.1), 0.3, "supported"),
        (Difference(smallest_effect=0.1), 0.1, "supported"),
        (Difference(smallest_effect=0.1), 0.0, "contradicted"),
        (Difference(smallest_effect=0.1), -0.3, "contradicted"),
        # Above 0, but too small to matter, and not surely so.
        (Difference(smallest_effect=0.1), 0.09, "inconclusive"),
        # It may matter, but may be 0 as well.
        (Difference(smallest_effect=0.01), 0.012, "inconclusive"),
        (AtLeast(threshold=0.5), 0.6, "supported"),
        (AtLeast(threshold=0.5), 0.4, "contradicted"),
        (AtLeast(threshold=0.5), 0.5, "inconclusive"),
        (AtMost(threshold=-0.1), -0.2, "supported"),
        (AtMost(threshold=-0.1), 0.0, "contradicted"),
        (AtMost(threshold=-0.1), -0.1, "inconclusive"),
        (Within(lower=-0.1, upper=0.1), 0.0, "supported"),
        (Within(lower=-0.1, upper=0.1), 0.3, "contradicted"),
        (Within(lower=-0.1, upper=0.1), -0.3, "contradicted"),
        (Within(lower=-0.1, upper=0.1), 0.1, "inconclusive"),
        # Too wide: outside at either end.
        (Within(lower=-0.01, upper=0.01), 0.0, "inconclusive"),
    ],
)
def test_a_verdict_follows_the_interval(rule, centre, verdict):
    judged = judge_case(claim(rule), "case", around(centre))
    assert judged.verdict == verdict
    assert judged.estimate == pytest.approx(centre, abs=1e-12)
    assert judged.low < centre < judged.high
    assert (judged.n, judged.num_excluded) == (12, 0)
    assert f"case: {verdict}. " in judged.sentence


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (AtLeast(threshold=0.5), 0.5),
        (AtMost(threshold=0.0), 0.0),
        (Within(lower=0.0, upper=0.1), 0.1),
    ],
)
def test_an_interval_that_touches_the_threshold_has_reached_it(rule, value):
    judged = judge_case(claim(rule), "case", pd.Series([value] * 6))
    assert judged.verdict == "supported"


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
        "that is, a factor of 0.5. The 95% interval is −0.32 to −0.29, all of it at or "
        "below −0.10, as claimed (p = 0.031)."
    )


@pytest.mark.parametrize(
    ("centre", "ending"),
    [
        (
            0.3,
            "all of it above the range of −0.10 to 0.10 that the claim allows (p < 0.001).",
        ),
        (
            -0.3,
            "all of it below the range of −0.10 to 0.10 that the claim allows (p < 0.001).",
        ),
        (0.1, "partly outside the range of −0.10 to 0.10 that the claim allows."),
    ],
)
def test_the_sentence_says_on_which_side_of_the_range_it_lies(centre, ending):
    judged = judge_case(claim(Within(lower=-0.1, upper=0.1)), "case", around(centre))
    assert judged.sentence.endswith(ending)


def test_a_single_seed_is_inconclusive_and_says_why():
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", pd.Series([0.9]))
    assert judged.verdict == "inconclusive"
    assert judged.sentence == (
        "case: inconclusive. The effect is 0.90 points with a single seed. So few seeds "
        "allow an interval of 0.0% confidence at most (0.90 to 0.90); 95% takes at "
        "least 6."
    )


def test_five_seeds_are_inconclusive_however_far_they_lie():
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", pd.Series([9.0] * 5))
    assert judged.verdict == "inconclusive"
    assert "93.8% confidence at most" in judged.sentence


def test_a_case_without_any_training_is_inconclusive_and_says_why():
    values = pd.Series([], dtype=float)
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", values)
    assert judged.verdict == "inconclusive"
    assert (judged.n, judged.num_excluded) == (0, 0)
    assert math.isnan(judged.estimate)
    assert judged.sentence == "case: inconclusive, because there is no training."


def test_a_case_without_any_value_is_inconclusive_and_says_why():
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", pd.Series([np.nan] * 8))
    assert judged.verdict == "inconclusive"
    assert (judged.n, judged.num_excluded) == (0, 8)
    assert judged.sentence == (
        "case: inconclusive, because none of the 8 trainings has a value (diverged or "
        "undefined)."
    )


@pytest.mark.parametrize("lost", [np.nan, np.inf, -np.inf])
def test_a_few_lost_trainings_are_counted_and_taken_at_their_worst(lost):
    values = pd.Series([0.6, 0.61, 0.62, 0.63, 0.64] * 4)
    whole = judge_case(claim(AtLeast(threshold=0.5)), "case", values)
    values[0] = lost
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", values)
    assert judged.verdict == "supported"
    assert (judged.n, judged.num_excluded) == (19, 1)
    assert judged.low <= whole.low and judged.high >= whole.high
    assert judged.sentence.endswith(
        "Another 1 training has no value (diverged or undefined): the interval and "
        "the verdict take the worst case for them."
    )


def test_an_estimate_of_the_survivors_alone_supports_no_claim():
    rule = Difference(smallest_effect=0.1)
    survivors = np.linspace(0.05, 0.152, 18)  # around 0.101
    assert judge_case(claim(rule), "case", pd.Series(survivors)).verdict == "supported"
    values = pd.Series([*survivors, np.nan, np.nan])
    judged = judge_case(claim(rule), "case", values)
    assert judged.estimate == pytest.approx(0.101, abs=1e-12)
    assert judged.low > 0
    assert judged.verdict == "inconclusive"
    # The two would have given less: all together do not reach 0.1.
    whole = judge_case(claim(rule), "case", values.fillna(-0.2))
    assert whole.estimate < 0.1 and whole.verdict == "inconclusive"
    # With effects this large they could not have changed the verdict.
    judged = judge_case(claim(rule), "case", values + 0.1)
    assert (judged.verdict, judged.num_excluded) == ("supported", 2)


@pytest.mark.parametrize(
    "rule",
    [
        Difference(smallest_effect=0.1),
        AtLeast(threshold=0.1),
        AtMost(threshold=0.1),
        Within(lower=-0.1, upper=0.1),
    ],
)
@hypothesis.given(
    centre=st.floats(-0.4, 0.4),
    num_lost=st.integers(1, 2),
    fill=st.floats(-10, 10),
)
def test_a_verdict_holds_whatever_the_lost_trainings_would_have_given(
    rule, centre, num_lost, fill
):
    values = pd.Series(np.concatenate([centre + SPREAD, centre + SPREAD / 2]))
    values[:num_lost] = np.nan
    judged = judge_case(claim(rule), "case", values)
    whole = judge_case(claim(rule), "case", values.fillna(fill))
    assert judged.low <= whole.low and whole.high <= judged.high
    assert judged.verdict in ("inconclusive", whole.verdict)


def test_many_lost_trainings_leave_the_verdict_open():
    values = pd.Series([0.6] * 14 + [np.nan] * 6)
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", values)
    assert judged.verdict == "inconclusive"
    assert (judged.low, judged.high) == (-np.inf, np.inf)
    assert "−∞ to ∞" in judged.sentence


def test_missing_values_of_nullable_columns_count_as_lost():
    values = pd.Series([0.6] * 10 + [pd.NA], dtype="Float64")
    assert judge_case(claim(AtLeast(threshold=0.5)), "case", values).num_excluded == 1


def test_a_seed_that_stands_twice_is_named():
    message = "Claim 'made-up', case 'case': expected one value for each seed. Got more for 3."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        judge_case(
            claim(AtLeast(threshold=0.5)), "case", pd.Series([1.0, 2.0], index=[3, 3])
        )


def test_judge_gives_a_row_for_each_claim_and_case_in_their_order():
    def effects(tables):
        return {"b": around(1.0), "a": around(tables.trials["shift"][0])}

    study = Study(
        name="made_up",
        title="Made up",
        question="?",
        method=".",
        trials={},
        claims=(
            claim(AtLeast(threshold=0.5), id="second", effects=effects),
            claim(AtMost(threshold=0.5), id="first", effects=effects),
        ),
        figures=(),
    )
    tables = Tables(
        trials=pd.DataFrame({"shift": [0.0]}),
        measurements=pd.DataFrame(),
        outputs=pd.DataFrame(),
    )
    verdicts = judge(study, tables)
    assert verdicts[["study", "claim", "case", "verdict"]].to_numpy().tolist() == [
        ["made_up", "second", "b", "supported"],
        ["made_up", "second", "a", "contradicted"],
        ["made_up", "first", "b", "contradicted"],
        ["made_up", "first", "a", "supported"],
    ]
    assert not verdicts["sentence"].str.contains("significant").any()


def test_a_study_without_claims_has_no_verdict_but_the_columns():
    study = Study(
        name="s", title="", question="", method="", trials={}, claims=(), figures=()
    )
    empty = pd.DataFrame()
    tables = Tables(trials=empty, measurements=empty, outputs=empty)
    assert {"study", "claim", "case", "verdict"} <= set(judge(study, tables))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1234, "0.123"),
        (-0.5, "−0.500"),
        (-0.0001, "0.000"),
        (math.nan, "–"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers_are_written_with_true_minus_signs(value, text):
    assert format_number(value) == text
