"""From the tables of trainings to the scores of seeds."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.comparison.comparing.results import read_results
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.contest import Metric
from tests.comparison.comparing.made_up_results import (
    ACCURACY,
    NUM_LAYERS,
    results_of,
    tables_of,
)

GIVEN = {"relu": 0.0, "gelu": 0.03}


def read(tables, metric=ACCURACY):
    return read_results(
        tables, activations=list(GIVEN), reference="relu", metric=metric
    )


def changed(tables, **columns):
    return dataclasses.replace(tables, trials=tables.trials.assign(**columns))


def test_each_seed_is_scored_on_the_test_split_at_its_best_rate_on_the_validation_split():
    tables = tables_of(GIVEN)
    test = tables.trials["seed"] + 100.0 * tables.trials["learning_rate"]
    found = read(changed(tables, test_accuracy=test))
    assert found.scores["learning_rate"].tolist() == [0.1] * 20
    assert found.scores["value"].tolist() == [seed + 10.0 for seed in range(10)] * 2


def test_of_an_error_the_rate_with_the_least_is_best():
    tables = tables_of(GIVEN)
    error = Metric(name="error", higher_is_better=False, smallest_effect=0.01)
    found = read(
        changed(
            tables,
            validation_error=1 - tables.trials["validation_accuracy"],
            test_error=1 - tables.trials["test_accuracy"],
        ),
        error,
    )
    assert found.scores["learning_rate"].tolist() == [0.1] * 20
    assert found.contest.best == ("gelu",)


def test_a_diverged_training_is_worse_than_any_and_a_seed_lost_at_all_rates_has_no_score():
    tables = tables_of(GIVEN)
    trials = tables.trials
    is_best = trials["learning_rate"] == 0.1
    is_seed = (trials["activation"] == "gelu") & (trials["seed"] == 3)
    found = read(changed(tables, diverged=is_best & is_seed))
    assert found.scores.loc[13, "learning_rate"] != 0.1
    found = read(changed(tables, diverged=is_seed))
    assert np.isnan(found.scores.loc[13, "value"])
    assert found.contest.table["num_lost"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("best_rate", "edge"), [(0.1, {}), (1.0, {"relu": 1.0, "gelu": 1.0})]
)
def test_best_rates_at_the_edge_of_the_grid_are_told(best_rate, edge):
    assert results_of(GIVEN, best_rate=best_rate).at_edge == edge


def test_a_single_rate_has_no_edge():
    assert results_of(GIVEN, rates=(0.1,)).at_edge == {}


def test_a_schedule_has_no_rate_and_is_scored_all_the_same():
    tables = tables_of(GIVEN, rates=(0.1,))
    found = read(changed(tables, learning_rate=np.nan))
    assert len(found.scores) == 20 and found.at_edge == {}


def test_the_rates_have_the_validation_scores_with_their_intervals():
    rates = results_of(GIVEN).rates
    assert len(rates) == 6
    assert (rates["low"] <= rates["estimate"]).all()
    best = rates[rates["is_best"]]
    assert best["learning_rate"].tolist() == [0.1, 0.1]
    assert best["estimate"].tolist() == pytest.approx([0.93, 0.9], abs=0.02)
    assert best["num_chosen"].tolist() == [10, 10]


def test_layers_and_curves_are_those_at_the_best_rates():
    found = results_of(GIVEN, dead={"relu": 0.5})
    dead = found.measured("dead_units")
    assert len(dead) == 2 * 10 * 2 * NUM_LAYERS
    means = dead.groupby(["activation", "when"], observed=True)["value"].mean()
    assert means["relu", "before training"] == 0
    assert means["relu", "after training"] == 0.5
    curve = found.curve("train_loss")
    assert len(curve) == 2 * 10 * 3
    assert found.measured("nothing").empty


def test_the_frame_tells_the_activation_seed_and_rate_of_each_measurement():
    found = results_of(GIVEN)
    frame = found.frame()
    assert len(frame) == len(found.tables.measurements)
    assert "key" not in frame
    chosen = frame[frame["is_at_best_rate"]]
    assert set(chosen["learning_rate"]) == {0.1}


def test_without_any_finished_training_all_is_empty():
    found = read(Tables.empty())
    assert found.contest.table["verdict"].tolist() == ["not measured"] * 2
    assert found.at_edge == {} and found.scores.empty
