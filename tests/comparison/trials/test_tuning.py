"""The choice of learning rates, on made-up results with known best rates."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.trials.rates import (
    TUNING_SEEDS,
    at_best_rate,
    rate_curves,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.trials.tuning import Tuning, at_common_rates

RATES = (0.01, 0.1, 1.0)


def tuning(**fields) -> Tuning:
    return Tuning(
        **{
            "title": "MLP",
            "nets": [Trial(activation=name, depth=2) for name in ("relu", "tanh")],
            "rates": RATES,
            "common_rate": 0.1,
            "seeds": range(2),
            "num_tuning_seeds": 3,
            **fields,
        }
    )


def results(trials, loss) -> Tables:
    """Tables of trials whose validation error is a tenth of `loss(trial)`."""
    frame = pd.DataFrame([t.settings() for t in trials], columns=Trial().settings())
    frame.insert(0, "key", [f"{i:03}" for i in range(len(trials))])
    losses = np.array([float(loss(trial)) for trial in trials])
    frame["validation_accuracy"] = 1 - np.nan_to_num(losses, posinf=9.0, nan=9.0) / 10
    frame["diverged"] = ~np.isfinite(losses)
    # It would choose the opposite.
    frame["validation_loss"] = -losses
    none = pd.DataFrame(columns=["key"])
    return Tables(trials=frame, measurements=none, outputs=none)


def train_all(tuning: Tuning, loss) -> Tables:
    """Finishes round after round, as a run does."""
    tables = results([], loss)
    while True:
        trials = [*tuning.search(tables), *tuning.reports(tables)]
        if len(trials) == len(tables.trials):
            return tables
        tables = results(trials, loss)


def distance(best: dict):
    """A loss that is least at the rate named for the activation."""
    return lambda t: abs(math.log10(t.learning_rate) - math.log10(best[t.activation]))


def chosen(tables: Tables) -> dict:
    curves = rate_curves(tables)
    rows = curves[curves["is_chosen"]]
    return dict(zip(rows["activation"], rows["learning_rate"], strict=True))


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


def test_a_grid_is_widened_in_proportion_to_three_digits():
    rates = (0.01, 0.03, 0.1)
    tables = train_all(
        tuning(rates=rates, common_rate=0.03, num_rounds=1),
        distance({"relu": 1e-9, "tanh": 1e9}),
    )
    found = sorted(rate_curves(tables)["learning_rate"].unique())
    assert found == [0.00333, *rates, 0.333]


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


def test_the_reporting_seeds_and_the_test_split_take_no_part_in_the_choice():
    loss = distance({"relu": 0.1, "tanh": 0.1})
    tables = train_all(tuning(), loss)
    others = tables.trials["seed"] < TUNING_SEEDS
    trials = tables.trials.assign(
        validation_loss=tables.trials["validation_loss"].where(~others, -99.0),
        test_loss=-tables.trials["learning_rate"],
    )
    assert chosen(dataclasses.replace(tables, trials=trials)) == chosen(tables)


def test_the_order_of_the_rows_does_not_matter(rng):
    loss = distance({"relu": 0.1, "tanh": 10.0})
    tables = train_all(tuning(), loss)
    order = rng.permutation(len(tables.trials))
    shuffled = dataclasses.replace(tables, trials=tables.trials.iloc[order])
    pd.testing.assert_frame_equal(rate_curves(shuffled), rate_curves(tables))
    assert tuning().reports(shuffled) == tuning().reports(tables)


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


def test_empty_tables_have_no_curve_and_no_best_rate():
    empty = Tables(
        trials=pd.DataFrame(columns=["key"]),
        measurements=pd.DataFrame(columns=["key"]),
        outputs=pd.DataFrame(columns=["key"]),
    )
    assert rate_curves(empty).empty
    assert at_best_rate(empty).empty


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
