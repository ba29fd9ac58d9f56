"""Leaky variants at the rate that kills, on made-up tables with known answers."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.comparison.verdicts.judging import judge
from studies import dying_relu
from studies.dying_relu import leaky
from tests.studies.dying_relu.made_up_deaths import RIGHT, curves, dead, leads
from tests.studies.made_up_studies import made_up_tables, verdicts

STUDY = dying_relu.STUDY


def dies_by_seed(trial, epoch, layer):
    """Units that die from 0.03 on, and with even seeds from 0.01 on."""
    killing = 1e-2 if trial.seed % 2 == 0 else 3e-2
    is_dead = epoch > 0 and trial.learning_rate >= killing
    return {"dead_units": 0.35 * is_dead} if trial.activation == "relu" else {}


def test_leaky_nets_are_judged_at_the_lowest_rate_that_kills_units_with_the_seed():
    def accuracy(trial):
        if trial.activation == "relu":
            return 0.5
        # The rates at which they lead, and no others.
        killing = 1e-2 if trial.seed % 2 == 0 else 3e-2
        return 0.5 + 0.2 * (trial.learning_rate == killing)

    frame = judge(STUDY, made_up_tables(STUDY, dies_by_seed, accuracy=accuracy))
    rows = frame[frame["claim"] == "leaky-lives"]
    assert list(rows["case"]) == list(leaky.LEAKY)
    assert set(rows["verdict"]) == {"supported"}
    assert rows["estimate"].to_list() == pytest.approx([0.2] * 5)


def test_a_rate_is_chosen_by_dead_units_and_not_by_the_test_split(rng):
    tables = made_up_tables(STUDY, dies_by_seed)
    shuffled = tables.trials.assign(test_accuracy=rng.random(len(tables.trials)))
    other = dataclasses.replace(tables, trials=shuffled)
    found = [leaky._killing_rates(t).to_dict() for t in (tables, other)]
    assert found[0] == found[1] == {s: (3e-2 if s % 2 else 1e-2) for s in range(10)}


@pytest.mark.parametrize("is_there", [False, True])
def test_no_rate_is_judged_above_one_whose_net_is_lost(is_there):
    def measures(trial, epoch, layer):
        is_lost = trial.learning_rate == 1e-2 and trial.seed < 6 and epoch
        return {"dead_units": np.nan if is_lost else RIGHT[trial.learning_rate]}

    tables = made_up_tables(
        STUDY,
        lambda t, e, layer: {
            name: (value if e else 0.0) for name, value in measures(t, e, layer).items()
        },
        accuracy=leads(3e-2, 0.2),
    )
    if not is_there:
        rows, trials = tables.measurements, tables.trials
        lost = rows.loc[rows["value"].isna(), "key"]
        tables = type(tables)(
            trials=trials[~trials["key"].isin(lost)],
            measurements=rows[~rows["key"].isin(lost)],
            outputs=tables.outputs,
        )
    frame = judge(STUDY, tables)
    rows = frame[frame["claim"] == "leaky-lives"]
    assert set(rows["verdict"]) == {"not testable here"}
    assert set(rows["n"]) == {4} and set(rows["num_unfit"]) == {6}


def test_leaky_nets_are_not_judged_where_no_rate_kills():
    tables = made_up_tables(
        STUDY, dead(dict.fromkeys(RIGHT, 0.2)), accuracy=leads(3e-2, 0.2)
    )
    frame = judge(STUDY, tables)
    rows = frame[frame["claim"] == "leaky-lives"]
    assert set(rows["verdict"]) == {"not testable here"}
    assert set(rows["num_unfit"]) == {10}


def test_a_net_that_never_gets_to_the_threshold_is_censored():
    tables = made_up_tables(STUDY, dead(RIGHT), curves=curves(relu=99, leaky=4))
    frame = judge(STUDY, tables).set_index("claim")
    assert frame.loc["leaky-faster", "num_censored"] == 10
    assert frame.loc["leaky-faster", "verdict"] == "supported"


@pytest.mark.parametrize(
    ("relu", "leaky", "verdict"),
    [
        # Accuracy and training loss of each.
        ((0.2, 2.0), (0.8, 0.5), "supported"),
        ((0.5, 1.5), (0.2, 900.0), "contradicted"),
        # More are right, by chance alone: the leaky net does not train either.
        ((0.2, 2.0), (0.46, 1720.0), "not testable here"),
        ((0.31, 1.9), (0.46, 1720.0), "not testable here"),
        ((0.1, 2.3), (0.1, 2.3), "not testable here"),
    ],
)
def test_leaky_variants_live_only_if_they_have_learned(relu, leaky, verdict):
    def outcome(i):
        return lambda trial: (relu if trial.activation == "relu" else leaky)[i]

    tables = made_up_tables(
        STUDY, dead(RIGHT), accuracy=outcome(0), train_loss=outcome(1)
    )
    assert set(verdicts(STUDY, tables)["leaky-lives"].values()) == {verdict}
