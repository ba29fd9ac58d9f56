"""What must hold for a claim to be testable, seed by seed."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts import preconditions
from keras_rectifiers.comparison.verdicts.criteria import AtLeast, Equivalence
from keras_rectifiers.comparison.verdicts.judging import judge, judge_claim
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from tests.comparison.verdicts.judged_cases import around, claim

RULE = AtLeast(threshold=0.5)


def fit(num: int, of: int = 12) -> pd.Series:
    return pd.Series([True] * num + [False] * (of - num))


@pytest.mark.parametrize(
    ("num_fit", "is_testable"), [(0, False), (6, False), (7, True), (12, True)]
)
def test_a_case_is_testable_if_the_precondition_holds_for_more_than_half(
    num_fit, is_testable
):
    is_met, found = preconditions.met(around(1.0), fit(num_fit))
    assert found == is_testable
    assert is_met.tolist() == fit(num_fit).tolist()


def test_a_seed_of_which_nothing_is_known_does_not_fulfil_it():
    values = pd.Series([1.0, 2.0, 3.0, 4.0], index=[5, 6, 7, 8])
    holds = pd.Series([True, None, np.nan], index=[5, 6, 7], dtype=object)
    is_met, _ = preconditions.met(values, holds)
    assert is_met.to_dict() == {5: True, 6: False, 7: False, 8: False}


def test_a_case_without_a_precondition_is_testable():
    is_met, is_testable = preconditions.met(around(1.0), None)
    assert is_met.all() and is_testable


@pytest.mark.parametrize("centre", [1.0, 0.0])
def test_what_is_not_testable_is_neither_supported_nor_contradicted(centre):
    [found] = judge_claim(claim(RULE), {"case": around(centre)}, {"case": fit(6)})
    assert (found.verdict, found.num_unfit, found.n) == ("not testable here", 6, 12)
    # It is shown as it was measured.
    assert found.estimate == pytest.approx(centre, abs=1e-12)
    assert found.p == 1.0


def test_a_case_without_trials_is_not_measured_whatever_it_presupposes():
    values = pd.Series([], dtype=float)
    [found] = judge_claim(claim(RULE), {"case": values}, {"case": fit(0, of=0)})
    assert found.verdict == "not measured"


def test_seeds_that_cannot_be_tested_count_as_the_worst_case_and_not_as_none():
    values = around(0.9)
    [most] = judge_claim(claim(RULE), {"case": values}, {"case": fit(8)})
    # Were they left out, the eight others would support the claim.
    assert judge_claim(claim(RULE), {"case": values[:8]})[0].verdict == "supported"
    assert (most.verdict, most.n, most.num_excluded) == ("inconclusive", 8, 4)
    [nearly] = judge_claim(claim(RULE), {"case": values}, {"case": fit(11)})
    assert nearly.verdict == "supported"


def test_censored_seeds_that_cannot_be_tested_lose_both_bounds():
    bounds = pd.DataFrame({"least": [1.0] * 12, "most": [np.inf] * 12})
    [found] = judge_claim(claim(RULE), {"case": bounds}, {"case": fit(9)})
    assert (found.n, found.num_excluded, found.num_censored) == (9, 3, 9)


def test_cases_that_are_not_testable_stay_in_the_family_and_unmeasured_ones_do_not():
    values = pd.Series([1.0] * 12)
    [alone] = judge_claim(claim(RULE), {"case": values})
    none = pd.Series([], dtype=float)
    beside_unmeasured = judge_claim(claim(RULE), {"case": values, "other": none})
    assert beside_unmeasured[0].p == alone.p
    assert "corrected" not in beside_unmeasured[0].sentence
    cases = {"case": values, "other": values}
    beside_unfit = judge_claim(claim(RULE), cases, {"other": fit(0)})
    assert beside_unfit[0].p == 2 * alone.p
    assert "corrected for 2 cases" in beside_unfit[0].sentence


def test_the_tables_tell_whether_a_claim_is_testable():
    def holds(tables):
        return {"low": tables.trials.set_index("seed")["learned"]}

    tested = claim(
        Equivalence(margin=0.5),
        effects=lambda tables: {"low": around(0.0), "high": around(0.0)},
        precondition=Precondition(text="it has learned", holds=holds),
    )
    study = Study(
        name="s",
        title="",
        question="",
        method="",
        trials={},
        claims=(tested,),
        figures=(),
    )
    trials = pd.DataFrame({"seed": range(12), "learned": [False] * 12})
    tables = Tables(trials=trials, measurements=pd.DataFrame(), outputs=pd.DataFrame())
    assert judge(study, tables)["verdict"].tolist() == [
        "not testable here",
        "supported",
    ]
