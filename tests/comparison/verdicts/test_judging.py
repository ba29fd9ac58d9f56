"""The verdict on each case of a claim, and its p."""

import re

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts.claims import CONFIDENCE
from keras_rectifiers.comparison.verdicts.criteria import (
    AtLeast,
    AtMost,
    Difference,
    Equivalence,
    Within,
)
from keras_rectifiers.comparison.verdicts.judging import judge, judge_claim
from tests.comparison.verdicts.judged_cases import around, claim, judge_case


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


def test_the_confidence_that_is_told_is_that_of_the_intervals():
    found = judge_case(claim(AtLeast(threshold=0.5)), "case", pd.Series([0.9] * 6))
    assert found.confidence == CONFIDENCE == 0.95


def test_five_seeds_are_inconclusive_however_far_they_lie():
    judged = judge_case(claim(AtLeast(threshold=0.5)), "case", pd.Series([9.0] * 5))
    assert judged.verdict == "inconclusive"
    assert "at most 93.8% confidence" in judged.sentence


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


def test_the_same_effects_give_the_same_verdicts_byte_for_byte(rng):
    effects = {str(i): pd.Series(rng.normal(0.1 * i, 1, 20)) for i in range(8)}
    rule = claim(Difference(smallest_effect=0.1))

    def written(effects):
        frame = pd.DataFrame(list(map(vars, judge_claim(rule, effects))))
        return frame.to_csv(index=False).encode()

    shuffled = {case: v.sample(frac=1, random_state=1) for case, v in effects.items()}
    assert written(effects) == written(effects) == written(shuffled)


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
