"""Claims judged at common learning rates, on made-up results."""

import dataclasses

import pandas as pd
import pytest

from keras_rectifiers.comparison.statistics import paired_outcomes
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.common_rates import (
    contrary,
    judge_at_common_rates,
)
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.judging import judge
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from tests.comparison.made_up_claims import made_up_claim
from tests.comparison.trials.made_up_results import distance, rate_grid, results
from tests.comparison.trials.test_study import made_up_study

SHALLOW = rate_grid(seeds=range(12))
DEEP = rate_grid(
    title="deep",
    nets=[Trial(activation=name, depth=9) for name in ("relu", "tanh")],
    rates=(0.001, 0.01, 0.1),
    seeds=range(12),
)
GRIDS = [SHALLOW, DEEP]


def lead(tables):
    best = at_best_rate(tables)
    return {
        f"depth {depth}": paired_outcomes(
            best[best["depth"] == depth], "test_accuracy", "relu", "tanh"
        )
        for depth in (2, 9)
    }


def learned_above(rate):
    def holds(tables):
        return {
            case: pd.Series((tables.trials["learning_rate"] > rate).any(), effect.index)
            for case, effect in lead(tables).items()
        }

    return Precondition(text="the rate is above a number", holds=holds)


CLAIM = made_up_claim(
    Difference(smallest_effect=0.01),
    id="ahead",
    effects=lead,
    comparable_if=learned_above(0.0),
)
# Of one kind of nets only.
NO_GRID = made_up_claim(Difference(smallest_effect=0.01), id="other", effects=lead)


def tables_of(leads):
    """Both nets are best at 0.1; the lead of relu depends on the common rate."""
    trials = [trial for grid in GRIDS for trial in grid.trials()]
    tables = results(trials, distance({"relu": 0.1, "tanh": 0.1}))
    frame = tables.trials
    own = frame["learning_rate"].map(leads) + 0.001 * (frame["seed"] % 3)
    accuracy = 0.5 + own.where(frame["activation"] == "relu", 0.0)
    return dataclasses.replace(tables, trials=frame.assign(test_accuracy=accuracy))


def found(leads, claim=CLAIM):
    study = made_up_study(claims=[claim, NO_GRID])
    tables = tables_of(leads)
    at_rates = judge_at_common_rates(study, tables, GRIDS)
    return at_rates, contrary(judge(study, tables), at_rates)


LEADS = {0.001: 0.05, 0.01: -0.05, 0.1: 0.05, 1.0: 0.002}


def test_each_case_is_judged_at_the_rates_of_its_own_grid():
    at_rates, _ = found(LEADS)
    assert set(at_rates["claim"]) == {"ahead"}
    assert at_rates.groupby("case")["learning_rate"].agg(list).to_dict() == {
        "depth 2": [0.01, 0.1, 1.0],
        "depth 9": [0.001, 0.01, 0.1],
    }
    assert set(at_rates["n"]) == {12}


def test_at_a_common_rate_the_effect_is_that_of_the_nets_with_that_rate():
    at_rates, _ = found(LEADS)
    rows = at_rates[at_rates["case"] == "depth 2"].set_index("learning_rate")
    assert rows["estimate"].to_dict() == pytest.approx(
        {0.01: -0.049, 0.1: 0.051, 1.0: 0.003}
    )
    assert rows["verdict"].tolist() == ["contradicted", "supported", "contradicted"]
    assert (rows["low"] <= rows["estimate"]).all()
    assert (rows["high"] >= rows["estimate"]).all()


def test_a_case_depends_on_the_rate_if_the_opposite_is_decided_at_one():
    _, rows = found(LEADS)
    assert rows[["case", "learning_rate"]].values.tolist() == [
        ["depth 2", 0.01],
        ["depth 2", 1.0],
        ["depth 9", 0.01],
    ]


def test_an_effect_too_small_at_both_is_contrary_only_with_the_other_sign():
    # At the best rates 0.003 at most: contradicted, as it is everywhere.
    at_rates, rows = found({0.001: 0.002, 0.01: -0.05, 0.1: 0.002, 1.0: 0.004})
    assert set(at_rates["verdict"]) == {"contradicted"}
    assert set(rows["learning_rate"]) == {0.01} and len(rows) == 2


def test_what_is_undecided_at_a_common_rate_is_not_contrary():
    # About 0.0099: it may be less than 0.01, or more.
    at_rates, rows = found({0.001: 0.05, 0.01: 0.0089, 0.1: 0.05, 1.0: 0.05})
    assert "inconclusive" in set(at_rates["verdict"])
    assert rows.empty


def test_rates_at_which_the_nets_are_not_comparable_do_not_count():
    claim = dataclasses.replace(CLAIM, comparable_if=learned_above(0.01))
    study = made_up_study(claims=[claim])
    tables = tables_of(LEADS)
    at_rates = judge_at_common_rates(study, tables, [SHALLOW])
    # The deep nets are there with all their rates.
    assert at_rates["is_comparable"].all()
    shallow = tables.only(tables.trials.loc[tables.trials["depth"] == 2, "key"])
    at_rates = judge_at_common_rates(study, shallow, [SHALLOW])
    assert at_rates["is_comparable"].tolist() == [False, True, True]
    rows = contrary(judge(study, shallow), at_rates)
    assert rows["learning_rate"].tolist() == [1.0]


def test_what_is_not_decided_depends_on_nothing():
    claim = dataclasses.replace(
        CLAIM,
        precondition=Precondition(
            text="never",
            holds=lambda tables: {
                case: pd.Series(False, effect.index)
                for case, effect in lead(tables).items()
            },
        ),
    )
    at_rates, rows = found(LEADS, claim)
    assert set(at_rates["verdict"]) == {"not testable here"}
    assert rows.empty


@pytest.mark.parametrize(("num_seeds", "rates"), [(5, set()), (6, {0.01})])
def test_intervals_of_too_few_seeds_are_not_contrary(num_seeds, rates):
    # The decision needs more seeds than either, because there are two cases.
    study = made_up_study(claims=[CLAIM])
    tables = tables_of({0.001: 0.05, 0.01: -0.05, 0.1: 0.05, 1.0: 0.05})
    few = tables.only(tables.trials.loc[tables.trials["seed"] < num_seeds, "key"])
    at_rates = judge_at_common_rates(study, few, GRIDS)
    assert set(at_rates["verdict"]) == {"inconclusive"}
    rows = contrary(judge(study, few), at_rates)
    assert set(rows["learning_rate"]) == rates


def test_without_grids_there_are_no_common_rates():
    study = made_up_study(claims=[CLAIM])
    tables = tables_of(LEADS)
    at_rates = judge_at_common_rates(study, tables, [])
    assert at_rates.empty
    assert contrary(judge(study, tables), at_rates).empty
