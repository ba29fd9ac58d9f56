import math
import re

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import scipy.stats

from keras_rectifiers.comparison.statistics import nested_wilson
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts.claims import (
    CONFIDENCE,
    Claim,
    Verdict,
    format_number,
    judge,
    judge_claim,
)
from keras_rectifiers.comparison.verdicts.criteria import (
    AtLeast,
    AtMost,
    Difference,
    Equivalence,
    Within,
)
from tests.comparison.made_up_claims import made_up_claim

# Twelve values around 0, from -0.055 to 0.055; their interval is within +-0.04.
SPREAD = np.linspace(-0.055, 0.055, 12)


def claim(rule, **fields) -> Claim:
    return made_up_claim(rule, **{"unit": "points", "digits": 2, **fields})


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
        (Equivalence(margin=0.1), 0.0, "supported"),
        (Equivalence(margin=0.1), 0.3, "contradicted"),
        (Equivalence(margin=0.1), -0.3, "contradicted"),
        (Equivalence(margin=0.1), 0.1, "inconclusive"),
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


def test_a_claim_without_a_unit_shows_three_decimals():
    shown = made_up_claim(AtLeast(threshold=0.5))
    assert judge_case(shown, "case", pd.Series([0.9] * 6)).sentence == (
        "case: supported. The effect is 0.900 over 6 seeds. The 95% interval is 0.900 "
        "to 0.900, entirely at or above 0.500, as claimed; p = 0.031."
    )
    assert (shown.unit, shown.published) == ("", "")


def test_the_confidence_that_is_told_is_that_of_the_intervals():
    found = judge_case(claim(AtLeast(threshold=0.5)), "case", pd.Series([0.9] * 6))
    assert found.confidence == CONFIDENCE == 0.95


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


def test_five_seeds_are_inconclusive_however_far_they_lie():
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", pd.Series([9.0] * 5))
    assert judged.verdict == "inconclusive"
    assert "at most 93.8% confidence" in judged.sentence


def test_a_case_without_any_training_is_not_measured():
    values = pd.Series([], dtype=float)
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", values)
    assert judged.verdict == "not measured"
    assert (judged.n, judged.num_excluded) == (0, 0)
    assert math.isnan(judged.estimate)
    assert judged.sentence == "case: not measured; there are no trials for this case."


def test_a_case_without_any_value_is_inconclusive_and_says_why():
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", pd.Series([np.nan] * 8))
    assert judged.verdict == "inconclusive"
    assert (judged.n, judged.num_excluded) == (0, 8)
    assert judged.sentence == (
        "case: inconclusive, because none of the 8 seeds has a value (diverged, "
        "undefined, or neither net of a pair reached the threshold)."
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
        "Another 1 seed has no value (diverged, undefined, or neither net of a "
        "pair reached the threshold): the interval and the verdict assume the "
        "worst case for it."
    )


def test_several_lost_seeds_are_told_in_the_plural():
    values = pd.Series([0.6] * 30 + [np.nan] * 2)
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", values)
    assert judged.sentence.endswith(
        " Another 2 seeds have no value (diverged, undefined, or neither net of a pair "
        "reached the threshold): the interval and the verdict assume the worst case for "
        "them."
    )
    assert judged.num_above_zero == 30


def test_two_cases_are_corrected_for():
    effects = {case: pd.Series([1.0] * 12) for case in "ab"}
    for found in judge_claim(claim(AtLeast(threshold=0.5)), effects):
        assert found.sentence.endswith("as claimed; p < 0.001, corrected for 2 cases.")


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
        Equivalence(margin=0.1),
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
    message = "Claim 'made-up', case 'case': expected one value for each seed. Received: more than one for seed 3."
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


def test_p_is_that_of_the_signed_rank_test(rng):
    values = pd.Series(rng.normal(0.5, 1, 14))
    [found] = judge_claim(claim(AtLeast(threshold=0.2)), {"case": values})
    expected = scipy.stats.wilcoxon(values - 0.2, method="exact").pvalue
    assert found.p == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("margin", [0.3, 0.8, 2.0])
def test_p_of_an_equivalence_is_that_of_two_one_sided_tests(margin, rng):
    values = pd.Series(rng.normal(0.1, 1, 14))
    [found] = judge_claim(claim(Equivalence(margin=margin)), {"case": values})
    expected = max(
        scipy.stats.wilcoxon(values + margin, alternative="greater").pvalue,
        scipy.stats.wilcoxon(values - margin, alternative="less").pvalue,
    )
    if expected < 0.5:
        assert found.p == pytest.approx(expected, abs=1e-12)
    assert (found.verdict == "supported") == (expected <= 0.05)


