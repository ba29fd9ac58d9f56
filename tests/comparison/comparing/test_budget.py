"""How many seeds and rates fit into a time, and what they can tell."""

import itertools

import pytest

from keras_rectifiers.comparison.comparing.budget import (
    Costs,
    duration,
    measure_costs,
    plan,
    seconds_of,
    told_apart,
)
from keras_rectifiers.comparison.statistics import detectable
from keras_rectifiers.comparison.verdicts.contest import Metric
from tests.comparison.comparing.made_up_work import experiment

ACCURACY = Metric(
    name="accuracy", higher_is_better=True, smallest_effect=0.01, is_share=True
)
RATES = [0.001, 0.003, 0.01, 0.03, 0.1]


def planned(seconds, costs=None, **settings):
    return plan(
        costs or Costs(start=1.0, member_epoch=0.1),
        seconds,
        **{
            "num_activations": 3,
            "most_seeds": 50,
            "rates": RATES,
            "epochs": 10,
            "metric": ACCURACY,
            "num_test": 100,
            **settings,
        },
    )


@pytest.mark.parametrize(
    ("budget", "seconds"),
    [
        ("20 min", 1200),
        ("90s", 90),
        ("1.5 h", 5400),
        ("2 hours", 7200),
        ("1 minute", 60),
        (30, 30),
        (0.5, 0.5),
    ],
)
def test_times_are_read(budget, seconds):
    assert seconds_of(budget) == seconds


@pytest.mark.parametrize("budget", ["", "20", "min", "1.2.3 h", "5 days", 0, -3, "0 s"])
def test_what_is_no_time_is_refused(budget):
    with pytest.raises(ValueError, match=r"Expected `budget` to be.*Received: "):
        seconds_of(budget)


@pytest.mark.parametrize("budget", [True, [5], None])
def test_what_is_of_another_type_is_refused(budget):
    with pytest.raises(TypeError, match="Expected `budget` to be a time"):
        seconds_of(budget)


def test_as_many_seeds_are_planned_as_fit():
    costs = Costs(start=1.0, member_epoch=0.1)
    found = planned(300, costs)
    assert list(found.rates) == RATES
    assert found.seconds == pytest.approx(costs.total(3, found.num_seeds, 5, 10))
    assert found.seconds <= 0.85 * 300 < costs.total(3, found.num_seeds + 1, 5, 10)
    assert planned(300, workers=2).num_seeds > found.num_seeds
    assert planned(1e6).num_seeds == 50


def test_rather_fewer_rates_than_too_few_seeds_for_a_decision():
    found = planned(100)
    assert list(found.rates) == [0.003, 0.01, 0.03]
    assert found.num_seeds >= 7
    assert "3 learning rates fit into 1 min 40 s" in found.told


def test_a_budget_too_small_for_any_decision_is_refused_with_the_one_it_takes():
    message = "a `budget` of at least 1 min .* 3 activations need 7 seeds .*: 20 s."
    with pytest.raises(ValueError, match=message):
        planned(20)


def test_a_single_rate_stays():
    assert list(planned(300, rates=[None]).rates) == [None]


def test_it_is_told_how_small_a_difference_the_seeds_can_tell():
    told = told_apart(10, 2, ACCURACY, 100)
    size = 0.1**0.5 / 10 * detectable(10, 2)
    assert told == (
        f"As a guess before training, a difference of {100 * size:.1f} points is found "
        "in four of five comparisons, where the differences between seeds have a "
        "standard deviation of 3.2 points, as is usual with 100 test examples."
    )
    # With many test examples the estimate must not fall under what matters.
    assert "a difference of 1.0 points" in told_apart(30, 2, ACCURACY, 10**6)
    mse = Metric(name="mse", higher_is_better=False, smallest_effect=1.0)
    assert told_apart(10, 2, mse, 100).startswith(
        f"A difference of {detectable(10, 2):.1f} times the standard deviation"
    )
    assert "at least 7 are needed" in told_apart(5, 2, ACCURACY, 100)


def test_costs_are_those_of_a_whole_epoch_of_a_member():
    made = experiment(batch_size=1, seeds=[0, 1], rates=[0.1])  # 36 steps, 20 are run
    times = itertools.chain([0.0, 5.0], [10.0, 19.0])
    costs = measure_costs(made, clock=lambda: next(times))
    # 2 s for an epoch of 20 steps and two members; 3 s of 5 are the start.
    assert costs.member_epoch == pytest.approx(2 * 36 / 20 / 2)
    assert costs.start == pytest.approx(3)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.25, "0.2 s"), (42, "42 s"), (100, "1 min 40 s"), (1210, "20 min"), (7500, "2 h 5 min"), (7200, "2 h")],
)  # fmt: skip
def test_durations_are_short(seconds, text):
    assert duration(seconds) == text
