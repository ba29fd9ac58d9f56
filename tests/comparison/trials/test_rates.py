"""Which learning rate suits a net best, seed by seed, on made-up results."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.trials.rates import (
    at_best_rate,
    choose,
    curves_of,
    rate_curves,
    scored_trials,
    validation_error,
    validation_loss,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.trials.made_up_results import (
    RATES,
    chosen,
    distance,
    rate_grid,
    results,
)


def test_each_seed_chooses_its_own_rate_for_each_net():
    best = {("relu", 0): 0.1, ("relu", 1): 1.0, ("relu", 2): 0.1}

    def score(trial):
        return trial.learning_rate != best.get((trial.activation, trial.seed), 0.01)

    tables = results(rate_grid().trials(), score)
    assert chosen(tables) == {"relu": [0.1, 1.0, 0.1], "tanh": [0.01, 0.01, 0.01]}
    assert len(at_best_rate(tables)) == 6
    assert set(at_best_rate(tables)) == set(tables.trials)


def test_of_rates_with_equal_scores_the_one_with_the_lower_loss_is_best():
    loss = {0.01: 0.3, 0.1: 0.2, 1.0: 0.1}

    def score(trial):
        return 2.0 if trial.learning_rate == 1.0 else 1.0

    tables = results(rate_grid().trials(), score, lambda t: loss[t.learning_rate])
    assert chosen(tables) == {"relu": [0.1] * 3, "tanh": [0.1] * 3}


def test_of_rates_with_equal_scores_and_losses_the_smallest_is_best():
    tables = results(rate_grid().trials()[::-1], lambda trial: 1.0)
    assert chosen(tables) == {"relu": [0.01] * 3, "tanh": [0.01] * 3}


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_lost_loss_loses_a_tie(loss):
    tables = results(
        rate_grid().trials(),
        lambda trial: 1.0,
        lambda trial: loss if trial.learning_rate == 0.01 else 5.0,
    )
    assert chosen(tables)["relu"] == [0.1] * 3


def test_a_net_that_diverged_is_worse_than_any_other():
    def score(trial):
        return math.nan if trial.learning_rate < 1 else 9.0

    tables = results(rate_grid().trials(), score, lambda t: t.learning_rate)
    assert chosen(tables)["relu"] == [1.0] * 3
    curves = rate_curves(tables).query("activation == 'relu'")
    assert curves["num_lost"].tolist() == [3, 3, 0]
    np.testing.assert_allclose(curves["score"], [math.nan, math.nan, 0.9])


def test_a_net_whose_score_is_infinite_is_lost():
    def steps(tables):
        rates = tables.trials.set_index("key")["learning_rate"]
        return rates.map({0.01: 30.0, 0.1: math.inf, 1.0: 30.0})

    tables = results(rate_grid().trials(), lambda t: 1.0, lambda t: -t.learning_rate)
    assert chosen(tables, steps)["relu"] == [1.0] * 3
    curves = rate_curves(tables, steps).query("activation == 'relu'")
    assert curves["num_lost"].tolist() == [0, 3, 0]


def test_a_net_that_every_rate_loses_is_reported_at_the_smallest_and_counts_as_lost():
    def score(trial):
        return math.nan if (trial.activation, trial.seed) == ("relu", 1) else 1.0

    # Of nets that diverged, no loss tells which was better.
    tables = results(rate_grid().trials(), score, lambda trial: -trial.learning_rate)
    assert chosen(tables)["relu"] == [1.0, 0.01, 1.0]
    best = at_best_rate(tables)
    assert best.loc[best["diverged"], ["activation", "seed"]].values.tolist() == [
        ["relu", 1]
    ]


def test_a_seed_whose_grid_is_unfinished_is_left_out():
    trials = rate_grid().trials()
    lacking = dataclasses.replace(trials[0], learning_rate=1.0, seed=1)
    trials.remove(lacking)
    best = at_best_rate(results(trials, distance({"relu": 0.1, "tanh": 0.1})))
    assert sorted(zip(best["activation"], best["seed"], strict=True)) == [
        ("relu", 0),
        ("relu", 2),
        *(("tanh", seed) for seed in range(3)),
    ]


def test_the_test_split_plays_no_part_in_the_choice(rng):
    tables = results(rate_grid().trials(), distance({"relu": 0.1, "tanh": 1.0}))
    number = len(tables.trials)
    for scores in (rng.random(number), np.zeros(number), np.full(number, math.nan)):
        trials = tables.trials.assign(test_accuracy=scores, test_loss=scores)
        other = dataclasses.replace(tables, trials=trials)
        assert chosen(other) == chosen(tables)
        assert chosen(other, validation_loss) == chosen(tables, validation_loss)


def test_the_score_given_decides():
    def largest_rate(tables):
        return -tables.trials.set_index("key")["learning_rate"]

    tables = results(rate_grid().trials(), distance({"relu": 0.1, "tanh": 0.1}))
    assert chosen(tables, largest_rate)["relu"] == [1.0] * 3
    assert chosen(tables)["relu"] == [0.1] * 3


def test_neither_other_nets_nor_the_order_of_rows_change_the_choice(rng):
    tables = results(rate_grid().trials(), distance({"relu": 0.1, "tanh": 1.0}))
    order = rng.permutation(len(tables.trials))
    shuffled = dataclasses.replace(tables, trials=tables.trials.iloc[order])
    assert chosen(shuffled) == chosen(tables)
    pd.testing.assert_frame_equal(rate_curves(shuffled), rate_curves(tables))
    alone = tables.trials[tables.trials["activation"] == "relu"]
    assert chosen(dataclasses.replace(tables, trials=alone)) == {"relu": [0.1] * 3}


def test_nets_that_were_only_measured_have_no_best_rate():
    measured = [Trial(depth=2, epochs=0, seed=seed) for seed in range(2)]
    tables = results([*rate_grid().trials(), *measured], lambda trial: 1.0)
    assert set(at_best_rate(tables)["epochs"]) == {Trial().epochs}


def test_curves_tell_the_mean_and_how_often_each_rate_was_chosen():
    def score(trial):
        if trial.activation == "tanh":
            return trial.learning_rate
        # 0.1 is best for two seeds, and in the mean not.
        return {0.01: 2.0, 0.1: 9.0 if trial.seed == 2 else 1.0, 1.0: 3.0}[
            trial.learning_rate
        ]

    curves = rate_curves(results(rate_grid().trials(), score))
    relu = curves.query("activation == 'relu'")
    assert relu["learning_rate"].tolist() == list(RATES)
    np.testing.assert_allclose(relu["score"] * 10, [2.0, 11 / 3, 3.0])
    assert relu["num_chosen"].tolist() == [1, 2, 0]
    assert relu["n"].tolist() == [3, 3, 3]
    assert relu["is_best"].tolist() == [True, False, False]
    assert curves["is_at_edge"].tolist() == [True, False, True] * 2
    assert curves.query("activation == 'tanh'")["num_chosen"].tolist() == [3, 0, 0]


def test_the_best_rate_of_a_curve_is_among_those_that_lose_the_fewest_nets():
    def score(trial):
        if trial.learning_rate == 0.01:
            return math.nan if trial.seed == 0 else 0.0
        return 4.0 + (trial.learning_rate == 0.1)

    curves = rate_curves(results(rate_grid().trials(), score))
    assert curves.query("activation == 'relu'")["is_best"].tolist() == [
        False,
        False,
        True,
    ]


def test_rates_whose_means_differ_by_rounding_are_equally_good():
    def score(trial):
        return (
            3.0
            if trial.learning_rate == 0.1
            else 3.0 + 1e-12 * (1 if trial.learning_rate < 0.1 else -1)
        )

    curves = rate_curves(results(rate_grid().trials(), score))
    assert curves["is_best"].tolist() == [True, False, False] * 2


def test_what_a_choice_is_made_from_can_be_looked_at_and_changed():
    tables = results(rate_grid().trials(), distance({"relu": 0.1, "tanh": 1.0}))
    scored = scored_trials(tables)
    assert len(scored) == 18 and scored["is_chosen"].sum() == 6
    scored["score"] = 0.0
    assert scored_trials(tables)["score"].max() == pytest.approx(0.2)


def test_empty_tables_have_no_curve_and_no_best_rate():
    none = pd.DataFrame(columns=["key"])
    empty = Tables(trials=none, measurements=none, outputs=none)
    for tables in (empty, Tables.empty(), results([], None)):
        assert rate_curves(tables).empty
        assert at_best_rate(tables).empty


def test_the_scores_are_those_of_the_validation_split():
    trials = pd.DataFrame(
        {
            "key": ["a", "b"],
            "validation_accuracy": [0.75, 1.0],
            "validation_loss": [0.5, 2.0],
            "test_accuracy": 0.0,
            "test_loss": 9.0,
        }
    )
    tables = dataclasses.replace(Tables.empty(), trials=trials)
    assert validation_error(tables).to_dict() == {"a": 0.25, "b": 0.0}
    assert validation_loss(tables).to_dict() == {"a": 0.5, "b": 2.0}
    for score in (validation_error, validation_loss):
        assert score(Tables.empty()).empty


def test_the_best_rates_of_any_nets_are_chosen_by_the_columns_that_tell_them_apart():
    rows = [
        {"net": net, "seed": seed, "learning_rate": rate, "validation_loss": 1.0}
        for net in ("mine", "yours")
        for seed in (0, 1)
        for rate in (0.1, 0.2)
    ]
    trials = pd.DataFrame(rows).assign(diverged=False)
    scores = pd.Series([1.0, 2.0, 2.0, 1.0, math.nan, 2.0, 2.0, 2.0])
    scored = choose(trials, scores, ["net"])
    best = scored[scored["is_chosen"]]
    assert best["learning_rate"].tolist() == [0.1, 0.2, 0.2, 0.1]
    curves = curves_of(scored, ["net"])
    assert curves["num_chosen"].tolist() == [1, 1, 1, 1]
    assert curves["num_lost"].tolist() == [0, 0, 1, 0]
    # Without one of its rates, a seed is left out.
    assert set(choose(trials[1:], scores[1:], ["net"])["seed"][:2]) == {1}
