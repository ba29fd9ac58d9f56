"""The protocol of a tuning: what is searched, and what is reported."""

import dataclasses

import pandas as pd
import pytest

from keras_rectifiers.comparison.trials.rates import (
    TUNING_SEEDS,
    at_best_rate,
    rate_curves,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.trials.tuning import at_common_rates
from tests.comparison.trials.made_up_results import (
    RATES,
    chosen,
    distance,
    results,
    train_all,
    tuning,
)


def test_every_net_gets_the_whole_grid_from_the_same_seeds_that_report_nothing():
    search = tuning().search(results([], None))
    assert {(t.activation, t.learning_rate, t.seed) for t in search} == {
        (name, rate, TUNING_SEEDS + i)
        for name in ("relu", "tanh")
        for rate in RATES
        for i in range(3)
    }
    assert len(search) == 18


def test_the_rate_of_the_lowest_validation_loss_is_reported_beside_the_common_one():
    loss = distance({"relu": 0.1, "tanh": 0.1})
    tables = train_all(tuning(common_rate=1.0), loss)
    reported = tables.trials[tables.trials["seed"] < TUNING_SEEDS]
    assert reported.groupby(["activation", "learning_rate"])["seed"].agg(
        list
    ).to_dict() == {
        (name, rate): [0, 1] for name in ("relu", "tanh") for rate in (0.1, 1.0)
    }
    best = at_best_rate(tables)
    assert set(best["learning_rate"]) == {0.1}
    assert sorted(best["seed"]) == [0, 0, 1, 1]


def test_nothing_is_reported_before_the_search_is_finished():
    one = tuning()
    search = one.search(results([], None))
    tables = results(search[:-1], lambda t: 1.0)
    assert one.search(tables) == search
    assert one.reports(tables) == []
    assert one.rates_chosen(tables).empty


def test_a_best_rate_at_an_end_widens_the_grid_for_every_net():
    loss = distance({"relu": 0.1, "tanh": 10.0})
    tables = train_all(tuning(), loss)
    curves = rate_curves(tables)
    assert curves.groupby("activation")["learning_rate"].agg(list).to_dict() == {
        "relu": [0.01, 0.1, 1.0, 10.0, 100.0],
        "tanh": [0.01, 0.1, 1.0, 10.0, 100.0],
    }
    assert chosen(tables) == {"relu": 0.1, "tanh": 10.0}
    assert not curves.loc[curves["is_chosen"], "is_at_edge"].any()


def test_the_grid_is_widened_a_bounded_number_of_times_and_the_edge_is_flagged():
    loss = distance({"relu": 1e-9, "tanh": 0.1})
    tables = train_all(tuning(num_rounds=2), loss)
    curves = rate_curves(tables)
    assert curves["learning_rate"].min() == 1e-4
    assert curves["learning_rate"].max() == 1.0
    flagged = curves[curves["is_chosen"]].set_index("activation")["is_at_edge"]
    assert flagged.to_dict() == {"relu": True, "tanh": False}


def test_a_grid_that_may_not_be_widened_stays_as_it_is():
    tables = train_all(tuning(num_rounds=0), distance({"relu": 1e-9, "tanh": 9}))
    assert sorted(rate_curves(tables)["learning_rate"].unique()) == list(RATES)


def test_a_grid_is_widened_in_proportion_to_three_digits():
    rates = (0.01, 0.03, 0.1)
    tables = train_all(
        tuning(rates=rates, common_rate=0.03, num_rounds=1),
        distance({"relu": 1e-9, "tanh": 1e9}),
    )
    found = sorted(rate_curves(tables)["learning_rate"].unique())
    assert found == [0.00333, *rates, 0.333]


def test_tables_at_the_common_rates_have_the_nets_at_those():
    one = tuning(common_rate=1.0)
    tables = train_all(one, distance({"relu": 0.1, "tanh": 0.1}))
    best = at_best_rate(at_common_rates(tables, [one]))
    assert best.groupby("activation")["learning_rate"].agg(list).to_dict() == {
        "relu": [1.0, 1.0],
        "tanh": [1.0, 1.0],
    }
    assert set(best["seed"]) == {0, 1}


def test_seeds_that_choose_something_else_stay_in_the_tables_at_the_common_rates():
    one = tuning(common_rate=1.0)
    pilots = [Trial(depth=9, seed=TUNING_SEEDS), Trial(depth=9, seed=TUNING_SEEDS + 1)]
    searched = results([*one.search(results([], None)), *pilots], lambda trial: 1.0)
    at_common = at_common_rates(searched, [one]).trials
    assert sorted(at_common.loc[at_common["depth"] == 9, "seed"]) == [
        TUNING_SEEDS,
        TUNING_SEEDS + 1,
    ]
    assert set(at_common.loc[at_common["depth"] != 9, "learning_rate"]) == {1.0}


def test_the_order_of_the_rows_does_not_matter(rng):
    loss = distance({"relu": 0.1, "tanh": 10.0})
    tables = train_all(tuning(), loss)
    order = rng.permutation(len(tables.trials))
    shuffled = dataclasses.replace(tables, trials=tables.trials.iloc[order])
    pd.testing.assert_frame_equal(rate_curves(shuffled), rate_curves(tables))
    assert tuning().reports(shuffled) == tuning().reports(tables)


def test_other_trials_in_the_tables_change_nothing():
    one = tuning()
    tables = train_all(one, distance({"relu": 0.1, "tanh": 0.1}))
    other = results([Trial(seed=TUNING_SEEDS, learning_rate=7.0)], lambda t: -99.0)
    both = dataclasses.replace(
        tables,
        trials=pd.concat([tables.trials, other.trials.assign(key="other")]),
    )
    assert one.reports(both) == one.reports(tables)


def test_a_score_of_ones_own_decides():
    def largest_rate(tables):
        return -tables.trials.set_index("key")["learning_rate"]

    one = tuning(score=largest_rate, num_rounds=0)
    tables = results(one.search(results([], None)), distance({"relu": 0.1, "tanh": 1}))
    assert {t.learning_rate for t in one.reports(tables)} == {1.0, 0.1}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"rates": (0.1, 1.0)},
            "Expected at least three rates in ascending order, all above 0. Received: "
            "[0.1, 1.0].",
        ),
        (
            {"rates": (0.1, 1.0, 0.5)},
            "Expected at least three rates in ascending order, all above 0. Received: "
            "[0.1, 1.0, 0.5].",
        ),
        (
            {"rates": (0.0, 0.1, 1.0)},
            "Trial's learning_rate must be above 0. Received: 0.0.",
        ),
        (
            {"common_rate": 0.2},
            "common_rate must be one of [0.01, 0.1, 1.0]. Received: 0.2.",
        ),
        (
            {"seeds": [0, TUNING_SEEDS]},
            "Expected seeds from 0 to 999,999, because larger seeds are tuning seeds. "
            "Received: [0, 1000000].",
        ),
        ({"num_tuning_seeds": 0}, "num_tuning_seeds must be at least 1. Received: 0."),
        (
            {"nets": [Trial(), Trial(seed=3)]},
            "Tuning 'MLP' needs nets that differ in more than learning rate and seed. "
            "Received: a net more than once.",
        ),
    ],
)
def test_a_protocol_that_cannot_be_kept_is_refused(fields, message):
    with pytest.raises(ValueError) as error:
        tuning(**fields)
    assert str(error.value) == message


def test_iterators_of_nets_rates_and_seeds_are_taken_and_stay():
    given = tuning()
    same = tuning(
        nets=iter(given.nets), rates=iter(given.rates), seeds=iter(given.seeds)
    )
    for _ in range(2):
        assert same.expected(Tables.empty()) == given.expected(Tables.empty())


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        (
            {"nets": ()},
            ValueError,
            "Tuning 'MLP' needs at least one net. Received: none.",
        ),
        (
            {"nets": ["relu"]},
            TypeError,
            "nets must contain only Trials. Received: 'relu'",
        ),
        (
            {"rates": (1e-50, 0.1, 1.0)},
            ValueError,
            "Trial's learning_rate must be from 1.2e-38",
        ),
        (
            {"rates": ("a", 0.1, 1.0)},
            TypeError,
            "Trial's learning_rate must be of type float. Received: 'a'",
        ),
        (
            {"seeds": [0.5]},
            TypeError,
            "Trial's seed must be of type int. Received: 0.5",
        ),
    ],
)
def test_what_its_trials_would_refuse_is_refused_beforehand(fields, error, message):
    with pytest.raises(error) as raised:
        tuning(**fields)
    assert str(raised.value).startswith(message)