def test_no_difference_is_supported_by_the_90_percent_interval():
    # The 95% interval reaches just beyond the margin.
    values = pd.Series(np.linspace(-1, 1, 12))
    ends = [
        judge_case(claim(rule), "case", values)
        for rule in (Within(lower=-0.4, upper=0.4), Equivalence(margin=0.4))
    ]
    assert ends[0].high > 0.4 > ends[1].high
    assert [end.verdict for end in ends] == ["inconclusive", "supported"]
    assert ends[1].sentence == (
        "case: supported. The effect is 0.00 points over 12 seeds. The 90% interval "
        "is −0.36 to 0.36, entirely within the range of differences that do not "
        "matter (±0.40); p = 0.039."
    )


def test_no_difference_is_contradicted_by_the_95_percent_interval_only():
    def judged(centre):
        values = pd.Series(centre + np.linspace(-1, 1, 12))
        return judge_case(claim(Equivalence(margin=0.5)), "case", values)

    # With half widths of 0.36 and 0.45.
    assert judged(0.97).verdict == "contradicted"
    found = judged(0.90)
    assert found.low > 0.5 and 0.05 < found.p <= 0.1
    assert found.verdict == "inconclusive"
    assert (
        "above the range of differences that do not matter (±0.50); but this may be "
        "chance" in found.sentence
    )


def test_five_seeds_can_support_that_there_is_no_difference():
    found = judge_case(claim(Equivalence(margin=0.5)), "case", pd.Series([0.0] * 5))
    assert (found.verdict, found.p) == ("supported", 1 / 32)
    found = judge_case(claim(Equivalence(margin=0.5)), "case", pd.Series([0.0] * 4))
    assert found.verdict == "inconclusive"
    assert found.sentence.endswith(
        "(0.00 to 0.00); 90% confidence needs at least 5 seeds."
    )


def test_verdicts_have_to_stand_the_correction_for_the_cases_of_their_claim():
    rule = AtLeast(threshold=0.0)
    values = pd.Series([-6.5, *range(1, 12)])
    alone = judge_case(claim(rule), "case", values)
    assert alone.verdict == "supported"
    open_case = pd.Series(np.linspace(-1, 1, 12))
    effects = {"case": values} | {str(i): open_case for i in range(9)}
    found = judge_claim(claim(rule), effects)[0]
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
    together = judge_claim(rule, effects)
    for verdict in together:
        alone = judge_case(rule, verdict.case, effects[verdict.case])
        assert verdict.verdict in (alone.verdict, "inconclusive")
        assert (verdict.verdict != "inconclusive") == (verdict.p <= 0.05)
        assert alone.p <= verdict.p
    turned = dict(reversed(effects.items()))
    assert judge_claim(rule, turned) == together[::-1]


def test_a_censored_seed_stays_in_at_its_bounds():
    least = np.array([1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7])
    most = np.where(least > 1.45, np.inf, least)
    bounds = pd.DataFrame({"least": least, "most": most})
    rule = claim(AtLeast(threshold=0.9))
    found = judge_case(rule, "case", bounds)
    assert (found.verdict, found.n, found.num_censored) == ("supported", 8, 3)
    assert found.num_excluded == 0 and found.high == np.inf
    assert found.sentence.endswith(
        "For 3 of these seeds only a bound is known: the estimate uses the bound as "
        "the value, and the interval and the verdict assume the worst case."
    )
    # The bounds say that the effect is large, and not how large.
    assert (
        judge_case(claim(AtMost(threshold=1.5)), "case", bounds).verdict != "supported"
    )
    bounds.loc[0] = [np.nan, np.nan]
    lost = judge_case(rule, "case", bounds)
    assert (lost.n, lost.num_censored, lost.num_excluded) == (7, 3, 1)


def test_the_same_effects_give_the_same_verdicts_byte_for_byte(rng):
    effects = {str(i): pd.Series(rng.normal(0.1 * i, 1, 20)) for i in range(8)}
    rule = claim(Difference(smallest_effect=0.1))

    def written(effects):
        frame = pd.DataFrame(list(map(vars, judge_claim(rule, effects))))
        return frame.to_csv(index=False).encode()

    shuffled = {case: v.sample(frac=1, random_state=1) for case, v in effects.items()}
    assert written(effects) == written(effects) == written(shuffled)


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


@pytest.mark.parametrize(
    ("threshold", "verdict", "p"),
    # The lower end of the 95% interval of 15 of 20, by Wilson's formula in decimals, is
    # 0.5312991...; p is told in steps of 1/2000.
    [(0.531299, "supported", 0.05), (0.5313, "inconclusive", 0.0505)],
)
def test_a_p_of_exactly_5_percent_still_gives_a_verdict(threshold, verdict, p):
    shares = pd.Series([1.0] * 15 + [0.0] * 5)
    rule = claim(AtLeast(threshold=threshold), is_share=True)
    found = judge_case(rule, "case", shares)
    assert (found.verdict, found.p) == (verdict, p)


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
