"""Grids of learning rates: their trials, and the tables of some of them."""

import pytest

from keras_rectifiers.comparison.trials.rate_grid import at_common_rate, finished
from keras_rectifiers.comparison.trials.rates import validation_error
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.trials.made_up_results import (
    RATES,
    chosen,
    distance,
    rate_grid,
    results,
)


def test_every_net_is_trained_at_every_rate_with_every_seed():
    trials = rate_grid().trials()
    assert {(t.activation, t.learning_rate, t.seed) for t in trials} == {
        (name, rate, seed)
        for name in ("relu", "tanh")
        for rate in RATES
        for seed in range(3)
    }
    assert len(trials) == 18 and {t.depth for t in trials} == {2}


def test_a_grid_is_judged_by_the_validation_error_if_nothing_else_is_said():
    grid = rate_grid()
    assert grid.score is validation_error and grid.score_name == "validation error"


def test_at_a_common_rate_every_seed_has_that_rate():
    grid = rate_grid()
    tables = results(grid.trials(), distance({"relu": 0.1, "tanh": 0.1}))
    for rate in RATES:
        at_rate = at_common_rate(tables, grid, rate)
        assert chosen(at_rate) == {"relu": [rate] * 3, "tanh": [rate] * 3}
    assert chosen(tables) == {"relu": [0.1] * 3, "tanh": [0.1] * 3}


def test_a_common_rate_leaves_the_other_trials_of_a_study_alone():
    other = rate_grid(nets=[Trial(depth=9)]).trials()
    grid = rate_grid()
    tables = results([*grid.trials(), *other], lambda trial: 1.0)
    at_rate = at_common_rate(tables, grid, 1.0).trials
    assert (at_rate["depth"] == 9).sum() == len(other)
    assert set(at_rate.loc[at_rate["depth"] == 2, "learning_rate"]) == {1.0}


def test_a_common_rate_that_is_not_of_the_grid_is_refused():
    grid = rate_grid()
    with pytest.raises(ValueError) as error:
        at_common_rate(results(grid.trials(), lambda trial: 1.0), grid, 0.2)
    assert str(error.value) == (
        "rate must be one of the grid's, [0.01, 0.1, 1.0]. Received: 0.2."
    )


def test_finished_tables_lack_the_seeds_whose_grid_is_not_finished():
    grid, other = rate_grid(), Trial(depth=9, seed=1)
    # No seed of tanh has the last rate: its own trials do not tell that there is one.
    trials = [
        trial
        for trial in grid.trials()
        if (trial.activation, trial.learning_rate) != ("tanh", 1.0)
        and (trial.activation, trial.learning_rate, trial.seed) != ("relu", 0.01, 1)
    ]
    tables = results([*trials, other], distance({"relu": 0.1, "tanh": 0.1}))
    kept = finished(tables, [grid]).trials
    nets = kept[["activation", "depth", "seed"]].drop_duplicates().values.tolist()
    assert nets == [["relu", 2, 0], ["relu", 2, 2], ["relu", 9, 1]]
    assert len(kept) == 2 * 3 + 1


def test_finished_tables_are_the_same_if_nothing_is_missing():
    grid = rate_grid()
    tables = results(grid.trials(), lambda trial: 1.0)
    assert finished(tables, [grid]) is tables
    assert finished(tables, []) is tables
    assert finished(Tables.empty(), [grid]).trials.empty


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
        ({"seeds": ()}, "RateGrid 'MLP' needs at least one seed. Received: none."),
        (
            {"nets": [Trial(), Trial(seed=3, learning_rate=7.0)]},
            "RateGrid 'MLP' needs nets that differ in more than learning rate and seed. "
            "Received: a net more than once.",
        ),
        ({"nets": ()}, "RateGrid 'MLP' needs at least one net. Received: none."),
    ],
)
def test_a_grid_that_compares_nothing_is_refused(fields, message):
    with pytest.raises(ValueError) as error:
        rate_grid(**fields)
    assert str(error.value) == message


def test_iterators_of_nets_rates_and_seeds_are_taken_and_stay():
    given = rate_grid()
    same = rate_grid(
        nets=iter(given.nets), rates=iter(given.rates), seeds=iter(given.seeds)
    )
    for _ in range(2):
        assert same.trials() == given.trials()


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
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
        rate_grid(**fields)
    assert str(raised.value).startswith(message)
