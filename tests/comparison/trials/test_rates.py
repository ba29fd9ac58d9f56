"""Which learning rate suits a net best, on made-up results."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.trials.rates import (
    TUNING_SEEDS,
    at_best_rate,
    rate_curves,
    validation_error,
    validation_loss,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.trials.made_up_results import (
    chosen,
    distance,
    results,
    train_all,
    tuning,
)


def test_of_rates_that_are_equally_good_the_smaller_is_chosen():
    tables = results(tuning().search(results([], None)), lambda t: 1.0)
    assert set(chosen(tables).values()) == {0.01}


def test_a_rate_that_loses_fewer_nets_is_better_whatever_the_survivors_loss():
    def loss(trial):
        if trial.learning_rate == 0.1:
            return math.nan if trial.seed == TUNING_SEEDS else 0.0
        return math.inf if trial.learning_rate == 1.0 else 5.0

    tables = results(tuning().search(results([], None)), loss)
    assert chosen(tables) == {"relu": 0.01, "tanh": 0.01}
    curves = rate_curves(tables).query("activation == 'relu'")
    assert curves["num_lost"].tolist() == [0, 1, 3]
    assert curves["n"].tolist() == [3, 3, 3]
    np.testing.assert_array_equal(curves["score"], [0.5, 0.0, math.nan])


def test_a_net_that_every_rate_loses_is_reported_at_the_smallest_one():
    tables = train_all(
        tuning(), lambda t: math.nan if t.activation == "relu" else 1 / t.learning_rate
    )
    assert chosen(tables)["relu"] == pytest.approx(1e-4)
    best = at_best_rate(tables)
    relu = best[best["activation"] == "relu"]
    assert relu["learning_rate"].tolist() == pytest.approx([1e-4, 1e-4])


def test_of_rates_that_may_be_equally_good_the_neighbourhood_decides():
    errors = {0.001: 9, 0.01: 3, 0.1: 2.5, 1.0: 2.9, 10.0: 1, 100.0: 9}
    one = tuning(rates=tuple(errors), num_rounds=0)
    search = one.search(results([], None))

    def loss(trial):
        # The standard error of the mean at 10 is 4 / sqrt(3) = 2.3.
        chance = 4 * (trial.seed - TUNING_SEEDS - 1) if trial.learning_rate == 10 else 0
        return errors[trial.learning_rate] + chance

    curves = rate_curves(results(search, loss))
    relu = curves[curves["activation"] == "relu"]
    np.testing.assert_allclose(
        relu["smoothed_score"] * 10,
        [
            (2 * 9 + 3) / 3,
            (9 + 2 * 3 + 2.5) / 4,
            (3 + 2 * 2.5 + 2.9) / 4,
            (2.5 + 2 * 2.9 + 1) / 4,
            (2.9 + 2 * 1 + 9) / 4,
            (1 + 2 * 9) / 3,
        ],
    )
    # Not 10, where the mean is lowest, beside bad ones.
    assert relu.loc[relu["is_chosen"], "learning_rate"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("excess", "expected"),
    # The differences from 1 are excess +- 0.3: their standard error is 0.3 / sqrt(3).
    [(0.173205, 0.1), (0.17320508075688773, 0.1), (0.173206, 1.0)],
)
def test_a_rate_is_in_question_up_to_the_standard_error_of_the_difference(
    excess, expected
):
    errors = {0.01: 2.5, 0.1: 2 + excess, 1.0: 2.0, 10.0: 9.0}
    one = tuning(rates=tuple(errors), num_rounds=0, num_tuning_seeds=4)

    def loss(trial):
        chance = 0.3 if trial.seed % 2 else -0.3
        return errors[trial.learning_rate] + chance * (trial.learning_rate == 0.1)

    # 0.1 has the better neighbourhood.
    tables = results(one.search(results([], None)), loss)
    assert set(chosen(tables).values()) == {expected}


@pytest.mark.parametrize(("excess", "expected"), [(0.0, 0.1), (1e-6, 1.0)])
def test_of_a_single_tuning_seed_the_lowest_score_decides(excess, expected):
    errors = {0.01: 2.5, 0.1: 2 + excess, 1.0: 2.0, 10.0: 9.0}
    one = tuning(rates=tuple(errors), num_rounds=0, num_tuning_seeds=1)
    search = one.search(results([], None))
    tables = results(search, lambda trial: errors[trial.learning_rate])
    assert set(chosen(tables).values()) == {expected}


@pytest.mark.parametrize("below", [9.0, math.nan])
def test_a_rate_that_is_clearly_best_is_chosen_whatever_its_neighbours_are(below):
    # Of equal differences the standard error is 0. Beside what is lost, 0.1 has the good
    # neighbour alone, and 1 a bad one.
    errors = {0.01: below, 0.1: 2.7, 1.0: 2.2, 10.0: 3.6}
    search = tuning(rates=tuple(errors), num_rounds=0).search(results([], None))

    def loss(trial):
        return errors[trial.learning_rate] + trial.seed - TUNING_SEEDS

    curves = rate_curves(results(search, loss)).query("activation == 'relu'")
    smoothed = curves.set_index("learning_rate")["smoothed_score"]
    assert not math.isnan(below) or smoothed[0.1] < smoothed[1.0]
    assert curves.loc[curves["is_chosen"], "learning_rate"].tolist() == [1.0]


def test_a_rate_that_loses_all_nets_says_nothing_of_its_neighbours():
    errors = {0.01: 3.0, 0.1: 2.0, 1.0: math.nan}
    search = tuning(num_rounds=0).search(results([], None))
    curves = rate_curves(results(search, lambda t: errors[t.learning_rate]))
    relu = curves[curves["activation"] == "relu"]
    np.testing.assert_allclose(
        relu["smoothed_score"] * 10, [(2 * 3 + 2) / 3, (3 + 2 * 2) / 3, math.nan]
    )


@pytest.mark.parametrize(
    ("less", "expected"),
    # Scores, a tenth of that, are told apart by a billionth.
    [(1e-12, 0.01), (4e-9, 0.01), (6e-9, 1.0)],
)
def test_rates_whose_scores_differ_by_rounding_are_equal(less, expected):
    def loss(trial):
        return 3.0 if trial.learning_rate == 0.01 else 3.0 - less

    tables = results(tuning().search(results([], None)), loss)
    assert set(chosen(tables).values()) == {expected}


def test_seeds_choose_from_a_million_on():
    trials = [
        Trial(learning_rate=rate, seed=seed)
        for rate, seed in [(0.1, 999_999), (0.1, 1_000_000), (1.0, 1_000_000)]
    ]
    tables = results(trials, lambda trial: 1.0)
    assert rate_curves(tables)["n"].tolist() == [1, 1]
    assert at_best_rate(tables)["seed"].tolist() == [999_999]
    assert list(tuning(seeds=[999_999]).seeds) == [999_999]


def test_the_stability_of_a_choice_is_the_share_of_resamples_that_repeat_it():
    def loss(trial):
        if trial.activation == "tanh":
            return 1.0 + (trial.learning_rate != 0.1)
        # Of three seeds the first alone is worse at 1, so that without it 1 is best.
        worse = 9.0 if trial.seed == TUNING_SEEDS else 0.9
        return {0.01: 9.0, 0.1: 1.0, 1.0: worse}[trial.learning_rate]

    one = tuning(num_rounds=0, num_tuning_seeds=3)
    curves = rate_curves(results(one.search(results([], None)), loss))
    stability = curves[curves["is_chosen"]].set_index("activation")["stability"]
    assert stability["tanh"] == 1.0
    # By hand: with the first seed drawn i times of 3 the means are 1 and m = 0.9 + 2.7 i.
    # For i = 0, 1 is best, and surely so. For i = 1 the standard error is 2.7, and the
    # smoothed scores are (9 + 2 + m) / 4 and (1 + 2 m) / 3: 1 is chosen. For i = 2 it is
    # 2.7 again, and for i = 3 it is 0: 0.1 is best.
    assert chosen(results(one.search(results([], None)), loss))["relu"] == 1.0
    share = (2 / 3) ** 3 + 3 * (1 / 3) * (2 / 3) ** 2
    assert stability["relu"] == pytest.approx(share, abs=0.05)  # 3.5 standard errors


def test_the_choice_of_a_net_does_not_hang_on_the_others():
    loss = distance({"relu": 0.1, "tanh": 1.0})
    tables = train_all(tuning(), loss)
    alone = tables.trials[tables.trials["activation"] == "relu"]
    both = rate_curves(tables).query("activation == 'relu'").reset_index(drop=True)
    one = rate_curves(dataclasses.replace(tables, trials=alone))
    pd.testing.assert_frame_equal(one, both)


def test_the_reporting_seeds_and_the_test_split_take_no_part_in_the_choice():
    loss = distance({"relu": 0.1, "tanh": 0.1})
    tables = train_all(tuning(), loss)
    others = tables.trials["seed"] < TUNING_SEEDS
    trials = tables.trials.assign(
        validation_loss=tables.trials["validation_loss"].where(~others, -99.0),
        test_loss=-tables.trials["learning_rate"],
    )
    assert chosen(dataclasses.replace(tables, trials=trials)) == chosen(tables)


def test_a_net_of_which_a_training_is_missing_has_no_best_rate():
    tables = train_all(tuning(), distance({"relu": 0.1, "tanh": 0.1}))
    is_lacking = (
        (tables.trials["activation"] == "relu")
        & (tables.trials["seed"] == TUNING_SEEDS)
        & (tables.trials["learning_rate"] == 1.0)
    )
    part = dataclasses.replace(tables, trials=tables.trials[~is_lacking])
    assert set(rate_curves(part)["activation"]) == {"tanh"}
    assert set(at_best_rate(part)["activation"]) == {"tanh"}


def test_empty_tables_have_no_curve_and_no_best_rate():
    empty = Tables(
        trials=pd.DataFrame(columns=["key"]),
        measurements=pd.DataFrame(columns=["key"]),
        outputs=pd.DataFrame(columns=["key"]),
    )
    assert rate_curves(empty).empty
    assert at_best_rate(empty).empty


def test_the_scores_are_those_of_the_validation_split_and_diverged_nets_have_none():
    trials = pd.DataFrame(
        {
            "key": ["a", "b", "c"],
            "validation_accuracy": [0.75, 1.0, 0.1],
            "validation_loss": [0.5, 2.0, math.nan],
            "test_accuracy": 0.0,
            "test_loss": 9.0,
            "diverged": [False, False, True],
        }
    )
    tables = dataclasses.replace(Tables.empty(), trials=trials)
    error, loss = validation_error(tables), validation_loss(tables)
    assert list(error.index) == list(loss.index) == ["a", "b", "c"]
    np.testing.assert_array_equal(error, [0.25, 0.0, math.nan])
    np.testing.assert_array_equal(loss, [0.5, 2.0, math.nan])
    for score in (validation_error, validation_loss):
        assert score(Tables.empty()).empty
